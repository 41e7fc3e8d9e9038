"""Event streams that end: in every state nothing is left of them. The fixture ``nothing_left`` has
the last word of each test.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from ariadne import MutationType, SubscriptionType
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.test import AsyncClient, override_settings
from django.utils.decorators import sync_only_middleware

from gql_live.broadcaster import Broadcaster
from tests.http.asgi_client import Exchange
from tests.http.requests import EVENT_STREAM, post, project_of, router_of
from tests.http.streams import ADA, SNAPSHOT, ask, started
from tests.runtime.conftest import People, until
from tests.runtime.test_flows import TASKS
from tests.runtime.test_races import Gate, GatedViewSet
from tests.todo.models import Task
from tests.todo.views import TaskViewSet

pytestmark = pytest.mark.usefixtures("nothing_left")


# --- the client leaves ---


async def test_leaving_an_idle_stream_leaves_nothing(task: Task) -> None:
    async with ask(TASKS, SNAPSHOT) as stream:
        await started(stream)
        assert Broadcaster.running().listening


async def test_leaving_while_the_view_is_asked_leaves_nothing(
    people: People,
    task: Task,
    gate: Gate,
) -> None:
    with project_of(router_of(GatedViewSet)):
        gate.close()
        for query, variables in ((TASKS, SNAPSHOT), ("{ tasks { text } }", None)):
            async with ask(query, variables) as stream:
                await stream.head()
                await gate.reached()
                # The thread goes on when the client has left; nobody waits for it.
                leaving = asyncio.create_task(stream.leave())
                gate.open()
                await leaving
            gate.close()
        gate.open()


async def test_leaving_while_a_piece_is_on_its_way_leaves_nothing(task: Task) -> None:
    async with ask(TASKS, SNAPSHOT) as stream:
        await started(stream)
        stream.stop_reading()
        await task.asave()
        await until(lambda: stream.blocked)


async def test_leaving_before_the_first_byte_leaves_nothing(task: Task) -> None:
    async with ask(TASKS, SNAPSHOT, reads=False) as stream:
        await until(lambda: stream.blocked)


async def test_a_response_that_is_never_sent_has_started_nothing(people: People) -> None:
    response = await post(AsyncClient(), TASKS, accept=EVENT_STREAM, **ADA)
    assert response.streaming
    response.close()


async def test_many_that_are_cut_at_once_leave_nothing(task: Task) -> None:
    streams = [ask(TASKS, SNAPSHOT) for _ in range(30)]
    for stream in streams:
        await stream.__aenter__()
    for stream in streams:
        await started(stream)
    await asyncio.gather(*(stream.leave() for stream in streams))


async def test_a_client_that_does_not_read_is_cut_off_and_costs_nobody_else(
    people: People, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gql_live.writer.STUCK_SECONDS", 0)
    async with ask(TASKS, SNAPSHOT) as healthy:
        await started(healthy)
        with override_settings(GQL_LIVE={"SEND_QUEUE_BYTES": 1000}):
            async with ask(TASKS, SNAPSHOT) as slow:
                await started(slow)
                slow.stop_reading()
                for _ in range(10):  # each is more than 100 bytes, and conflated with none
                    await Task.objects.acreate(text="x" * 100, list=people.ada_list)
                    assert (await healthy.result())["data"]["tasks"]["action"] == "CREATED"
                slow.read_on()
                # The one that was on its way, then the end; no "complete", so it comes again.
                read = 0
                while (event := await slow.event()) is not None:
                    assert event[0] == "next"
                    read += 1
                assert read < 5


# --- a project's own ---

counted = SubscriptionType()
mutation = MutationType()
TYPE_DEFS = """
extend type Subscription { count(to: Int!): Int! }
type Mutation { shout(text: String!): String! }
"""
running: list[str] = []


@counted.source("count")
async def count(_: Any, info: Any, to: int) -> AsyncGenerator[int, None]:
    running.append(info.context["request"].method)
    try:
        for number in range(to):
            yield number
        await asyncio.Event().wait()
    finally:
        running.pop()


@counted.field("count")
def counted_number(number: int, info: Any, to: int) -> int:
    return number


@mutation.field("shout")
def shout(_: Any, info: Any, text: str) -> str:
    return text.upper()


async def test_a_projects_own_subscription_is_closed_when_its_reader_leaves(people: People) -> None:
    router = router_of(TaskViewSet, type_defs=[TYPE_DEFS], bindables=[counted, mutation])
    with project_of(router):
        async with ask("subscription { count(to: 2) }") as stream:
            await stream.head()
            assert [await stream.result() for _ in range(2)] == [
                {"data": {"count": 0}},
                {"data": {"count": 1}},
            ]
            assert running == ["POST"]
        await until(lambda: running == [])


async def test_a_mutation_streams_by_post_and_is_refused_by_get(people: People) -> None:
    router = router_of(TaskViewSet, type_defs=[TYPE_DEFS], bindables=[counted, mutation])
    query = 'mutation { shout(text: "hey") }'
    with project_of(router):
        async with ask(query) as stream:
            await stream.head()
            assert await stream.result() == {"data": {"shout": "HEY"}}
        async with ask(query, method="GET") as refused:
            status, headers = await refused.head()
            assert (status, headers["allow"]) == (405, "POST")


# --- in a project's middleware ---


@sync_only_middleware
def old_middleware(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """As projects had them before Django knew asyncio."""

    def middleware(request: Any) -> Any:
        return get_response(request)

    return middleware


@pytest.mark.parametrize(
    "middleware",
    ["django.middleware.gzip.GZipMiddleware", f"{__name__}.old_middleware"],
    ids=["that compresses", "that is synchronous"],
)
async def test_middleware_holds_no_event_back(task: Task, middleware: str) -> None:
    with override_settings(MIDDLEWARE=[middleware, *settings.MIDDLEWARE]):
        headers = {**ADA, "accept-encoding": "gzip"}
        async with Exchange(get_asgi_application(), TASKS, SNAPSHOT, headers=headers) as stream:
            await started(stream)
            await task.asave()
            assert (await stream.result())["data"]["tasks"]["action"] == "UPDATED"
