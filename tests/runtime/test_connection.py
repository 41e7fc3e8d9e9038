"""One socket: its time, its tasks, its limits."""

import asyncio
import json
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.test import override_settings

from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.broadcaster import Broadcaster
from gql_live.connection import Connection
from gql_live.principals import principal_of_scope
from gql_live.testing import SocketClosed
from tests.asgi import application
from tests.runtime.conftest import Connect, People, until
from tests.runtime.test_flows import TASKS, next_change, started
from tests.runtime.test_races import Gate, GatedViewSet, gate  # noqa: F401 - a fixture
from tests.runtime.test_refusals import app_of
from tests.todo.models import Task
from tests.todo.realtime import router

PATIENCE = 5

# Channels looks after the connections of whatever thread a consumer's message comes through.
pytestmark = pytest.mark.django_db(transaction=True)


async def raw(subprotocols: list[str] | None) -> tuple[WebsocketCommunicator, str | None]:
    communicator = WebsocketCommunicator(application, "/graphql/", subprotocols=subprotocols)
    accepted, subprotocol = await communicator.connect(PATIENCE)
    assert accepted
    assert not isinstance(subprotocol, int)
    return communicator, subprotocol


async def closing(communicator: WebsocketCommunicator) -> tuple[int, str]:
    while (output := await communicator.receive_output(PATIENCE))["type"] != "websocket.close":
        pass
    return output["code"], output["reason"]


async def test_an_unknown_subprotocol_is_accepted_and_closed_so_that_a_browser_sees_the_code() -> (
    None
):
    communicator, subprotocol = await raw(["soap"])
    assert subprotocol is None
    assert await closing(communicator) == (4406, "Subprotocol not acceptable")
    await communicator.disconnect()


async def test_the_preferred_subprotocol_is_chosen_whatever_the_order_of_the_offer() -> None:
    communicator, subprotocol = await raw(["soap", "graphql-transport-ws"])
    assert subprotocol == "graphql-transport-ws"
    await communicator.disconnect()


async def test_a_silent_client_is_closed_after_the_init_timeout() -> None:
    with override_settings(GQL_LIVE={"INIT_TIMEOUT": 0.01}):
        communicator, _ = await raw(["graphql-transport-ws"])
        assert await closing(communicator) == (4408, "Connection initialisation timeout")
        await communicator.disconnect()


async def test_a_peer_that_gives_no_sign_of_life_is_pinged_and_then_closed() -> None:
    with override_settings(GQL_LIVE={"KEEPALIVE": 0.01}):
        communicator, _ = await raw(["graphql-transport-ws"])
        said = []
        while (output := await communicator.receive_output(PATIENCE))["type"] == "websocket.send":
            said.append(json.loads(output["text"])["type"])
        assert said == ["ping"]
        assert (output["code"], output["reason"]) == (1012, "No sign of life")
        await communicator.disconnect()


async def test_a_peer_that_answers_pings_stays() -> None:
    with override_settings(GQL_LIVE={"KEEPALIVE": 0.2}):
        communicator, _ = await raw(["graphql-transport-ws"])
        for _ in range(5):
            output = await communicator.receive_output(PATIENCE)
            assert json.loads(output["text"])["type"] == "ping"
            await communicator.send_to(text_data='{"type":"pong"}')
        await communicator.disconnect()


@pytest.mark.parametrize(
    ("text", "code"),
    [("no JSON", 4400), ('{"type":"connection_init"}', 4429), ('{"type":"nonsense"}', 4400)],
    ids=["not JSON", "a second connection_init", "an unknown type"],
)
async def test_what_the_protocol_forbids_closes_the_socket(
    connect: Connect, text: str, code: int
) -> None:
    client = await connect()
    await client._communicator.send_to(text_data=text)
    with pytest.raises(SocketClosed) as closed:
        await client.receive(None)
    assert closed.value.code == code


async def test_a_subscribe_before_the_ack_is_unauthorized() -> None:
    communicator, _ = await raw(["graphql-transport-ws"])
    await communicator.send_to(
        text_data='{"type":"subscribe","id":"1","payload":{"query":"{ __typename }"}}'
    )
    assert await closing(communicator) == (4401, "Unauthorized")
    await communicator.disconnect()


async def test_a_pong_comes_at_once_while_a_query_runs(
    connect: Connect,
    people: People,
    task: Task,
    gate: Gate,  # noqa: F811
) -> None:
    client = await connect(people.ada, app=app_of(GatedViewSet))
    gate.close()
    running = await client.subscribe("{ tasks { text } }").start()
    await gate.reached()
    await client.send({"type": "ping", "payload": {"n": 1}})
    assert await client.receive(None) == {"type": "pong", "payload": {"n": 1}}
    assert not client.pending(running)
    gate.open()
    assert (await anext(running))["data"] == {"tasks": [{"text": "Write"}]}


async def test_an_id_that_is_still_being_prepared_is_taken(
    connect: Connect,
    people: People,
    task: Task,
    gate: Gate,  # noqa: F811
) -> None:
    client = await connect(people.ada, app=app_of(GatedViewSet))
    gate.close()
    running = await client.subscribe("{ tasks { text } }").start()
    await gate.reached()
    await client.send(
        {"type": "subscribe", "id": running.id, "payload": {"query": "{ __typename }"}}
    )
    with pytest.raises(SocketClosed) as closed:
        await anext(running)
    assert (closed.value.code, closed.value.reason) == (
        4409,
        f"Subscriber for {running.id} already exists",
    )


async def test_an_error_ends_the_operation_and_leaves_the_socket(connect: Connect) -> None:
    client = await connect()
    await client.send({"type": "subscribe", "id": "7", "payload": {"query": "{ nothing }"}})
    assert (await client.receive("7"))["type"] == "error"
    await client.send({"type": "subscribe", "id": "7", "payload": {"query": "{ __typename }"}})
    assert [(await client.receive("7"))["type"] for _ in range(2)] == ["next", "complete"]


async def test_a_query_without_a_variable_that_it_needs_is_an_error(connect: Connect) -> None:
    client = await connect()
    query = "query ($id: ID!) { task(id: $id) { id } }"
    await client.send({"type": "subscribe", "id": "7", "payload": {"query": query}})
    assert (await client.receive("7"))["type"] == "error"


class StuckSocket:
    """A peer that stops reading after ``reads`` frames."""

    def __init__(self, reads: int) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self._reads = reads

    async def send(self, text: str) -> None:
        if len(self.frames) == self._reads:
            await asyncio.Event().wait()
        self.frames.append(json.loads(text))

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


async def test_a_client_that_does_not_read_is_closed_and_costs_nobody_else(
    connect: Connect, people: People, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gql_live.writer.STUCK_SECONDS", 0)
    healthy = await started(await connect(people.ada), TASKS)
    socket = StuckSocket(reads=2)  # the ack and the snapshot
    scope = {"type": "websocket", "headers": [], "user": people.ada}
    with override_settings(GQL_LIVE={"SEND_QUEUE_BYTES": 1000}):
        connection = Connection(
            GraphQLTransportWS(),
            router.gateway,
            socket,
            identify=lambda credentials: principal_of_scope(scope, credentials),
            context={},
        )
    connection.receive('{"type":"connection_init"}', None)
    await until(lambda: len(socket.frames) == 1)
    request = {"query": TASKS, "variables": {"snapshot": True}}
    connection.receive(json.dumps({"type": "subscribe", "id": "1", "payload": request}), None)
    await until(lambda: len(socket.frames) == 2)
    created = 0
    while socket.closed is None:
        await Task.objects.acreate(text="x" * 100, list=people.ada_list)
        created += 1
        assert (await next_change(healthy))["action"] == "CREATED"
    assert socket.closed == (1013, "Too slow: the send queue is full")
    assert 3 < created < 10
    await connection.closed()


async def test_disconnecting_in_any_state_leaves_no_task_and_no_subscriber(
    connect: Connect,
    people: People,
    task: Task,
    gate: Gate,  # noqa: F811
) -> None:
    app = app_of(GatedViewSet)
    before = asyncio.all_tasks()
    clients = [await connect(people.ada, app=app) for _ in range(4)]
    await started(clients[0], TASKS)
    gate.close()
    await clients[1].subscribe(TASKS, {"snapshot": True}).start()
    await clients[2].subscribe("{ tasks { text } }").start()
    await gate.reached()
    gate.open()
    for client in clients:
        await client._communicator.disconnect(timeout=PATIENCE)
    broadcaster = Broadcaster.running()
    await broadcaster.rest()
    assert not broadcaster.listening
    await until(lambda: asyncio.all_tasks() == before)
