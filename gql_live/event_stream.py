"""GraphQL over Server-Sent Events: one HTTP response is one connection (graphql-sse's PROTOCOL.md,
distinct connections mode).
"""

import asyncio
import json
from collections.abc import AsyncGenerator

import django
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from gql_live.adapters.graphql_sse import CONTENT_TYPE, GraphQLSSE
from gql_live.adapters.messages import JsonObject
from gql_live.audience import Principal
from gql_live.connection import Connection, Gateway

_HEADERS = {
    "Cache-Control": "no-cache",
    # nginx collects a response before it passes it on, and middleware compresses it piece by
    # piece into what a client cannot read before the end: neither touches it now.
    "X-Accel-Buffering": "no",
    "Content-Encoding": "identity",
}


def obstacle(request: HttpRequest) -> str | None:
    """Why this server cannot stream events in answer to ``request``, if so."""
    if not isinstance(request, ASGIRequest):
        return "An event stream needs an ASGI server; this one is WSGI."
    if django.VERSION < (5, 0):
        return "An event stream needs Django 5.0, the first to notice that a client has left."
    return None


def event_stream(
    gateway: Gateway, request: HttpRequest, payload: JsonObject, principal: Principal
) -> StreamingHttpResponse:
    """The response that streams the results of the GraphQL request in ``payload``."""
    return StreamingHttpResponse(
        _events(gateway, request, payload, principal),
        content_type=f"{CONTENT_TYPE}; charset=utf-8",
        headers=_HEADERS,
    )


async def _events(
    gateway: Gateway, request: HttpRequest, payload: JsonObject, principal: Principal
) -> AsyncGenerator[str, None]:
    """The pieces of the body. Nothing exists before the first is asked for, and nothing is left
    once no more are, whoever had enough.
    """
    adapter = GraphQLSSE()
    adapter.ping()  # some browsers wait for a first byte before they call a stream open
    body = _Body()
    connection = Connection(
        adapter,
        gateway,
        body,
        identify=lambda _credentials: principal,
        context={"request": request},
    )
    try:
        connection.receive(json.dumps(payload), None)
        while (piece := await body.next_piece()) is not None:
            yield piece
            body.taken()
    finally:
        await connection.closed()


class _Body:
    """The response's body as a connection sees its socket: one piece at a time is on its way, so
    what a slow client does not take waits, and is bounded, in the send queue.
    """

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()

    async def send(self, text: str) -> None:
        """Give the server a piece; returns when it has taken it."""
        self._pieces.put_nowait(text)
        await self._pieces.join()

    async def close(self, code: int, reason: str) -> None:
        """End the body. HTTP has no word for the reason: a client reads it in what is missing, a
        ``complete``.
        """
        del code, reason
        self._pieces.put_nowait(None)

    async def next_piece(self) -> str | None:
        """The next piece; None at the end."""
        return await self._pieces.get()

    def taken(self) -> None:
        """The server has taken the piece."""
        self._pieces.task_done()
