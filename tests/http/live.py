"""The test project's ASGI application on a real port, in the event loop of the test."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from tests.http.requests import URL


@asynccontextmanager
async def serving(application: Any) -> AsyncIterator[str]:
    """Serve ``application`` with uvicorn; gives the address of its GraphQL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(application, lifespan="off", ws="none", log_level="warning")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}{URL}"
        finally:
            server.should_exit = True
            await running
