"""Races, each held open until the test lets it go on."""

import gc
import threading
from collections.abc import Iterator
from typing import Any, ClassVar
from weakref import ref

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import override_settings
from rest_framework import permissions
from rest_framework.filters import SearchFilter

from gql_live import broadcaster as broadcasting
from gql_live import hub
from gql_live.broadcaster import Broadcaster
from gql_live.changes import Change
from gql_live.concern import Found, Unknown, look_up
from gql_live.instruments import Counter, instruments
from gql_live.pubsub import publish
from gql_live.testing import APICommunicator, OperationError, get_headers_for_user
from tests.runtime.conftest import Connect, People, until
from tests.runtime.test_flows import TASKS, next_change, started
from tests.runtime.test_refusals import app_of
from tests.runtime.test_truth import LISTS, PlainLists, PlainListSerializer
from tests.todo.models import List, Task
from tests.todo.views import TaskSerializer, TaskViewSet

PATIENCE = 5


class Gate:
    """Holds evaluations at a point: closed, it keeps whoever comes until it opens."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._reached = threading.Event()
        self._open.set()

    def close(self) -> None:
        self._reached.clear()
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def pass_through(self) -> None:
        self._reached.set()
        assert self._open.wait(PATIENCE)

    async def reached(self) -> None:
        assert await sync_to_async(self._reached.wait, thread_sensitive=False)(PATIENCE)


class GatedSerializer(TaskSerializer):
    """Held after the row was read and before it is sent."""

    gate: ClassVar[Gate]

    def to_representation(self, instance: Task) -> Any:
        self.gate.pass_through()
        return super().to_representation(instance)


class GatedViewSet(TaskViewSet):
    """The tasks, read through a gate."""

    serializer_class = GatedSerializer
    evaluations: ClassVar[list[str]] = []

    def get_queryset(self) -> QuerySet[Task]:
        self.evaluations.append("get_queryset")
        return super().get_queryset()


class GatedTodo(GatedViewSet):
    """What is still to be done, whoever asks."""

    permission_classes = [permissions.AllowAny]

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.filter(done=False)


class GatedListSerializer(PlainListSerializer):
    """Held after the row and those in it were read."""

    gate: ClassVar[Gate]

    def to_representation(self, instance: List) -> Any:
        shown = super().to_representation(instance)
        self.gate.pass_through()
        return shown


class GatedLists(PlainLists):
    """Lists with their tasks, read through a gate."""

    serializer_class = GatedListSerializer


class HeldLists(PlainLists):
    """Lists with their tasks, which nobody has to watch to know what they read."""

    gate: ClassVar[Gate]

    def get_queryset(self) -> QuerySet[Any]:
        self.gate.pass_through()
        return super().get_queryset()


class Doorkeeper(permissions.BasePermission):
    """Held before it says whether anybody may."""

    gate: ClassVar[Gate]
    admits: ClassVar[bool]

    def has_permission(self, request: Any, view: Any) -> bool:
        self.gate.pass_through()
        return self.admits


class GuardedViewSet(TaskViewSet):
    """The tasks, behind a door."""

    permission_classes = [Doorkeeper]


@pytest.fixture
def gate() -> Iterator[Gate]:
    GatedSerializer.gate = GatedListSerializer.gate = Gate()
    HeldLists.gate = Doorkeeper.gate = GatedSerializer.gate
    GatedViewSet.evaluations.clear()
    Doorkeeper.admits = True
    yield GatedSerializer.gate
    GatedSerializer.gate.open()


async def test_a_change_during_the_first_evaluation_follows_the_snapshot(
    connect: Connect, people: People, task: Task, gate: Gate
) -> None:
    client = await connect(people.ada, app=app_of(GatedViewSet))
    gate.close()
    stream = await client.subscribe(TASKS, {"snapshot": True}).start()
    await gate.reached()  # the rows were read: what is written now is not among them
    task.text = "Later"
    await task.asave()
    new = await Task.objects.acreate(text="New", list=people.ada_list)
    gate.open()
    snapshot = await next_change(stream)
    assert snapshot["instances"] == [{"id": str(task.pk), "text": "Write"}]
    assert (await next_change(stream))["instance"]["text"] == "Later"
    created = await next_change(stream)
    assert (created["action"], created["id"]) == ("CREATED", str(new.pk))


async def test_who_may_have_fetched_before_a_change_that_came_while_it_was_admitted_fetches_again(
    connect: Connect, people: People, task: Task, gate: Gate
) -> None:
    client = await connect(people.ada, app=app_of(GatedViewSet))
    gate.close()
    stream = await client.subscribe(TASKS).start()
    await gate.reached()
    await task.asave()
    gate.open()
    assert (await next_change(stream))["action"] == "RESYNC"


async def test_where_nobody_can_be_told_to_fetch_again_the_change_is_told(
    connect: Connect, people: People, task: Task, gate: Gate
) -> None:
    """In the dialect of django-rest-live."""
    headers = await get_headers_for_user(people.ada)
    client = APICommunicator(app_of(GatedViewSet), "/graphql/", headers)
    await client.connect()
    try:
        gate.close()
        await client.send_json_to(
            {"type": "subscribe", "id": 1, "model": "todo.Task", "action": "list"}
        )
        await gate.reached()
        await task.asave()
        gate.open()
        assert (await client.receive_json_from(PATIENCE))["action"] == "UPDATED"
    finally:
        await client.disconnect()


async def test_a_row_that_leaves_while_it_is_seen_to_enter_is_told_to_have_left(
    connect: Connect, people: People, gate: Gate
) -> None:
    """What it holds now is not what anybody stands under, and nobody was known to see it."""
    stream = await started(await connect(app=app_of(GatedTodo)), TASKS)
    gate.close()
    task = await Task.objects.acreate(text="New", list=people.ada_list)
    await gate.reached()
    task.done = True
    await task.asave()
    gate.open()
    told = [(await next_change(stream))["action"] for _ in range(2)]
    assert told == ["CREATED", "DELETED"]


class SearchedTasks(GatedViewSet):
    """The tasks of lists whose name has a word in it: no index finds who looks for it."""

    permission_classes = [permissions.AllowAny]
    filter_backends = [SearchFilter]
    search_fields = ["list__name"]

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.all()


async def test_a_row_that_leaves_with_another_while_it_is_seen_to_enter_is_told_to_have_left(
    connect: Connect, people: People, gate: Gate
) -> None:
    """Many look for other words, so the database is asked who sees it, and then nobody does."""
    client, broadcaster = await connect(app=app_of(SearchedTasks)), Broadcaster.running()
    query = 'subscription {{ tasks(search: "{}", snapshot: true) {{ action }} }}'
    words = ["ada", *(f"word-{number}" for number in range(25))]
    stream, *_ = [await started(client, query.format(word)) for word in words]
    gate.close()
    await Task.objects.acreate(text="New", list=people.ada_list)
    await gate.reached()
    instruments.reset()
    await List.objects.aupdate(name="nobody's")
    await until(lambda: instruments.read().counts[Counter.CHANGES] > 0)
    await until(lambda: not broadcaster._looking_up)
    gate.open()
    told = [(await next_change(stream))["action"] for _ in range(2)]
    assert told == ["CREATED", "DELETED"]


@pytest.mark.parametrize("view", [GatedLists, HeldLists])
@pytest.mark.parametrize(
    ("remembered", "told"),
    [
        pytest.param(2, "UPDATED", id="they are remembered"),
        pytest.param(1, "SNAPSHOT", id="they are too many to be remembered"),
    ],
)
async def test_changes_during_the_first_evaluation_of_what_nobody_knew_it_reads_are_told(
    connect: Connect,
    people: People,
    task: Task,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
    view: type[PlainLists],
    remembered: int,
    told: str,
) -> None:
    monkeypatch.setattr(hub, "_REMEMBERED", remembered)
    client = await connect(app=app_of(view))
    gate.close()
    stream = await client.subscribe(LISTS % "tasks { text }").start()
    await gate.reached()
    for text in ("One", "Two"):
        task.text = text
        await task.asave()
    gate.open()
    assert (await next_change(stream))["action"] == "SNAPSHOT"
    assert (await next_change(stream))["action"] == told


async def test_changes_during_an_evaluation_are_evaluated_together_and_in_their_last_state(
    connect: Connect, people: People, task: Task, gate: Gate
) -> None:
    stream = await started(await connect(people.ada, app=app_of(GatedViewSet)), TASKS)
    gate.close()
    await task.asave()
    await gate.reached()
    for text in ("one", "two", "three"):
        task.text = text
        await task.asave()
    GatedViewSet.evaluations.clear()
    gate.open()
    told = [(await next_change(stream))["instance"]["text"] for _ in range(2)]
    assert told == ["Write", "three"]
    assert len(GatedViewSet.evaluations) == 1


async def test_equal_subscribers_share_one_evaluation_and_one_execution(
    connect: Connect, people: People, task: Task, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(GatedViewSet)
    clients = [await connect(people.ada, app=app) for _ in range(5)]
    streams = [await started(client, TASKS) for client in clients for _ in range(2)]
    GatedViewSet.evaluations.clear()
    await task.asave()
    told = [await next_change(stream) for stream in streams]
    assert len(GatedViewSet.evaluations) == 1
    assert all(change == told[0] for change in told)


async def test_who_leaves_during_the_first_evaluation_hears_nothing_of_it(
    connect: Connect, people: People, task: Task, gate: Gate
) -> None:
    client = await connect(people.ada, app=app_of(GatedViewSet))
    gate.close()
    gone = await client.subscribe(TASKS, {"snapshot": True}).start()
    await gate.reached()
    await gone.stop()
    await client.query("{ __typename }")
    gate.open()
    await started(client, TASKS)
    assert not client.pending(gone)


@pytest.mark.parametrize("same", [True, False], ids=["with", "behind"])
async def test_what_came_while_somebody_waited_to_be_read_for_makes_it_fetch_again(
    connect: Connect, people: People, task: Task, gate: Gate, same: bool
) -> None:
    with override_settings(GQL_LIVE={"EVALUATION_THREADS": 1}):
        app = app_of(HeldLists)
        ada, grace = [await connect(each, app=app) for each in (people.ada, people.grace)]
        names = await started(ada, LISTS % "name")
        gate.close()
        await people.ada_list.asave()
        await gate.reached()
        waits = ada if same else grace
        texts = await waits.subscribe((LISTS % "tasks { text }").replace("true", "false")).start()
        await waits.query("{ __typename }")
        await Task.objects.aupdate(text="Later")  # of no concern to who is being read for
        gate.open()
        assert (await next_change(texts))["action"] == "RESYNC"
        assert (await next_change(names))["action"] == "UPDATED"
        assert not ada.pending(names)


async def test_who_leaves_during_an_evaluation_takes_nobody_along(
    connect: Connect, people: People, task: Task, gate: Gate
) -> None:
    """Of two who are evaluated together, the second one leaves."""
    app = app_of(GatedViewSet)
    stream = await started(await connect(people.ada, app=app), TASKS)
    client = await connect(people.grace, app=app)
    leaving = await started(client, TASKS)
    gate.close()
    await sync_to_async(publish)([Change.of_any("todo.task")])
    await gate.reached()
    await leaving.stop()
    await client.query("{ __typename }")
    gate.open()
    assert (await next_change(stream))["instance"]["text"] == "Write"
    await Broadcaster.running().settled()
    task.text = "Later"
    await task.asave()
    assert (await next_change(stream))["instance"]["text"] == "Later"


async def test_a_permission_lost_during_an_evaluation_counts_at_the_next(
    connect: Connect, people: People, task: Task, gate: Gate
) -> None:
    client = await connect(app=app_of(GatedViewSet), payload={"Authorization": "Token token-ada"})
    stream = await started(client, TASKS)
    gate.close()
    await task.asave()
    await gate.reached()
    await people.ada.auth_token.adelete()
    await task.asave()
    gate.open()
    assert (await next_change(stream))["action"] == "UPDATED"
    with pytest.raises(OperationError) as ended:
        await anext(stream)
    assert ended.value.code == "UNAUTHENTICATED"


async def test_a_change_during_a_look_into_the_database_is_spread_after_it(
    connect: Connect, people: People, task: Task, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a change leads to is asked; what comes meanwhile waits for that, and no longer."""

    def held(unknown: Unknown) -> Found:
        gate.pass_through()
        return look_up(unknown)

    monkeypatch.setattr(broadcasting, "look_up", held)
    client = await connect(app=app_of(PlainLists))
    stream = client.subscribe(LISTS % "name tasks { text }")
    assert (await next_change(stream))["action"] == "SNAPSHOT"
    await Broadcaster.running().settled()
    gate.close()
    await task.asave()
    await gate.reached()
    await people.grace_list.asave()
    gate.open()
    told = [(await next_change(stream))["id"] for _ in range(2)]
    assert told == [str(people.ada_list.pk), str(people.grace_list.pk)]


async def test_whom_a_change_concerns_that_is_refused_meanwhile_is_forgotten(
    connect: Connect, people: People, task: Task, gate: Gate
) -> None:
    """The change was noted with the audience, which nobody takes to an evaluation any more."""
    stream = await started(await connect(people.ada, app=app_of(GuardedViewSet)), TASKS)
    broadcaster = Broadcaster.running()
    [audience] = map(ref, vars(broadcaster)["_hub"])
    gate.close()
    await task.asave()
    await gate.reached()
    await task.asave()
    Doorkeeper.admits = False
    gate.open()
    with pytest.raises(OperationError):
        await anext(stream)
    await broadcaster.settled()
    gc.collect()
    assert audience() is None


def write_and_roll_back(task: Task) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        task.text = "Never"
        task.save()
        raise ZeroDivisionError


def write_with_a_savepoint_rolled_back(task: Task, other: Task) -> None:
    with transaction.atomic():
        task.text = "Kept"
        task.save()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            other.text = "Never"
            other.save()
            raise ZeroDivisionError


async def test_what_was_rolled_back_is_never_told(
    connect: Connect, people: People, task: Task
) -> None:
    other = await Task.objects.acreate(text="Other", list=people.ada_list)
    stream = await started(await connect(people.ada), TASKS)
    await sync_to_async(write_and_roll_back)(task)
    await sync_to_async(write_with_a_savepoint_rolled_back)(task, other)
    await Task.objects.acreate(text="Marker", list=people.ada_list)
    assert (await next_change(stream))["instance"]["text"] == "Kept"
    assert (await next_change(stream))["instance"]["text"] == "Marker"


async def test_nothing_is_told_before_the_commit(
    connect: Connect, people: People, task: Task
) -> None:
    client = await connect(people.ada)
    stream = await started(client, TASKS)
    written, commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            task.text = "Committed"
            task.save()
            written.set()
            assert commit.wait(PATIENCE)
        connection.close()  # this thread's own

    writer = threading.Thread(target=write_slowly)
    writer.start()
    try:
        assert await sync_to_async(written.wait, thread_sensitive=False)(PATIENCE)
        result = await client.query("{ tasks { text } }")
        assert result["data"]["tasks"] == [{"text": "Write"}]
        assert not client.pending(stream)
    finally:
        commit.set()
        writer.join()
    assert (await next_change(stream))["instance"]["text"] == "Committed"


async def test_the_last_to_leave_leaves_nothing_behind(
    connect: Connect, people: People, task: Task
) -> None:
    broadcaster = Broadcaster.running()
    client = await connect(people.ada)
    stream = await started(client, TASKS)
    assert broadcaster.listening
    await stream.stop()
    await client.query("{ __typename }")
    await broadcaster.rest()
    assert not broadcaster.listening
    await started(client, TASKS)
    assert broadcaster.listening


async def test_the_last_who_is_refused_leaves_nothing_behind(connect: Connect) -> None:
    client = await connect()
    with pytest.raises(OperationError):
        await anext(client.subscribe(TASKS))
    broadcaster = Broadcaster.running()
    await broadcaster.settled()
    assert not broadcaster.listening
