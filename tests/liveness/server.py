"""The test project as a real server runs it: in a process of its own, on a real port."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.services import free_port, is_listening

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 30
STOP_SECONDS: Final = 30
CREDENTIALS: Final = {"Authorization": "Token token-ada"}

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "uvicorn": ("uvicorn", "--host", "127.0.0.1", "--port", "{port}"),
    "daphne": ("daphne", "--bind", "127.0.0.1", "--port", "{port}"),
}


def environment(database: Path, gql_live: Mapping[str, Any]) -> dict[str, str]:
    """That of a process of the served test project."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.liveness.served_settings",
        "DATABASE": str(database),
        "GQL_LIVE": json.dumps(gql_live),
    }


class Server:
    """One process of it; ``async with`` starts it, and kills it where it still runs.

    ``gql_live`` are its settings; its log is beside its database.
    """

    def __init__(self, program: str, database: Path, **gql_live: Any) -> None:
        self.port = free_port()
        self._command = [each.format(port=self.port) for each in COMMANDS[program]]
        self._environment = environment(database, gql_live)
        self._log = database.with_suffix(".log")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def connect(self, subprotocol: str | None = "graphql-transport-ws", **options: Any) -> connect:
        """A WebSocket to its GraphQL."""
        offered = None if subprotocol is None else [Subprotocol(subprotocol)]
        url = f"ws://{self.address}/graphql/"
        return connect(url, subprotocols=offered, proxy=None, **options)

    def http(self) -> httpx.AsyncClient:
        """An HTTP client of Ada's."""
        return httpx.AsyncClient(
            base_url=f"http://{self.address}", headers=CREDENTIALS, trust_env=False
        )

    def log(self) -> str:
        """What it has logged so far."""
        return self._log.read_text()

    def terminate(self) -> None:
        """Send it a SIGTERM."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait until it has ended by itself; its exit status."""
        assert self._process is not None
        async with asyncio.timeout(STOP_SECONDS):
            return await self._process.wait()

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.returncode is None

    async def __aenter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self._command,
                "tests.liveness.asgi:application",
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                while not is_listening("127.0.0.1", self.port):
                    assert self.runs, f"It did not start:\n{self.log()}"
                    await asyncio.sleep(0.05)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_exception: object) -> None:
        assert self._process is not None
        if self.runs:
            self._process.kill()
            await self._process.wait()


async def introduced(socket: ClientConnection) -> ClientConnection:
    """Ada introduces herself on a socket."""
    await socket.send(json.dumps({"type": "connection_init", "payload": CREDENTIALS}))
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}
    return socket
