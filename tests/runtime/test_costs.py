"""What a change costs, counted: it follows what changed, not who listens."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import QuerySet
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework import permissions
from rest_framework.authtoken.models import Token
from rest_framework.filters import SearchFilter

from gql_live.broadcaster import Broadcaster
from gql_live.changes import IDENTITY, Change
from gql_live.instruments import Counter, Snapshot, Timing, instruments
from gql_live.pubsub import publish
from gql_live.testing import GraphQLCommunicator, OperationError
from tests.runtime.conftest import Connect, People, until
from tests.runtime.test_flows import next_change
from tests.runtime.test_refusals import app_of, refusal
from tests.runtime.test_sharing import CountingSerializer, PublicTasks
from tests.todo.models import List, Task

User: Any = get_user_model()
MANY = 25
SNAPSHOT = "subscription { tasks(snapshot: true) { action id instance { text mine } } }"
CHANGES = "subscription { tasks { action id instance { text } } }"


class OfOneList(PublicTasks):
    """The tasks of the list that a header names."""

    permission_classes = [permissions.AllowAny]

    def get_queryset(self) -> QuerySet[Task]:
        return super().get_queryset().filter(list=int(self.request.headers["X-List"]))


class ForAll(PublicTasks):
    permission_classes = [permissions.AllowAny]


class TenantSerializer(CountingSerializer):
    """What it shows depends on a header."""

    def is_mine(self, task: Task) -> bool:
        return bool(self.context["request"].headers["X-Tenant"] == task.text)


class ForEach(ForAll):
    """The same rows for all, and no two are shown the same."""

    serializer_class = TenantSerializer


def known() -> list[Any]:
    """The members of every audience."""
    return [audience.known.members for audience in Broadcaster.running()._hub]


@pytest.fixture
async def listen(people: People) -> AsyncIterator[Any]:
    """``await listen(view, *headers)``: one subscription for each, everything evaluated."""
    async with AsyncExitStack() as stack:

        async def listening(view: Any, *headers: Mapping[str, str], query: str = SNAPSHOT) -> Any:
            app, streams, before = app_of(view), [], len(known())
            for each in headers:
                client = GraphQLCommunicator(app, headers=each)
                await stack.enter_async_context(client)
                streams.append(await client.subscribe(query).start())
                if query is SNAPSHOT:
                    assert (await next_change(streams[-1]))["action"] == "SNAPSHOT"
            await until(lambda: len(known()) == before + len(headers))
            await Broadcaster.running().settled()
            return streams

        yield listening


async def cost(write: Any, *arguments: Any, **named: Any) -> tuple[Any, Snapshot, int]:
    """What a write gives, what it made this process do, and the queries that the writer waited
    for.
    """

    def written() -> tuple[Any, int]:
        with CaptureQueriesContext(connection) as captured:
            result = write(*arguments, **named)
        return result, len(captured)

    await Broadcaster.running().settled()
    instruments.reset()
    result, queries = await sync_to_async(written)()
    await Broadcaster.running().settled()
    return result, instruments.read(), queries


def headers(name: str, *values: Any) -> list[dict[str, str]]:
    return [{name: str(value)} for value in values]


async def test_a_change_that_concerns_nobody_costs_no_query(listen: Any, people: People) -> None:
    lists = [await List.objects.acreate(name=f"{n}", owner=people.grace) for n in range(MANY)]
    await listen(OfOneList, *headers("X-List", *(each.pk for each in lists)))
    _, did, queries = await cost(Task.objects.create, text="New", list=people.ada_list)
    assert queries == 1
    assert did.counts[Counter.CHANGES] == 1
    assert did.counts[Counter.QUERIES] == did.counts[Counter.EVALUATIONS] == 0
    _, did, _ = await cost(Task.objects.update, text="Newer")
    assert did.counts[Counter.CHANGES] == 1
    assert did.counts[Counter.QUERIES] == did.counts[Counter.EVALUATIONS] == 0


async def test_a_change_costs_what_those_cost_whom_it_concerns(listen: Any, people: People) -> None:
    lists = [await List.objects.acreate(name=f"{n}", owner=people.grace) for n in range(MANY)]
    streams = await listen(OfOneList, *headers("X-List", *(each.pk for each in lists)))
    task, did, _ = await cost(Task.objects.create, text="New", list=lists[7])
    assert (await next_change(streams[7]))["action"] == "CREATED"
    assert did.counts[Counter.EVALUATIONS] == did.counts[Counter.QUERIES] == 1
    assert did.counts[Counter.FRAMES] == did.counts[Counter.EXECUTIONS] == 1
    task.list = lists[8]
    _, did, _ = await cost(task.save)
    assert (await next_change(streams[7]))["action"] == "DELETED"
    assert (await next_change(streams[8]))["action"] == "CREATED"
    assert did.counts[Counter.EVALUATIONS] == did.counts[Counter.QUERIES] == 2


@pytest.mark.parametrize(
    ("view", "executions"), [(ForAll, 1), (ForEach, MANY)], ids=["the same", "for each its own"]
)
async def test_a_row_is_fetched_once_for_all_and_executed_once_for_all_who_share(
    listen: Any, people: People, view: Any, executions: int
) -> None:
    streams = await listen(view, *headers("X-Tenant", *range(MANY)))
    _, did, queries = await cost(Task.objects.create, text="New", list=people.ada_list)
    for stream in streams:
        assert (await next_change(stream))["instance"]["text"] == "New"
    assert did.counts[Counter.CHANGES] == did.counts[Counter.QUERIES] == 1
    assert did.counts[Counter.EXECUTIONS] == executions
    assert did.counts[Counter.EVALUATIONS] == did.counts[Counter.FRAMES] == MANY
    assert did.timings[Timing.EVALUATION].count == did.timings[Timing.LAG].count == MANY
    assert queries == 1


class Searched(ForAll):
    """What no index can tell apart."""

    filter_backends = [SearchFilter]
    search_fields = ["text"]


class SearchedAlone(Searched):
    """The same questions, of which the database may say something else to each who asks."""

    realtime_audience = "connection"


async def test_whoever_shares_nothing_is_not_told_apart_by_what_others_ask(
    listen: Any, people: People
) -> None:
    query = 'subscription {{ tasks(search: "<{}>") {{ action instance {{ text }} }} }}'
    for number in range(MANY):
        await listen(Searched, *headers("X-Tenant", number), query=query.format(number))
    (alone,) = await listen(SearchedAlone, *headers("X-Tenant", 0), query=query.format(3))
    _, did, _ = await cost(Task.objects.create, text="<7>", list=people.ada_list)
    # One of the crowd sees the row; the one that shares nothing has to look for itself.
    assert did.counts[Counter.EVALUATIONS] == 2
    await cost(Task.objects.create, text="<3>", list=people.ada_list)
    assert (await next_change(alone))["instance"]["text"] == "<3>"


# --- who asks ---


class ForEachAlone(PublicTasks):
    """What everybody is shown, found for each alone."""

    realtime_audience = "connection"


class PassesOn:
    """Middleware that may have said anything to the database."""

    def __init__(self, get_response: Any) -> None:
        self._get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self._get_response(request)


@pytest.fixture
async def tokens(people: People) -> list[dict[str, str]]:
    """The headers of so many users."""
    users = [User(username=f"user-{number}") for number in range(MANY)]
    users = await User.objects.abulk_create(users)
    made = [Token(user=user, key=f"token-{user.pk}") for user in users]
    await Token.objects.abulk_create(made)
    return headers("Authorization", *(f"Token {token.key}" for token in made))


async def test_who_asks_is_looked_up_together(listen: Any, people: People, tokens: Any) -> None:
    await listen(PublicTasks, *tokens)
    for _ in range(2):
        _, did, _ = await cost(Task.objects.create, text="New", list=people.ada_list)
        assert did.counts[Counter.EVALUATIONS] == did.counts[Counter.FRAMES] == MANY
        # The row, and two times tokens with their users.
        assert did.counts[Counter.QUERIES] == 3


@pytest.mark.parametrize(
    ("view", "middleware", "queries"),
    [(ForEachAlone, [], 2 * MANY), (PublicTasks, [f"{__name__}.PassesOn"], 2 * MANY)],
    ids=["shares nothing", "middleware"],
)
async def test_who_asks_is_looked_up_alone_where_the_answer_may_depend_on_that(
    listen: Any, people: People, tokens: Any, view: Any, middleware: list[str], queries: int
) -> None:
    with override_settings(GQL_LIVE={"MIDDLEWARE": middleware}):
        await listen(view, *tokens)
        _, did, _ = await cost(Task.objects.create, text="New", list=people.ada_list)
    assert did.counts[Counter.EVALUATIONS] == MANY
    assert did.counts[Counter.QUERIES] == queries


async def test_who_asks_is_judged_by_what_is_there_now(
    listen: Any, people: People, tokens: Any
) -> None:
    streams = await listen(PublicTasks, *tokens)

    def unseen() -> None:
        """Written past the ORM, so that nobody is told but of the task."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE auth_user SET is_active = false WHERE username = 'user-3'")
            cursor.execute("UPDATE authtoken_token SET key = 'lost' WHERE key = %s", [keys[7]])
        Task.objects.create(text="New", list=people.ada_list)

    keys = [each["Authorization"].removeprefix("Token ") for each in tokens]
    _, did, _ = await cost(unseen)
    assert did.counts[Counter.FRAMES] == MANY - 2
    for number, stream in enumerate(streams):
        if number in {3, 7}:
            with pytest.raises(OperationError) as refused:
                await next_change(stream)
            assert refused.value.code == "UNAUTHENTICATED"
        else:
            assert (await next_change(stream))["instance"]["text"] == "New"


# --- what an audience knows ---


@pytest.mark.parametrize("query", [SNAPSHOT, CHANGES], ids=["told in a snapshot", "loaded"])
async def test_the_keys_of_a_list_are_loaded_once_and_held_once_for_all(
    listen: Any, people: People, task: Task, query: str
) -> None:
    await listen(ForAll, *headers("X-Tenant", *range(MANY)), query=query)
    members = known()
    assert len(members) == MANY
    assert all(each is members[0] for each in members)
    assert dict(members[0]) == {task.pk: str(task.pk)}
    new, did, _ = await cost(Task.objects.create, text="New", list=people.ada_list)
    assert did.counts[Counter.QUERIES] == 1
    members = known()
    assert all(each is members[0] for each in members)
    assert dict(members[0]) == {task.pk: str(task.pk), new.pk: str(new.pk)}


async def test_looking_again_loads_the_keys_of_a_list_once_for_all(
    listen: Any, people: People, task: Task
) -> None:
    await listen(ForAll, *headers("X-Tenant", *range(MANY)))
    _, did, _ = await cost(publish, [Change.of_any(IDENTITY)])
    assert did.counts[Counter.EVALUATIONS] == MANY
    assert did.counts[Counter.QUERIES] == 1


async def test_a_list_too_long_to_be_followed_is_refused(
    connect: Connect, people: People, task: Task
) -> None:
    await Task.objects.acreate(text="One more", list=people.ada_list)
    with override_settings(GQL_LIVE={"MEMBERSHIP_ROWS": 1}):
        refused = await refusal(await connect(app=app_of(ForAll)), CHANGES)
    assert refused.code == "LIMIT_EXCEEDED"
    assert "more than 1 rows: narrow it with a filter" in str(refused)
