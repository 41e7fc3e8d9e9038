"""A peer that is gone without a word: its end of the connection is open, and says nothing."""

import asyncio
import contextlib
import json
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import pytest
import uvicorn
from django.contrib.auth import get_user_model
from django.test import override_settings
from rest_framework.authtoken.models import Token
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from gql_live.broadcaster import Broadcaster
from gql_live.shutdown import Shutdown
from tests.asgi import application

KEEPALIVE: Final = 0.8
LATE: Final = 0.4  # half an interval: a busy machine's
PATIENCE: Final = 10
TASKS = "subscription { tasks(snapshot: true) { action } }"


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[int]:
    """The test project in this event loop, at a port, under uvicorn."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(application, lifespan="off", log_level="warning")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running


class DeadPeer:
    """A WebSocket client over bare TCP that hears all and, once introduced, answers nothing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._heard: deque[Frame] = deque()
        self._protocol = ClientProtocol(
            parse_uri("ws://127.0.0.1/graphql/"),
            subprotocols=[Subprotocol("graphql-transport-ws")],
        )

    async def shake_hands(self) -> None:
        self._protocol.send_request(self._protocol.connect())
        await self._flush()
        await self._read()

    async def say(self, **message: Any) -> None:
        self._protocol.send_text(json.dumps(message).encode())
        await self._flush()

    async def hear(self) -> Frame:
        """The next frame; what the protocol would answer to it stays unsaid."""
        while not self._heard:
            await self._read()
        return self._heard.popleft()

    async def message(self, kind: str) -> Any:
        """The next message of this type, past all others."""
        while (message := json.loads(bytes((await self.hear()).data)))["type"] != kind:
            pass
        return message

    async def _read(self) -> None:
        async with asyncio.timeout(PATIENCE):
            self._protocol.receive_data(await self._reader.read(1000))
        events = self._protocol.events_received()
        self._heard.extend(event for event in events if isinstance(event, Frame))

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._writer.write(data)
        await self._writer.drain()

    def hang_up(self) -> None:
        self._writer.close()


@pytest.fixture
def token(transactional_db: None) -> str:
    ada = get_user_model().objects.create_user("ada")
    return str(Token.objects.create(user=ada).key)


@pytest.fixture
async def peer(transactional_db: None) -> AsyncIterator[DeadPeer]:
    with override_settings(GQL_LIVE={"KEEPALIVE": KEEPALIVE}):
        async with serving() as port:
            peer = DeadPeer(*await asyncio.open_connection("127.0.0.1", port))
            await peer.shake_hands()
            yield peer
            peer.hang_up()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0)


async def test_a_dead_peer_is_closed_within_two_intervals(token: str, peer: DeadPeer) -> None:
    await peer.say(type="connection_init", payload={"Authorization": f"Token {token}"})
    assert await peer.message("connection_ack")
    await peer.say(type="subscribe", id="1", payload={"query": TASKS})
    last_word = asyncio.get_running_loop().time()
    assert await peer.message("next")
    assert Broadcaster.running().listening

    frame = await peer.hear()
    while frame.opcode is not Opcode.CLOSE:
        assert json.loads(bytes(frame.data)) == {"type": "ping"}
        frame = await peer.hear()
    silence = asyncio.get_running_loop().time() - last_word
    assert bytes(frame.data) == (1012).to_bytes(2) + b"No sign of life"
    assert KEEPALIVE <= silence <= 2 * KEEPALIVE + LATE
    await until(lambda: not Broadcaster.running().listening)
    await until(lambda: not Shutdown.running()._open)


async def test_a_peer_that_is_heard_is_not_closed(peer: DeadPeer) -> None:
    await peer.say(type="connection_init")
    for _ in range(3):
        assert await peer.message("ping")
        await peer.say(type="pong")
