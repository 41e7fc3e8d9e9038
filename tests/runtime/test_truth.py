"""What a client holds is what REST would say, whatever the answer is made of."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, ClassVar

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import Count, QuerySet
from rest_framework import permissions, serializers, viewsets

from gql_live import RealtimeMixin, notify
from gql_live.broadcaster import Broadcaster
from gql_live.testing import GraphQLCommunicator, SocketClosed
from tests.runtime.conftest import People
from tests.runtime.test_flows import next_change
from tests.runtime.test_refusals import app_of
from tests.todo.models import List, Task

LISTS = "subscription { lists(snapshot: true) { action id instance { %s } instances { id } } }"


class TaskTexts(serializers.ModelSerializer[Task]):
    class Meta:
        model = Task
        fields = ["text"]


class WholeListSerializer(serializers.ModelSerializer[List]):
    """Made of rows of three tables, and of what nobody can derive."""

    season: ClassVar[str] = "winter"

    owner = serializers.CharField(source="owner.username")
    tasks = TaskTexts(many=True)
    size = serializers.IntegerField()
    done = serializers.SerializerMethodField()
    weather = serializers.SerializerMethodField()

    class Meta:
        model = List
        fields = ["id", "name", "owner", "members", "tasks", "size", "done", "weather"]

    def get_done(self, row: List) -> int:
        return Task.objects.filter(list=row, done=True).count()

    def get_weather(self, _row: List) -> str:
        return self.season


class WholeLists(RealtimeMixin, viewsets.ReadOnlyModelViewSet[List]):
    queryset: QuerySet[Any] = List.objects.annotate(size=Count("tasks")).order_by("pk")
    serializer_class = WholeListSerializer
    permission_classes = [permissions.AllowAny]


class PlainListSerializer(WholeListSerializer):
    class Meta(WholeListSerializer.Meta):
        fields = ["id", "name", "tasks"]


class PlainLists(WholeLists):
    """Only what is selected reads another table."""

    queryset = List.objects.order_by("pk")
    serializer_class = PlainListSerializer


class PolledLists(WholeLists):
    realtime_poll = 0.02


class OwnTasks(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Task]):
    """Filtered by a column of another table."""

    queryset = Task.objects.all()
    serializer_class = TaskTexts
    permission_classes = [permissions.AllowAny]

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.filter(list__name="shown")


class Killers(WholeLists):
    """Its database goes away under it."""

    def get_queryset(self) -> QuerySet[List]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return super().get_queryset()


@pytest.fixture
async def watch(people: People) -> AsyncIterator[Any]:
    """``await watch(view, query)``: a subscription that has had its snapshot."""
    async with AsyncExitStack() as stack:

        async def watching(view: Any, query: str) -> Any:
            app = app_of(view)
            client = await stack.enter_async_context(GraphQLCommunicator(app))
            stream = client.subscribe(query)
            assert (await next_change(stream))["action"] == "SNAPSHOT"
            await Broadcaster.running().settled()
            return stream

        yield watching


def told(change: dict[str, Any]) -> tuple[str, str]:
    return change["action"], change["id"]


def rename_owner(people: People, task: Task) -> None:
    people.ada.username = "lovelace"
    people.ada.save()


def raw_rename(people: People, task: Task) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE todo_task SET text = 'Raw' WHERE id = %s", [task.pk])
    notify(task)


Write = Callable[[People, Task], Any]
OF_ITS_PARTS: dict[str, tuple[str, Write]] = {
    "a column of the row that it refers to": ("owner", rename_owner),
    "a nested row": ("tasks { text }", lambda p, t: Task.objects.update(text="New")),
    "a nested row, bulk": (
        "tasks { text }",
        lambda p, t: Task.objects.bulk_update([Task(pk=t.pk, text="New")], ["text"]),
    ),
    "a nested row that is new": (
        "tasks { text }",
        lambda p, t: Task.objects.bulk_create([Task(text="New", list=p.ada_list)]),
    ),
    "a nested row that is gone": ("tasks { text }", lambda p, t: Task.objects.all().delete()),
    "links to other rows": ("members", lambda p, t: p.ada_list.members.add(p.grace)),
    "links, seen from the other side": ("members", lambda p, t: p.grace.lists.set([p.ada_list])),
    "an annotation": ("size", lambda p, t: Task.objects.create(text="New", list=p.ada_list)),
    "a query that only a field knows": ("done", lambda p, t: Task.objects.update(done=True)),
    "raw SQL, told of": ("tasks { text }", raw_rename),
}


@pytest.mark.parametrize(("field", "write"), OF_ITS_PARTS.values(), ids=OF_ITS_PARTS)
async def test_a_row_is_updated_with_what_it_is_made_of(
    watch: Any, people: People, task: Task, field: str, write: Write
) -> None:
    stream = await watch(WholeLists, LISTS % field)
    await sync_to_async(write)(people, task)
    assert told(await next_change(stream)) == ("UPDATED", str(people.ada_list.pk))


@pytest.mark.parametrize(
    "move",
    [
        lambda p, t: Task.objects.update(list=p.grace_list),
        lambda p, t: Task(pk=t.pk, text="Moved", list=p.grace_list).save(),
    ],
    ids=["in bulk", "by a save that never read it"],
)
async def test_a_child_that_moves_changes_both_parents(
    watch: Any, people: People, task: Task, move: Write
) -> None:
    stream = await watch(WholeLists, LISTS % "tasks { text }")
    await sync_to_async(move)(people, task)
    changes = {told(await next_change(stream)) for _ in range(2)}
    assert changes == {("UPDATED", str(each.pk)) for each in (people.ada_list, people.grace_list)}


async def test_what_nobody_selects_changes_nothing(watch: Any, people: People, task: Task) -> None:
    stream = await watch(PlainLists, LISTS % "name")
    await Task.objects.aupdate(text="New")
    people.ada_list.name = "last"
    await people.ada_list.asave()
    change = await next_change(stream)
    assert change["instance"] == {"name": "last"}


async def test_rows_enter_and_leave_with_the_row_that_they_are_filtered_by(
    watch: Any, people: People, task: Task
) -> None:
    query = "subscription { tasks(snapshot: true) { action id instance { text } } }"
    stream = await watch(OwnTasks, query)
    await List.objects.filter(pk=people.ada_list.pk).aupdate(name="shown")
    assert told(await next_change(stream)) == ("CREATED", str(task.pk))
    await List.objects.filter(pk=people.ada_list.pk).aupdate(name="hidden")
    assert told(await next_change(stream)) == ("DELETED", str(task.pk))


async def test_what_time_changes_is_found_by_looking(
    watch: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = await watch(PolledLists, LISTS % "weather")
    for season in ("summer", "autumn"):
        monkeypatch.setattr(WholeListSerializer, "season", season)
        for each in (people.ada_list, people.grace_list):
            change = await next_change(stream)
            assert told(change) == ("UPDATED", str(each.pk))
            assert change["instance"] == {"weather": season}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to lose")
async def test_a_database_that_goes_away_has_clients_come_back(people: People) -> None:
    app = app_of(Killers)
    async with GraphQLCommunicator(app) as client:
        with pytest.raises(SocketClosed) as closed:
            await anext(client.subscribe(LISTS % "name"))
    assert closed.value.code == 1013
