"""SIGTERM within one process: what is done before the server's own handler hears of it."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from django.test import override_settings

from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.connection import Connection
from gql_live.principals import principal_of_scope
from gql_live.testing import APICommunicator, GraphQLCommunicator, SocketClosed
from tests.asgi import application
from tests.todo.realtime import router

PATIENCE = 10
Connect = Callable[[], Any]


class Server:
    """What a server does about SIGTERM: it sets a handler, and is told."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, _signum: int, _frame: Any) -> None:
        self.told += 1

    async def has_been_told(self, times: int = 1) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.told < times:
                await asyncio.sleep(0)
        assert self.told == times


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    before = signal.signal(signal.SIGTERM, server)
    yield server
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """``await connect()`` gives a connected client; all are closed at the end."""
    async with AsyncExitStack() as stack:

        async def connected() -> GraphQLCommunicator:
            return await stack.enter_async_context(GraphQLCommunicator(application))

        yield connected


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def close_of(client: GraphQLCommunicator) -> tuple[int, str, float]:
    """How a client is closed, and when."""
    with pytest.raises(SocketClosed) as closed:
        await client.receive(None)
    return closed.value.code, closed.value.reason, time.monotonic()


async def test_connections_are_closed_first_and_then_the_server_is_told(
    server: Server, connect: Connect
) -> None:
    clients = [await connect() for _ in range(3)]
    told_at_close = []
    with override_settings(GQL_LIVE={"SHUTDOWN_PACE": 20}):
        terminate()
        for client in clients:
            assert (await close_of(client))[:2] == (1012, "Service restart")
            told_at_close.append(server.told)
            await client._communicator.disconnect()
        await server.has_been_told()
    assert told_at_close == [0, 0, 0]


async def test_they_are_closed_faster_where_there_are_many(
    server: Server, connect: Connect
) -> None:
    clients = [await connect() for _ in range(5)]
    with override_settings(GQL_LIVE={"SHUTDOWN_PACE": 1, "SHUTDOWN_SECONDS": 0.25}):
        terminate()
        times = [when for *_, when in await asyncio.gather(*map(close_of, clients))]
    assert 0.15 < times[-1] - times[0] < 2


async def test_who_comes_meanwhile_is_closed_at_once(server: Server, connect: Connect) -> None:
    clients = [await connect() for _ in range(2)]
    with override_settings(GQL_LIVE={"SHUTDOWN_PACE": 0.1}):
        terminate()
        await close_of(clients[0])
        with pytest.raises(SocketClosed, match="1012"):
            await connect()
        assert server.told == 0
        terminate()


async def test_a_second_signal_goes_to_the_server_at_once(server: Server, connect: Connect) -> None:
    clients = [await connect() for _ in range(2)]
    with override_settings(GQL_LIVE={"SHUTDOWN_PACE": 0.1}):
        terminate()
        await close_of(clients[0])
        assert server.told == 0
        terminate()
        assert server.told == 1


async def test_without_connections_the_server_is_told_at_once(
    server: Server, connect: Connect
) -> None:
    async with GraphQLCommunicator(application):
        assert signal.getsignal(signal.SIGTERM) is not server
    assert signal.getsignal(signal.SIGTERM) is server


def test_a_loop_that_runs_no_more_is_not_asked(server: Server) -> None:
    client = APICommunicator(application, "/graphql/")
    with asyncio.Runner() as runner:
        runner.run(client.connect())
        assert signal.getsignal(signal.SIGTERM) is not server
        terminate()
        assert server.told == 1


async def test_a_handler_that_was_laid_over_ours_is_told_too(
    server: Server, connect: Connect
) -> None:
    heard = []
    client = await connect()
    ours: Any = signal.getsignal(signal.SIGTERM)

    def over(signum: int, frame: Any) -> None:
        heard.append(signum)
        ours(signum, frame)

    signal.signal(signal.SIGTERM, over)
    await client._communicator.disconnect()
    assert signal.getsignal(signal.SIGTERM) is over
    again = await connect()
    terminate()
    assert (await close_of(again))[0] == 1012
    await again._communicator.disconnect()
    await server.has_been_told()
    assert heard == [signal.SIGTERM]


async def test_the_server_is_told_at_once_when_the_last_one_leaves_by_itself(
    server: Server, connect: Connect
) -> None:
    client = await connect()
    with override_settings(GQL_LIVE={"SHUTDOWN_PACE": 0.1}):
        terminate()
        await client._communicator.disconnect()
        await server.has_been_told()


async def test_a_signal_that_is_ignored_stays_ignored(server: Server, connect: Connect) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    await connect()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_outside_the_main_thread_connections_open_as_ever(server: Server) -> None:
    async def connected() -> None:
        async with GraphQLCommunicator(application) as client:
            await client.send({"type": "ping"})
            assert await client.receive(None) == {"type": "pong"}
            assert signal.getsignal(signal.SIGTERM) is server

    asyncio.run(asyncio.to_thread(asyncio.run, connected()))


class StuckSocket:
    """A peer that reads nothing, not even a close."""

    async def send(self, text: str) -> None:
        await asyncio.Event().wait()

    async def close(self, code: int, reason: str) -> None:
        await asyncio.Event().wait()


async def test_a_peer_that_does_not_read_is_not_waited_for(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gql_live.shutdown.PATIENCE", "gql_live.writer._DRAIN_PATIENCE"):
        monkeypatch.setattr(name, 0.1)
    scope: dict[str, Any] = {"type": "websocket", "headers": []}
    stuck = Connection(
        GraphQLTransportWS(),
        router.gateway,
        StuckSocket(),
        identify=lambda credentials: principal_of_scope(scope, credentials),
        context={},
    )
    stuck.receive('{"type":"ping"}', None)
    client = await connect()
    terminate()
    assert (await close_of(client))[0] == 1012
    await server.has_been_told()
    await stuck.closed()
