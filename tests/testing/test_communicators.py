"""The communicators by themselves, in pytest's style."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from ariadne import SubscriptionType
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session

from gql_live import RealtimeRouter
from gql_live.testing import (
    APICommunicator,
    GraphQLCommunicator,
    OperationError,
    SocketClosed,
    async_test,
    get_headers_for_user,
)
from tests.asgi import application
from tests.todo.models import List, Task
from tests.todo.views import TaskViewSet

TYPE_DEFS = "type Subscription { count(to: Int!): Int! }"
COUNT = "subscription ($to: Int!) { count(to: $to) }"
TASKS = "subscription { tasks(snapshot: true) { action instances { text } } }"


@pytest.fixture
def ada(transactional_db: None) -> Any:
    return get_user_model().objects.create_user("ada", password="ada")


def asgi(events: list[dict[str, Any]]) -> Any:
    """An application that says ``events``, each when something came in, and then listens."""

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        for event in events:
            await receive()
            await send(event)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    return application


ACCEPT = {"type": "websocket.accept", "subprotocol": "graphql-transport-ws"}
ACK = {"type": "websocket.send", "text": '{"type":"connection_ack"}'}
PING = {"type": "websocket.send", "text": '{"type":"ping","payload":{"n":1}}'}
PONG = {"type": "websocket.send", "text": '{"type":"pong"}'}


def refused_handshake() -> Any:
    return asgi([{"type": "websocket.close", "code": 4003}])


def refused_introduction() -> Any:
    return asgi([ACCEPT, {"type": "websocket.close", "code": 4403, "reason": "Forbidden"}])


@pytest.mark.parametrize(
    ("app", "said"),
    [(refused_handshake, "4003"), (refused_introduction, "4403 Forbidden")],
    ids=["at the handshake", "at connection_init"],
)
async def test_a_refused_client_is_told_the_close_code(app: Any, said: str) -> None:
    with pytest.raises(SocketClosed, match=f"^{said}$"):
        async with GraphQLCommunicator(app()):
            pass


async def test_a_closed_socket_stays_closed() -> None:
    app = asgi([ACCEPT, ACK, {"type": "websocket.close", "code": 1012, "reason": "Restart"}])
    async with GraphQLCommunicator(app) as client:
        await client.send({"type": "ping"})
        for _ in range(2):
            with pytest.raises(SocketClosed) as closed:
                await client.receive(None)
            assert (closed.value.code, closed.value.reason) == (1012, "Restart")


async def test_the_servers_ping_is_answered_and_not_shown() -> None:
    async with GraphQLCommunicator(asgi([ACCEPT, ACK, PING, PONG])) as client:
        await client.send({"type": "ping"})
        # The second message that the application waits for is the answer to its ping.
        assert await client.receive(None) == {"type": "pong"}


async def test_what_does_not_come_is_named_and_the_socket_lives_on() -> None:
    app = asgi([ACCEPT, ACK, PONG])
    async with GraphQLCommunicator(app, timeout=0.05) as client:
        with pytest.raises(TimeoutError, match=r"No message of operation 1 came within 0\.05 s"):
            await anext(client.subscribe("subscription { tasks { id } }"))
        assert await client.receive(None) == {"type": "pong"}


async def test_an_application_that_fails_fails_the_test() -> None:
    async def broken(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(ACCEPT)
        await receive()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with GraphQLCommunicator(broken, timeout=0.05):
            pass


async def test_results_are_iterated_to_the_end_and_no_further() -> None:
    counting = SubscriptionType()

    @counting.source("count")
    async def count(_root: Any, _info: Any, to: int) -> AsyncGenerator[int, None]:
        for number in range(to):
            yield number

    counting.set_field("count", lambda number, _info, **_arguments: number)
    router = RealtimeRouter(type_defs=[TYPE_DEFS], bindables=[counting])
    router.register(TaskViewSet)
    async with GraphQLCommunicator(router.as_consumer().as_asgi()) as client:
        stream = client.subscribe(COUNT, {"to": 3})
        assert [result["data"]["count"] async for result in stream] == [0, 1, 2]
        assert [result async for result in stream] == []


async def test_an_operation_that_fails_raises_its_errors_and_is_over(ada: Any) -> None:
    async with GraphQLCommunicator(application) as client:
        stream = client.subscribe(TASKS)
        with pytest.raises(OperationError) as refused:
            await anext(stream)
        assert refused.value.code == "UNAUTHENTICATED"
        assert [result async for result in stream] == []


async def test_a_stopped_subscription_ends_its_loop(ada: Any) -> None:
    seen = 0
    async with GraphQLCommunicator(application, user=ada) as client:
        stream = client.subscribe(TASKS)
        async for _result in stream:
            seen += 1
            await stream.stop()
    assert seen == 1


async def test_a_write_is_told_to_a_browsers_client(ada: Any) -> None:
    headers = await get_headers_for_user(ada)
    todo = await List.objects.acreate(name="ada's", owner=ada)
    async with GraphQLCommunicator(application, headers=headers) as client:
        stream = client.subscribe(TASKS)
        await anext(stream)
        arrives = asyncio.ensure_future(anext(stream))
        await Task.objects.acreate(text="New", list=todo)
        assert (await arrives)["data"]["tasks"]["action"] == "CREATED"


async def test_extra_values_are_put_into_the_scope() -> None:
    seen: dict[str, Any] = {}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)
        await receive()
        await send({"type": "websocket.accept", "subprotocol": scope["subprotocols"][0]})
        await receive()

    client = APICommunicator(
        application, "/ws/?a=1", [(b"cookie", b"x=y")], ["chat"], client=["10.0.0.1", 5]
    )
    assert await client.connect() == (True, "chat")
    await client.disconnect()
    assert (seen["path"], seen["query_string"], seen["scheme"]) == ("/ws/", b"a=1", "ws")
    assert (seen["headers"], seen["client"]) == ([(b"cookie", b"x=y")], ["10.0.0.1", 5])
    assert seen["server"] == ("testserver", "80")


class Case:
    """Keeps a diary of a test's life."""

    def __init__(self) -> None:
        self.diary: list[str] = []

    async def asyncSetUp(self) -> None:
        self.diary.append("set up")

    async def asyncTearDown(self) -> None:
        self.diary.append("torn down")

    @async_test
    async def passes(self, what: str) -> str:
        self.diary.append(what)
        return what

    @async_test
    async def fails(self) -> None:
        raise ZeroDivisionError


class BareCase:
    """Has neither."""

    @async_test
    async def passes(self) -> bool:
        return True


async def test_an_async_test_runs_between_set_up_and_tear_down() -> None:
    case = Case()
    assert await case.passes("tested") == "tested"
    assert case.diary == ["set up", "tested", "torn down"]
    assert case.passes.__name__ == "passes"
    assert await BareCase().passes()


async def test_an_async_test_that_fails_is_torn_down_too() -> None:
    case = Case()
    with pytest.raises(ZeroDivisionError):
        await case.fails()
    assert case.diary == ["set up", "torn down"]


async def test_the_headers_of_a_user_are_those_of_a_session(ada: Any) -> None:
    [(name, value)] = await get_headers_for_user(ada)
    assert name == b"cookie"
    assert value.startswith(b"sessionid=")
    session = await Session.objects.aget(pk=value.removeprefix(b"sessionid=").decode())
    assert session.get_decoded()["_auth_user_id"] == str(ada.pk)
