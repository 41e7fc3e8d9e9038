"""A socket that is lost while something is said to it: nobody else hears of that."""

import asyncio
import gc
import json
from typing import Any

import pytest

from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.adapters.protocol import Close, CloseCode
from gql_live.writer import Writer


class Disconnected(OSError):
    """What ASGI has `send` raise once the peer is gone."""


class Socket:
    """A transport that is lost at some point."""

    def __init__(self) -> None:
        self.lost = False
        self.sent: list[Any] = []

    async def send(self, text: str) -> None:
        self._require()
        self.sent.append(json.loads(text))

    async def close(self, code: int, reason: str) -> None:
        await asyncio.sleep(0)
        self._require()
        self.sent.append(code)

    def _require(self) -> None:
        if self.lost:
            raise Disconnected


@pytest.fixture
async def complaints() -> list[Any]:
    """What the event loop had to complain of: exceptions that nobody took."""
    heard: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: heard.append(what))
    return heard


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)


async def test_a_peer_that_goes_as_it_is_closed_is_no_fault(complaints: list[Any]) -> None:
    adapter, socket = GraphQLTransportWS(), Socket()
    writer = Writer(adapter, socket, before_close=lambda: None)
    adapter.fail(Close(CloseCode.BAD_REQUEST, "Invalid message"))
    writer.wake()
    socket.lost = True
    await settled()
    del writer
    await settled()
    assert complaints == []


async def test_who_still_speaks_after_the_end_is_not_heard(complaints: list[Any]) -> None:
    """An evaluation that began before the disconnect has its results for the gone subscriber."""
    adapter, socket = GraphQLTransportWS(), Socket()
    writer = Writer(adapter, socket, before_close=lambda: None)
    adapter.receive_text('{"type":"ping"}')
    writer.wake()
    assert socket.sent == [{"type": "pong"}]
    await writer.stop()
    adapter.fail(Close(CloseCode.GOING_AWAY))
    writer.wake()
    await settled()
    assert socket.sent == [{"type": "pong"}]
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert complaints == []
