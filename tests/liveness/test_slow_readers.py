"""A client stops reading for a while, of a real server: little waits for it there, and it ends up
with what is so.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection

from tests.liveness.server import Server, introduced
from tests.liveness.test_server_shutdown import change_in

ALIASES: Final = 1000
WIDE: Final = " ".join(f"t{number}: text" for number in range(ALIASES))
SUBSCRIPTION: Final = f"subscription {{ tasks(snapshot: true) {{ action instance {{ {WIDE} }} }} }}"
LIMITS: Final = {"MAX_ALIASES": 10_000, "MAX_TOKENS": 10_000}
CASES: Final = {
    # Writes, and the most bytes that wait: of what the kernel buffers on the way; of what was
    # sent without being acknowledged.
    "uvicorn": (40, 6_000_000),
    "daphne": (15, 2_000_000),
}


class Reader:
    """A subscriber of Ada's that answers pings whenever it reads."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.bytes = 0

    async def change(self) -> Any:
        """Action and text of the next change."""
        while True:
            async with asyncio.timeout(30):
                frame = await self._connection.recv(decode=False)
            self.bytes += len(frame)
            message = json.loads(frame)
            if message["type"] != "ping":
                change = change_in(frame)
                return change["action"], (change["instance"] or {}).get("t0")
            await self._connection.send(json.dumps({**message, "type": "pong"}))


@asynccontextmanager
async def reader(server: Server) -> AsyncIterator[Reader]:
    """One that has its snapshot, and a kernel that buffers little of what it does not read."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", server.port))
    async with server.connect(sock=raw, max_queue=1, compression=None) as connection:
        await introduced(connection)
        subscribe = {"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION}}
        await connection.send(json.dumps(subscribe))
        made = Reader(connection)
        assert await made.change() == ("SNAPSHOT", None)
        yield made


@pytest.mark.parametrize("program", CASES)
async def test_little_waits_for_who_does_not_read_and_nobody_else_waits(
    program: str, database: Any
) -> None:
    writes, most = CASES[program]
    async with (
        Server(program, database, **LIMITS) as server,
        server.http() as http,
        reader(server) as stuck,
        reader(server) as healthy,
    ):
        for number in range(writes):
            text = f"{number}".ljust(200, "x")
            response = await http.patch("/api/tasks/1/", json={"text": text})
            assert response.status_code == 200
            assert await healthy.change() == ("UPDATED", text)
        assert healthy.bytes > writes * ALIASES * 200 > most
        while (change := await stuck.change()) != ("UPDATED", text):
            assert change[0] == "UPDATED"
        assert stuck.bytes < most
        response = await http.patch("/api/tasks/1/", json={"text": "in time"})
        assert await stuck.change() == ("UPDATED", "in time")
    assert "Traceback" not in server.log()
