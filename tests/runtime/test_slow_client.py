"""A client that reads late is told what is so by then, in as few words as possible."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from ariadne import ObjectType
from django.test import override_settings

from gql_live import RealtimeRouter
from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.adapters.protocol import Adapter
from gql_live.adapters.rest_live import RestLive
from gql_live.audience import Action, Event, Payload
from gql_live.broadcaster import Broadcaster
from gql_live.connection import Connection
from gql_live.execution import encode_event
from gql_live.instruments import Counter, Gauge, instruments
from gql_live.plan import RowSelection, Selection, plan_subscription
from gql_live.principals import principal_of_scope
from tests.runtime.conftest import Connect, People, until
from tests.runtime.test_flows import TASKS, next_change, started
from tests.todo.models import Task
from tests.todo.realtime import router
from tests.todo.views import TaskViewSet

Open = Callable[..., Any]
ROOM = 2000


class SlowClient:
    """A connection whose peer reads when it is told to."""

    def __init__(self, adapter: Adapter, user: Any, router: RealtimeRouter) -> None:
        self._reads = asyncio.Event()
        self._reads.set()
        self._heard: asyncio.Queue[Any] = asyncio.Queue()
        self.code: int | None = None
        scope = {"type": "websocket", "headers": [], "user": user}
        self.connection = Connection(
            adapter,
            router.gateway,
            self,
            identify=lambda credentials: principal_of_scope(scope, credentials),
            context={},
        )

    async def send(self, text: str) -> None:
        await self._reads.wait()
        self._heard.put_nowait(json.loads(text))

    async def close(self, code: int, reason: str) -> None:
        self.code = code

    def say(self, **message: Any) -> None:
        self.connection.receive(json.dumps(message), None)

    async def hear(self) -> Any:
        """The next message."""
        async with asyncio.timeout(5):
            return await self._heard.get()

    async def change(self) -> tuple[str, Any]:
        """Action and text of the next change."""
        (change,) = (await self.hear())["payload"]["data"].values()
        return change["action"], (change["instance"] or {}).get("text")

    async def subscribe(self, query: str, *, snapshot: bool = True) -> None:
        """Introduce itself and subscribe; what happens from now on is told."""
        self.say(type="connection_init")
        assert (await self.hear())["type"] == "connection_ack"
        payload = {"query": query, "variables": {"snapshot": snapshot}}
        self.say(type="subscribe", id="1", payload=payload)
        await Broadcaster.running().settled()
        if snapshot:
            assert (await self.hear())["type"] == "next"

    def stop_reading(self) -> None:
        self._reads.clear()

    def read_on(self) -> None:
        self._reads.set()

    @property
    def silent(self) -> bool:
        """Whether nothing has come."""
        return self._heard.empty()


@pytest.fixture
async def slow(people: People) -> AsyncIterator[Open]:
    """``slow(adapter, user)`` is a client; all are gone at the end."""
    async with AsyncExitStack() as stack:

        def opened(adapter: Adapter, user: Any, served: RealtimeRouter = router) -> SlowClient:
            with override_settings(GQL_LIVE={"SEND_QUEUE_BYTES": ROOM}):
                client = SlowClient(adapter, user, served)
            stack.push_async_callback(client.connection.closed)
            return client

        yield opened


class Writes:
    """Writes, each of which everybody has been told of before the next one."""

    def __init__(self, people: People, witness: Any) -> None:
        self._people = people
        self._witness = witness

    async def _told(self, action: str) -> None:
        assert (await next_change(self._witness))["action"] == action
        await Broadcaster.running().settled()

    async def create(self, text: str) -> Task:
        task = await Task.objects.acreate(text=text, list=self._people.ada_list)
        await self._told("CREATED")
        return task

    async def update(self, task: Task, text: str) -> None:
        task.text = text
        await task.asave()
        await self._told("UPDATED")

    async def delete(self, task: Task) -> None:
        await task.adelete()
        await self._told("DELETED")


@pytest.fixture
async def writes(connect: Connect, people: People) -> Writes:
    return Writes(people, await started(await connect(people.ada), TASKS))


async def test_late_news_of_a_row_is_its_newest_state(
    slow: Open, people: People, task: Task, writes: Writes
) -> None:
    client = slow(GraphQLTransportWS(), people.ada)
    await client.subscribe(TASKS)
    client.stop_reading()
    instruments.reset()
    await writes.update(task, "on its way")
    await writes.update(task, "late")
    await writes.update(task, "later")
    created = await writes.create("new")
    await writes.update(created, "newer")
    await writes.update(created, "newest")
    await writes.delete(await writes.create("come and gone"))
    shown = instruments.read()
    assert shown.counts[Counter.CONFLATIONS] == 1 + 2 + 2
    assert 0 < shown.gauges[Gauge.SEND_QUEUES] <= ROOM
    client.read_on()
    heard = [await client.change() for _ in range(3)]
    assert heard == [("UPDATED", "on its way"), ("UPDATED", "later"), ("CREATED", "newest")]
    await writes.update(task, "in time")
    assert await client.change() == ("UPDATED", "in time")


async def test_where_too_much_came_a_snapshot_says_what_is_so_now(
    slow: Open, people: People, task: Task, writes: Writes
) -> None:
    client = slow(GraphQLTransportWS(), people.ada)
    await client.subscribe(TASKS)
    client.stop_reading()
    instruments.reset()
    await writes.update(task, "on its way")
    for number in range(30):
        await writes.create(f"{number}".ljust(190))
    await writes.update(task, "at the end")
    client.read_on()
    assert await client.change() == ("UPDATED", "on its way")
    (snapshot,) = (await client.hear())["payload"]["data"].values()
    assert snapshot["action"] == "SNAPSHOT"
    texts = [row["text"] for row in snapshot["instances"]]
    assert texts == ["at the end", *(f"{number}".ljust(190) for number in range(30))]
    await writes.update(task, "in time")
    assert await client.change() == ("UPDATED", "in time")
    assert client.code is None
    shown = instruments.read()
    assert (shown.counts[Counter.RENEWALS], shown.gauges[Gauge.SEND_QUEUES]) == (1, 0)


async def test_where_too_much_came_a_client_without_snapshots_is_told_to_fetch_again(
    slow: Open, people: People, task: Task, writes: Writes
) -> None:
    client = slow(GraphQLTransportWS(), people.ada)
    await client.subscribe(TASKS, snapshot=False)
    client.stop_reading()
    await writes.update(task, "on its way")
    for number in range(30):
        await writes.create(f"{number}".ljust(190))
    client.read_on()
    assert await client.change() == ("UPDATED", "on its way")
    assert await client.change() == ("RESYNC", None)
    await writes.update(task, "in time")
    assert await client.change() == ("UPDATED", "in time")


async def test_a_django_rest_live_client_for_which_too_much_came_is_closed(
    slow: Open, people: People, task: Task, writes: Writes
) -> None:
    client = slow(RestLive(), people.ada)
    client.say(type="subscribe", id=1, model="todo.Task", action="list")
    client.say(type="subscribe", id="marker", model="todo.Nothing", action="list")
    assert (await client.hear())["id"] == "marker"
    await Broadcaster.running().settled()
    client.stop_reading()
    for number in range(30):
        await writes.create(f"{number}".ljust(190))
    await until(lambda: client.code == 1013)


# --- an update as the creation of a row that was not told yet ---

ROW = {"id": 1, "text": "ÜPDATED \ud800 UPDATED", "done": False, "priority": None, "list": 2}
UPDATED, CREATED = (Event(action, 1, "1", ROW) for action in (Action.UPDATED, Action.CREATED))


def selection_of(query: str, router: RealtimeRouter = router, **variables: Any) -> Selection:
    documents = router.gateway.documents
    plan = plan_subscription(documents.schema, documents.operation(query), variables)
    assert plan is not None
    return plan.selection


def encoded(selection: Selection, event: Event) -> Payload:
    return encode_event(selection, event, lambda data: json.dumps(data).encode())


@pytest.mark.parametrize(
    "query",
    [
        "{ tasks { action id instance { text done priority list } instances { id } } }",
        "{ tasks(snapshot: true) { instance { text } __typename action } }",
        "{ tasks { action: id kind: action other: action instance { action: text } } }",
        "{ tasks { ...F instance { id } } } fragment F on TaskChange { ... { action } }",
        "($no: Boolean = false) { tasks { action @include(if: $no) kind: action id } }",
        "{ tasks { instance { text } } }",
        "{ tasks { action } tasks { id } }",
    ],
    ids=[
        "everything",
        "a snapshot asked for",
        "aliases",
        "a fragment",
        "a field left out",
        "no action",
        "two parts",
    ],
)
def test_it_is_what_the_creation_would_have_been(query: str) -> None:
    selection = selection_of(f"subscription {query}")
    updated = encoded(selection, UPDATED)
    assert updated.as_created is not None
    assert updated.as_created() == encoded(selection, CREATED)
    assert updated.as_created() is updated.as_created(), "once for all slow clients"


def test_so_it_is_in_the_dialect_of_django_rest_live() -> None:
    selection = RowSelection("todo.Task", "pk")
    updated = encoded(selection, UPDATED)
    assert updated.as_created is not None
    assert updated.as_created() == encoded(selection, CREATED)


def test_no_other_event_is_told_as_a_creation() -> None:
    selection = selection_of("subscription { tasks { action } }")
    assert encoded(selection, CREATED).as_created is None
    assert encoded(selection, Event(Action.DELETED, 1, "1")).as_created is None


def test_what_a_project_makes_of_a_change_is_its_own() -> None:
    """Its fields may say something else of a creation, and so may its resolvers."""
    change = ObjectType("TaskChange")
    change.set_field("shout", lambda event, _info: f"{event['action']}!")
    change.set_field("action", lambda event, _info: "RESYNC")
    own = RealtimeRouter(type_defs=["extend type TaskChange { shout: String }"], bindables=[change])
    own.register(TaskViewSet)
    for field in ("shout", "action"):
        updated = encoded(selection_of(f"subscription {{ tasks {{ {field} }} }}", own), UPDATED)
        assert updated.as_created is not None
        assert updated.as_created() is None


def test_an_update_that_failed_cannot_be_told_otherwise(caplog: pytest.LogCaptureFixture) -> None:
    change = ObjectType("TaskChange")

    @change.field("action")
    def failing(_event: Any, _info: Any) -> None:
        raise RuntimeError

    own = RealtimeRouter(bindables=[change])
    own.register(TaskViewSet)
    updated = encoded(selection_of("subscription { tasks { action } }", own), UPDATED)
    assert json.loads(updated.text)["data"] is None
    assert updated.as_created is not None
    assert updated.as_created() is None
