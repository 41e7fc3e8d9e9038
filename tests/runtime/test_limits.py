"""Every limit, and what is said over it."""

import json
from typing import Any

import pytest
from django.test import override_settings

from gql_live.exceptions import DocumentRejected
from gql_live.limits import ConnectionCount, DocumentLimits, MessageLimits
from gql_live.operations import Documents
from gql_live.testing import GraphQLCommunicator, OperationError, SocketClosed
from tests.runtime.conftest import Connect, People
from tests.runtime.schemas import SCHEMA
from tests.runtime.test_flows import TASKS, started
from tests.runtime.test_refusals import app_of
from tests.todo.models import Task
from tests.todo.views import TaskViewSet


def limited(**limits: int) -> Documents:
    every = {"depth": 10, "aliases": 10, "root_fields": 10, **limits}
    return Documents(SCHEMA, capacity=1, max_tokens=10_000, rules=[DocumentLimits(**every).rule()])


BOMB = (
    "{ ...F0 } "
    + " ".join(
        f"fragment F{n} on Query {{ a{n}: __typename ...F{n + 1} ...F{n + 1} }}" for n in range(25)
    )
    + " fragment F25 on Query { task(id: 1) { id } }"
)


@pytest.mark.parametrize(
    ("limits", "query", "said"),
    [
        ({"depth": 2}, "{ task(id: 1) { id } }", None),
        ({"depth": 1}, "{ task(id: 1) { id } }", "is nested beyond the limit of 1"),
        (
            {"depth": 1},
            "{ ...F } fragment F on Query { ... { task(id: 1) { id } } }",
            "is nested beyond the limit of 1",
        ),
        ({"aliases": 2}, "{ a: __typename b: __typename }", None),
        ({"aliases": 1}, "{ a: __typename b: __typename }", "has aliases beyond the limit of 1"),
        ({}, BOMB, "has aliases beyond the limit of 10"),
        ({"root_fields": 1}, "{ __typename ... { __typename } }", "has root fields beyond"),
    ],
    ids=[
        "just deep enough",
        "too deep",
        "too deep through a fragment",
        "just enough aliases",
        "too many aliases",
        "a bomb of fragments",
        "too many root fields",
    ],
)
def test_an_operation_is_measured_with_its_fragments_spread(
    limits: dict[str, int], query: str, said: str | None
) -> None:
    if said is None:
        assert limited(**limits).operation(query).kind == "query"
        return
    with pytest.raises(DocumentRejected) as rejected:
        limited(**limits).operation(query)
    assert any(said in error["message"] for error in rejected.value.errors)


def test_a_fragment_that_spreads_itself_is_refused_and_ends() -> None:
    with pytest.raises(DocumentRejected, match="Cannot spread fragment"):
        limited().operation("{ ...F } fragment F on Query { __typename ...F }")


def test_messages_are_counted_by_the_second() -> None:
    limits = MessageLimits(size=10, rate=2, now=0.0)
    assert [limits.fault("x", now) is None for now in (0.0, 0.0, 0.0, 0.4, 0.6, 0.7, 9.0)] == [
        True,
        True,
        False,
        False,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("message", "fits"),
    [("x" * 10, True), ("x" * 11, False), ("ü" * 5, True), ("ü" * 6, False), (b"x" * 11, False)],
    ids=["ten characters", "eleven", "ten bytes", "twelve bytes", "binary"],
)
def test_a_message_is_measured_in_bytes(message: str | bytes, fits: bool) -> None:
    assert (MessageLimits(size=10, rate=2, now=0.0).fault(message, 0.0) is None) is fits


def test_connections_are_counted_by_user() -> None:
    count, one, two, three = ConnectionCount(), object(), object(), object()
    assert count.enter(one, "ada", 1)
    assert not count.enter(two, "ada", 1)
    assert count.enter(two, "grace", 1)
    assert count.enter(three, None, 1)
    count.leave(three)
    count.leave(one)
    count.leave(one)
    assert count.enter(three, "ada", 1)


async def closed_by(client: GraphQLCommunicator, message: Any) -> SocketClosed:
    with pytest.raises(SocketClosed) as closed:
        while True:
            await client.send(message)
            await client.receive(None)
    return closed.value


async def test_a_message_too_big_closes_the_socket(connect: Connect) -> None:
    with override_settings(GQL_LIVE={"MAX_MESSAGE_BYTES": 100}):
        client = await connect()
        closed = await closed_by(client, {"type": "ping", "payload": {"x": "x" * 100}})
    assert (closed.code, closed.reason) == (1009, "Message too big: more than 100 bytes")


async def test_too_many_messages_close_the_socket(connect: Connect) -> None:
    with override_settings(GQL_LIVE={"MAX_MESSAGES_PER_SECOND": 5}):
        closed = await closed_by(await connect(), {"type": "ping"})
    assert (closed.code, closed.reason) == (1008, "Too many messages: more than 5 a second")


async def test_one_operation_too_many_gets_an_error_and_the_others_go_on(
    connect: Connect, people: People
) -> None:
    with override_settings(GQL_LIVE={"MAX_OPERATIONS": 2}):
        client = await connect(people.ada)
        first = await started(client, TASKS)
        await started(client, TASKS)
        with pytest.raises(OperationError) as refused:
            await anext(client.subscribe(TASKS))
        assert refused.value.code == "LIMIT_EXCEEDED"
        await first.stop()
        await started(client, TASKS)


async def test_one_connection_too_many_is_refused(connect: Connect, people: People) -> None:
    with override_settings(GQL_LIVE={"MAX_CONNECTIONS_PER_USER": 1}):
        first = await connect(people.ada)
        await connect(people.grace)
        with pytest.raises(SocketClosed) as closed:
            await connect(people.ada)
        assert (closed.value.code, closed.value.reason) == (
            4403,
            "Too many connections: more than 1 of one user",
        )
        await first._communicator.disconnect(timeout=5)
        await connect(people.ada)


async def test_a_snapshot_too_big_is_refused_and_without_one_it_works(
    connect: Connect, people: People, task: Task
) -> None:
    await Task.objects.acreate(text="Second", list=people.ada_list)
    with override_settings(GQL_LIVE={"SNAPSHOT_ROWS": 1}):
        client = await connect(people.ada)
        with pytest.raises(OperationError) as refused:
            await anext(client.subscribe(TASKS, {"snapshot": True}))
        assert refused.value.code == "BAD_USER_INPUT"
        assert "more than 1 rows" in str(refused.value)
        await started(client, TASKS, search="Second")


@pytest.mark.parametrize(
    ("setting", "query"),
    [
        ("MAX_TOKENS", "{ __typename __typename }"),
        ("MAX_DEPTH", "{ tasks { id } }"),
        ("MAX_ALIASES", "{ a: __typename b: __typename }"),
        ("MAX_ROOT_FIELDS", "{ a: __typename b: __typename }"),
    ],
)
async def test_the_settings_limit_documents(
    connect: Connect, people: People, setting: str, query: str
) -> None:
    with override_settings(GQL_LIVE={setting: 1}):
        client = await connect(people.ada, app=app_of(TaskViewSet))
        await client.send({"type": "subscribe", "id": "1", "payload": {"query": query}})
        answer = await client.receive("1")
    assert answer["type"] == "error"
    assert "1" in json.dumps(answer["payload"])


async def test_introspection_can_be_switched_off(connect: Connect, people: People) -> None:
    query = "{ __schema { queryType { name } } }"
    assert "data" in await (await connect(people.ada, app=app_of(TaskViewSet))).query(query)
    with override_settings(GQL_LIVE={"INTROSPECTION": False}):
        client = await connect(people.ada, app=app_of(TaskViewSet))
        with pytest.raises(OperationError, match="introspection"):
            await client.query(query)
        with pytest.raises(OperationError) as refused:
            await client.query("{ tasks { texts } }")
        assert str(refused.value) == "Cannot query field 'texts' on type 'Task'."
        assert await client.query("{ __typename }") == {"data": {"__typename": "Query"}}
