"""From a result to its socket: at once where the socket takes it, and no further than that where it
does not.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.sessions import InstanceSessionWrapper
from django.test import override_settings

from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.adapters.protocol import Operation, Subscribe
from gql_live.audience import Action, Payload
from gql_live.send_queue import Credit
from gql_live.writer import Writer
from tests.runtime.test_send_queue import payload
from tests.todo.realtime import router

C, U, S = Action.CREATED, Action.UPDATED, Action.SNAPSHOT


class Socket:
    """A transport that takes what it is given while its peer reads, and a frame after that."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.reads.set()
        self.sent: list[Any] = []
        self.code: int | None = None

    async def send(self, text: str) -> None:
        await self.reads.wait()
        self.sent.append(json.loads(text))

    async def close(self, code: int, reason: str) -> None:
        self.code = code

    @property
    def told(self) -> list[str]:
        """The results that were sent."""
        return [message["payload"] for message in self.sent if message["type"] == "next"]


class Line:
    """A writer with operations that run, and its socket."""

    def __init__(self, socket: Any = None, **options: Any) -> None:
        self.adapter = GraphQLTransportWS()
        self.adapter.receive_text('{"type":"connection_init"}')
        self.adapter.acknowledge()
        self.adapter.take_frames()
        self.socket = socket or Socket()
        self.renewed: list[Operation] = []
        self.writer = Writer(
            self.adapter, self.socket, before_close=lambda: None, renewal=self.renewal, **options
        )

    def renewal(self, operation: Operation) -> Callable[[], None] | None:
        return lambda: self.renewed.append(operation)

    def subscribe(self, name: str = "1") -> Operation:
        message = {"id": name, "type": "subscribe", "payload": {"query": "{ it }"}}
        [event] = self.adapter.receive_text(json.dumps(message))
        assert isinstance(event, Subscribe)
        return event.operation

    def say(self, operation: Operation, *results: Payload) -> None:
        for each in results:
            self.writer.say(operation, each)

    async def over(self) -> None:
        await self.writer.stop()


def result(
    action: Action | None, row: int | None = None, version: int = 0, size: int = 0
) -> Payload:
    """A result whose text is JSON, of at least so many bytes."""
    told = payload(action, row, version)
    text = json.dumps(told.text.ljust(size, "."))
    as_created = None if told.as_created is None else lambda: result(C, row, version, size)
    return Payload(action, row, text, len(text), gapless=True, as_created=as_created)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


def no_task_but_the_test() -> bool:
    return asyncio.all_tasks() == {asyncio.current_task()}


# --- at once ---


async def test_a_socket_that_takes_a_frame_has_it_before_the_next_line_of_code() -> None:
    line = Line()
    operation = line.subscribe()
    line.say(operation, result(U, 1, 1), result(U, 1, 2))
    assert line.socket.told == ["UPDATED/1/1", "UPDATED/1/2"]
    assert no_task_but_the_test()


async def test_a_socket_that_waits_keeps_nobody_else_waiting() -> None:
    lines = [Line() for _ in range(100)]
    lines[3].socket.reads.clear()
    for line in lines:
        line.say(line.subscribe(), result(U, 1, 1))
    told = [line.socket.told for line in lines]
    assert told.count(["UPDATED/1/1"]) == 99
    assert told[3] == []
    lines[3].socket.reads.set()
    await until(no_task_but_the_test)
    assert lines[3].socket.told == ["UPDATED/1/1"]


async def test_what_is_said_meanwhile_is_conflated_and_follows_in_order() -> None:
    line = Line()
    operation, other = line.subscribe(), line.subscribe("2")
    line.socket.reads.clear()
    line.say(operation, result(U, 1, 1), result(U, 1, 2), result(C, 2, 3))
    line.say(other, result(U, 1, 4))
    line.say(operation, result(U, 1, 5), result(U, 2, 6))
    line.socket.reads.set()
    await until(no_task_but_the_test)
    assert line.socket.told == ["UPDATED/1/1", "UPDATED/1/5", "CREATED/2/6", "UPDATED/1/4"]
    line.say(operation, result(U, 1, 7))
    assert line.socket.told[-1] == "UPDATED/1/7"
    assert no_task_but_the_test()


async def test_an_operation_that_is_over_is_not_heard() -> None:
    line = Line()
    operation = line.subscribe()
    line.writer.end(operation)
    line.say(operation, result(U, 1, 1))
    assert [message["type"] for message in line.socket.sent] == ["complete"]


async def test_a_send_that_is_any_awaitable_will_do() -> None:
    """ASGI asks for an awaitable callable, not for a coroutine."""

    class Posted(Socket):
        def send(self, text: str) -> Awaitable[None]:  # type: ignore[override]
            return asyncio.ensure_future(super().send(text))

    line = Line(Posted())
    line.say(line.subscribe(), result(U, 1, 1), result(U, 2, 2), result(U, 2, 3))
    await until(no_task_but_the_test)
    assert line.socket.told == ["UPDATED/1/1", "UPDATED/2/3"]


async def test_a_socket_that_cannot_even_begin_to_send_is_lost() -> None:
    class Broken(Socket):
        def send(self, text: str) -> Awaitable[None]:  # type: ignore[override]
            raise OSError

    line = Line(Broken())
    line.say(line.subscribe(), result(U, 1, 1), result(U, 2, 2))
    assert line.adapter.closing is not None
    assert no_task_but_the_test()


# --- more than may wait ---


@pytest.fixture
def small_queue() -> Iterator[None]:
    with override_settings(GQL_LIVE={"SEND_QUEUE_BYTES": 1000}):
        yield


def overflowed(line: Line, operation: Operation) -> None:
    """Nobody reads; the first frame is on its way, and the fourth does not fit behind two."""
    line.socket.reads.clear()
    line.say(operation, *(result(C, row, 1, size=400) for row in range(4)))


@pytest.mark.usefixtures("small_queue")
async def test_over_the_bound_events_are_dropped_and_told_anew_once_the_rest_is_read() -> None:
    line = Line()
    operation, other = line.subscribe(), line.subscribe("2")
    overflowed(line, operation)
    line.say(operation, result(U, 1, 2))
    line.say(other, result(U, 9, 1))
    assert line.renewed == []
    line.socket.reads.set()
    await until(no_task_but_the_test)
    assert [text.rstrip(".") for text in line.socket.told] == ["CREATED/0/1", "UPDATED/9/1"]
    assert line.renewed == [operation], "what lost nothing is not told anew"
    line.say(operation, result(S, None, 3))
    assert line.socket.told[-1] == "SNAPSHOT/None/3"


@pytest.mark.usefixtures("small_queue")
async def test_the_end_of_an_operation_is_not_dropped() -> None:
    line = Line()
    operation, refused = line.subscribe(), line.subscribe("2")
    line.socket.reads.clear()
    line.say(operation, result(U, 1, 1))
    line.say(refused, result(C, 5, 1))
    line.writer.end(refused, [{"message": "no"}])
    overflowed(line, operation)
    line.socket.reads.set()
    await until(no_task_but_the_test)
    assert [message["type"] for message in line.socket.sent] == ["next", "error"]
    assert line.renewed == [operation]


@pytest.mark.usefixtures("small_queue")
async def test_what_the_client_stopped_meanwhile_is_not_told_anew() -> None:
    line = Line()
    stopped, refused = line.subscribe(), line.subscribe("2")
    line.socket.reads.clear()
    line.say(refused, result(C, 5, 1))
    overflowed(line, stopped)
    line.writer.discard(stopped)
    line.writer.end(refused, [{"message": "no"}])
    line.socket.reads.set()
    await until(no_task_but_the_test)
    assert line.renewed == []


@pytest.mark.usefixtures("small_queue")
async def test_a_client_that_still_does_not_read_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gql_live.writer.STUCK_SECONDS", 0.01)
    line = Line()
    overflowed(line, line.subscribe())
    await until(lambda: line.socket.code == 1013)
    assert line.renewed == []
    await line.over()


@pytest.mark.usefixtures("small_queue")
async def test_one_that_has_read_the_rest_in_time_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gql_live.writer.STUCK_SECONDS", 0.01)
    line = Line()
    overflowed(line, line.subscribe())
    line.socket.reads.set()
    await until(no_task_but_the_test)
    deadline = asyncio.get_running_loop().time() + 0.03
    await until(lambda: asyncio.get_running_loop().time() > deadline)
    assert line.socket.code is None


@pytest.mark.usefixtures("small_queue")
async def test_a_client_for_which_too_much_comes_again_before_it_has_read_is_closed() -> None:
    line = Line()
    operation, query = line.subscribe(), line.subscribe("2")
    overflowed(line, operation)
    line.say(query, result(None, size=600), result(None, size=600))
    await until(lambda: line.socket.code == 1013)
    await line.over()


async def test_a_close_right_behind_a_frame_that_waits_is_not_lost() -> None:
    line = Line()
    line.socket.reads.clear()
    line.say(line.subscribe(), result(U, 1, 1))
    line.adapter.receive_text("nonsense")
    line.writer.wake()
    await until(lambda: line.socket.code == 4400)
    await line.over()


@pytest.mark.usefixtures("small_queue")
async def test_a_client_whose_dialect_knows_no_resync_is_closed_at_once() -> None:
    line = Line()
    line.writer = Writer(line.adapter, line.socket, before_close=lambda: None)
    overflowed(line, line.subscribe())
    await until(lambda: line.socket.code == 1013)
    await line.over()


# --- a server that never says that a peer has stopped reading ---


async def test_no_more_is_given_to_such_a_server_than_its_peer_has_credit_for() -> None:
    line = Line(credit=Credit(window=1000, step=400))
    operation = line.subscribe()
    line.say(operation, *(result(U, row, 1, size=100) for row in range(100)))
    pings = [message for message in line.socket.sent if message["type"] == "ping"]
    assert len(line.socket.told) < 10
    assert len(pings) == 2
    assert no_task_but_the_test()
    line.say(operation, result(U, 99, 2))
    while len(line.socket.told) < 100:
        line.writer.acknowledge(pings.pop(0)["payload"])
        sent = len(line.socket.sent)
        line.writer.wake()
        pings += [each for each in line.socket.sent[sent:] if each["type"] == "ping"]
    assert [text.split("/")[1] for text in line.socket.told] == [str(row) for row in range(100)]
    assert line.socket.told[-1] == "UPDATED/99/2"


@pytest.mark.usefixtures("small_queue")
async def test_a_peer_without_credit_is_told_anew_when_it_has_some() -> None:
    line = Line(credit=Credit(window=300, step=200))
    operation = line.subscribe()
    line.say(operation, *(result(C, row, 1, size=400) for row in range(5)))
    assert len(line.socket.told) == 1
    [ping] = [message for message in line.socket.sent if message["type"] == "ping"]
    line.writer.wake()
    assert line.renewed == []
    line.writer.acknowledge(ping["payload"])
    line.writer.wake()
    assert line.renewed == [operation]
    await line.over()


@pytest.mark.usefixtures("small_queue")
async def test_a_peer_that_asks_and_does_not_read_is_closed() -> None:
    """Answers need credit too, or its pings would fill the server's memory."""
    line = Line(credit=Credit(window=300, step=200))
    ping = json.dumps({"type": "ping", "payload": {"": "x" * 200}})
    for _ in range(20):
        line.adapter.receive_text(ping)
        line.writer.wake()
    await until(lambda: line.socket.code == 1013)
    assert len(line.socket.sent) < 5


# --- what lies between a consumer and its server ---


class Server:
    """An ASGI server's side of one socket, whose peer says one thing and leaves."""

    def __init__(self) -> None:
        self.given: list[str] = []

    async def send(self, message: Any) -> None:
        self.given.append(message["type"])

    async def serve(self, application: Any) -> None:
        inbox: asyncio.Queue[Any] = asyncio.Queue()
        for message in (
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": '{"type":"ping"}'},
            {"type": "websocket.disconnect", "code": 1000},
        ):
            inbox.put_nowait(message)
        scope = {"type": "websocket", "path": "/graphql/", "headers": [], "query_string": b""}
        scope["subprotocols"] = ["graphql-transport-ws"]
        await application(scope, inbox.get, self.send)
        assert self.given == ["websocket.accept", "websocket.send"]


@pytest.fixture
def consumer(transactional_db: None) -> Any:
    return router.as_consumer().as_asgi()


@pytest.fixture
def looks_at_the_session(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages at which Channels' session middleware looks at the session."""
    seen = []
    send = InstanceSessionWrapper.send

    async def noted(wrapper: Any, message: Any) -> None:
        seen.append(message["type"])
        await send(wrapper, message)

    monkeypatch.setattr(InstanceSessionWrapper, "send", noted)
    return seen


async def test_a_frame_goes_past_the_session_middleware(
    consumer: Any, looks_at_the_session: list[str]
) -> None:
    await Server().serve(AuthMiddlewareStack(consumer))
    assert looks_at_the_session == ["websocket.accept"]


async def test_unless_the_project_has_it_save_sessions_with_frames(
    consumer: Any, looks_at_the_session: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InstanceSessionWrapper, "save_message_types", ["websocket.send"])
    await Server().serve(AuthMiddlewareStack(consumer))
    assert looks_at_the_session == ["websocket.accept", "websocket.send"]


async def test_a_frame_passes_all_other_middleware(consumer: Any) -> None:
    seen = []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        async def noted(message: Any) -> None:
            seen.append(message["type"])
            await send(message)

        await consumer(scope, receive, noted)

    await Server().serve(AuthMiddlewareStack(noting))
    assert seen == ["websocket.accept", "websocket.send"]
