"""Several people, one question: what they are told is made once, where it would be the same for
each of them alone.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any, ClassVar

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from rest_framework import permissions, serializers, viewsets
from rest_framework.authtoken.models import Token

from gql_live import RealtimeMixin
from gql_live.broadcaster import Broadcaster
from gql_live.testing import GraphQLCommunicator, OperationError
from tests.runtime.conftest import Connect, People
from tests.runtime.test_flows import next_change
from tests.runtime.test_refusals import app_of, refusal
from tests.todo.models import List, Task
from tests.todo.views import ListViewSet

QUERY = "subscription { tasks(snapshot: true) { action id instance { id text mine } } }"


class CountingSerializer(serializers.ModelSerializer[Task]):
    """How often it ran is counted."""

    runs: ClassVar[list[str]] = []
    mine = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = ["id", "text", "mine"]

    def get_mine(self, task: Task) -> bool:
        self.runs.append(task.text)
        return self.is_mine(task)

    def is_mine(self, task: Task) -> bool:
        return False


class PersonalSerializer(CountingSerializer):
    """What it shows depends on who asks."""

    def is_mine(self, task: Task) -> bool:
        return bool(task.list.owner_id == self.context["request"].user.pk)


class PublicTasks(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Task]):
    """Everybody's tasks, for everybody."""

    queryset = Task.objects.order_by("pk")
    serializer_class = CountingSerializer
    permission_classes = [permissions.IsAuthenticated]


class PersonalTasks(PublicTasks):
    serializer_class = PersonalSerializer


class TrustedTasks(PersonalTasks):
    realtime_audience = "public"


class AskedFor(permissions.BasePermission):
    """Notes whom it was asked for; one of them is out of favour."""

    asked: ClassVar[list[str]] = []
    out: ClassVar[set[str]] = set()

    def has_permission(self, request: Any, view: Any) -> bool:
        self.asked.append(request.user.username)
        return request.user.username not in self.out


class GuardedTasks(PublicTasks):
    realtime_audience = "public"
    permission_classes = [AskedFor]


class PrivateTasks(PublicTasks):
    realtime_audience = "connection"


@pytest.fixture(autouse=True)
def counted() -> Iterator[None]:
    yield
    CountingSerializer.runs.clear()
    AskedFor.asked.clear()
    AskedFor.out.clear()


@pytest.fixture
async def crowd(people: People) -> AsyncIterator[Any]:
    """``await crowd(view)``: subscriptions of six people to the list of ``view``."""
    users = [people.ada, people.grace]
    for number in range(4):
        user = await sync_to_async(get_user_model().objects.create_user)(f"user-{number}")
        await Token.objects.acreate(user=user, key=f"token-user-{number}")
        users.append(user)
    async with AsyncExitStack() as stack:

        async def subscribed(view: Any) -> list[Any]:
            app = app_of(view)
            streams = []
            for user in users:
                credentials = {"Authorization": f"Token token-{user.get_username()}"}
                client = GraphQLCommunicator(app, payload=credentials)
                await stack.enter_async_context(client)
                streams.append(client.subscribe(QUERY))
            for stream in streams:
                assert (await next_change(stream))["action"] == "SNAPSHOT"
            await Broadcaster.running().settled()
            CountingSerializer.runs.clear()
            return streams

        yield subscribed


async def test_what_depends_on_nobody_is_serialized_once(
    crowd: Any, people: People, task: Task
) -> None:
    streams = await crowd(PublicTasks)
    await Task.objects.acreate(text="New", list=people.ada_list)
    told = [await next_change(stream) for stream in streams]
    assert all(each == told[0] for each in told)
    assert CountingSerializer.runs == ["New"]


async def test_what_depends_on_who_asks_is_serialized_for_each(
    crowd: Any, people: People, task: Task
) -> None:
    streams = await crowd(PersonalTasks)
    await Task.objects.acreate(text="New", list=people.ada_list)
    told = [(await next_change(stream))["instance"]["mine"] for stream in streams]
    assert told == [True, False, False, False, False, False]
    assert CountingSerializer.runs == ["New"] * 6


async def test_a_connection_of_its_own_shares_nothing(
    crowd: Any, people: People, task: Task
) -> None:
    streams = await crowd(PrivateTasks)
    await Task.objects.acreate(text="New", list=people.ada_list)
    for stream in streams:
        await next_change(stream)
    assert CountingSerializer.runs == ["New"] * 6


async def test_permission_is_asked_for_each_even_where_all_share(
    crowd: Any, people: People, task: Task
) -> None:
    streams = await crowd(GuardedTasks)
    AskedFor.asked.clear()
    AskedFor.out.add("grace")
    await Task.objects.acreate(text="New", list=people.ada_list)
    refused = streams.pop(1)
    with pytest.raises(OperationError) as ended:
        await anext(refused)
    assert ended.value.code == "FORBIDDEN"
    told = [await next_change(stream) for stream in streams]
    assert [each["instance"]["text"] for each in told] == ["New"] * 5
    assert sorted(AskedFor.asked) == ["ada", "grace", "user-0", "user-1", "user-2", "user-3"]
    assert CountingSerializer.runs == ["New"]


async def test_a_public_view_that_reads_who_asks_ends_its_operation_and_no_other(
    connect: Connect, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    client = await connect(people.ada, app=app_of(TrustedTasks, ListViewSet))
    lists = client.subscribe("subscription { lists(snapshot: true) { action } }")
    assert (await next_change(lists))["action"] == "SNAPSHOT"
    nothing_read_yet = client.subscribe(QUERY)
    assert (await next_change(nothing_read_yet))["action"] == "SNAPSHOT"
    await Task.objects.acreate(text="Secret", list=people.ada_list)
    with pytest.raises(OperationError) as ended:
        await anext(nothing_read_yet)
    assert ended.value.code == "INTERNAL_SERVER_ERROR"
    assert (await refusal(client, QUERY)).code == "INTERNAL_SERVER_ERROR"
    assert "The serializer of TrustedTasks read request.user although" in caplog.text
    await List.objects.acreate(name="Still heard", owner=people.ada)
    assert (await next_change(lists))["action"] == "CREATED"
