"""A client that holds rows, as the changes that it is told of make them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

SECONDS = 45  # less than the minute after which every audience is looked at in any case
TRANSPORT_WS = Subprotocol("graphql-transport-ws")
SUBSCRIPTION = """
subscription { tasks(filter: {list: 1}, snapshot: true) {
  action id instance { text } instances { id text }
} }
"""


class Replica:
    """The shared list of the demo, by key, as ada's subscription tells it on a socket of her own.

    `told`: the actions and texts of the changes since the rows were last taken anew.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.rows: dict[str, str] = {}
        self.told: list[tuple[str, str | None]] = []
        self.snapshots = 0

    @property
    def port(self) -> int:
        """Where the socket stands, on this side."""
        port: int = self._socket.local_address[1]
        return port

    async def until(self, condition: Callable[["Replica"], object]) -> None:
        """Take changes until the condition is true; fail after a deadline."""
        try:
            async with asyncio.timeout(SECONDS):
                while not condition(self):
                    await self._take()
        except TimeoutError:
            pytest.fail(f"told only {self.told[-5:]}, {self.snapshots} snapshots; has {self.rows}")

    async def _take(self) -> None:
        message = json.loads(await self._socket.recv())
        if message["type"] == "ping":
            await self._socket.send('{"type":"pong"}')
            return
        assert message["type"] == "next", message
        change: Any = message["payload"]["data"]["tasks"]
        instance = change["instance"]
        match change["action"]:
            case "SNAPSHOT":
                self.snapshots += 1
                self.rows = {each["id"]: each["text"] for each in change["instances"]}
                self.told.clear()
                return
            case "DELETED":
                del self.rows[change["id"]]
            case "CREATED" | "UPDATED":
                self.rows[change["id"]] = instance["text"]
        self.told.append((change["action"], instance and instance["text"]))


@asynccontextmanager
async def replica(url: str) -> AsyncIterator[Replica]:
    """A replica that has its first rows, until the block ends."""
    async with connect(url, subprotocols=[TRANSPORT_WS], origin=Origin(url)) as socket:
        credentials = {"Authorization": "Token demo-ada"}
        await socket.send(json.dumps({"type": "connection_init", "payload": credentials}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        subscribe = {"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION}}
        await socket.send(json.dumps(subscribe))
        made = Replica(socket)
        await made.until(lambda each: each.snapshots)
        yield made
