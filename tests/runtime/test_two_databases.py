"""A view of rows in a database that it names itself: what is written there is told, and nobody
looks for it in another one.
"""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from rest_framework import permissions, serializers, viewsets

from gql_live import RealtimeMixin, notify
from gql_live.broadcaster import Broadcaster
from gql_live.testing import GraphQLCommunicator
from tests.runtime.conftest import People
from tests.runtime.test_flows import next_change
from tests.runtime.test_refusals import app_of
from tests.todo.models import List, Task

QUERY = """subscription { tasks(snapshot: true) {
    action id instance { text of } instances { id }
} }"""


class FiledTaskSerializer(serializers.ModelSerializer[Task]):
    of = serializers.CharField(source="list.name")

    class Meta:
        model = Task
        fields = ["id", "text", "of"]


class FiledTasks(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Task]):
    """What is not done, in one's own lists of the archive."""

    queryset = Task.objects.none()
    serializer_class = FiledTaskSerializer
    permission_classes = [permissions.AllowAny]

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.using("archive").filter(done=False, list__owner__username="ada")


def rename_list(_: Task) -> None:
    List.objects.using("archive").update(name="renamed")


def move_list(_: Task) -> None:
    List.objects.using("archive").update(owner=User.objects.using("archive").get(username="eve"))


def finish(task: Task) -> None:
    task.done = True
    task.save()


def edit(task: Task) -> None:
    task.text = "new"
    task.save()


def say_so(task: Task) -> None:
    notify(task)


Write = Callable[[Task], None]
WRITES: dict[Write, tuple[str, Any]] = {
    rename_list: ("UPDATED", {"text": "filed", "of": "renamed"}),
    move_list: ("DELETED", None),
    finish: ("DELETED", None),
    edit: ("UPDATED", {"text": "new", "of": "old"}),
    say_so: ("UPDATED", {"text": "filed", "of": "old"}),
}


def filed() -> Task:
    """A task whose key is nobody's in the usual database."""
    users = User.objects.using("archive")
    ada, _ = users.create(pk=1000, username="ada"), users.create(pk=1001, username="eve")
    old = List.objects.using("archive").create(pk=2000, name="old", owner=ada)
    return Task.objects.using("archive").create(pk=3000, text="filed", list=old)


@pytest.mark.parametrize(
    ("write", "told"), WRITES.items(), ids=lambda it: getattr(it, "__name__", "")
)
async def test_what_is_written_there_is_told(
    people: People, make_archive: Callable[..., None], write: Write, told: tuple[str, Any]
) -> None:
    await sync_to_async(make_archive)(ContentType, Permission, Group, User, List, Task)
    task = await sync_to_async(filed)()
    async with GraphQLCommunicator(app_of(FiledTasks)) as client:
        stream = client.subscribe(QUERY)
        snapshot = await next_change(stream)
        assert [each["id"] for each in snapshot["instances"]] == ["3000"]
        await Broadcaster.running().settled()
        await sync_to_async(write)(task)
        change = await next_change(stream)
        assert (change["action"], change["instance"]) == told
