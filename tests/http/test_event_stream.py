"""Event streams: what they say, and what is left of them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import pytest
from ariadne import MutationType, SubscriptionType
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.test import AsyncClient, Client, override_settings
from django.utils.decorators import sync_only_middleware

from gql_live.broadcaster import Broadcaster
from tests.adapters.event_stream import events_in
from tests.asgi import application
from tests.http.asgi_client import Exchange
from tests.http.requests import EVENT_STREAM, GRAPHQL_JSON, JSON, post, project_of, router_of
from tests.runtime.conftest import People
from tests.runtime.test_connection import until
from tests.runtime.test_flows import TASK, TASKS
from tests.runtime.test_races import Gate, GatedViewSet, gate
from tests.todo.models import Task
from tests.todo.views import TaskViewSet

__all__ = ["gate"]

ADA = {"authorization": "Token token-ada"}
SNAPSHOT = {"snapshot": True}
NAMELESS = "query A { a: __typename } query B { b: __typename }"


def ask(query: str, variables: Any = None, **options: Any) -> Exchange:
    """Ada's request to the test project."""
    headers = {**ADA, **options.pop("headers", {})}
    return Exchange(application, query, variables, headers=headers, **options)


async def started(exchange: Exchange) -> None:
    """Read the snapshot of a stream of tasks."""
    assert (await exchange.head())[0] == 200
    [change] = (await exchange.result())["data"].values()
    assert change["action"] == "SNAPSHOT"


@pytest.fixture
async def nothing_left() -> AsyncIterator[None]:
    """After the test no task runs that did not run before, and nobody listens."""
    before = asyncio.all_tasks()
    yield
    await until(lambda: not Broadcaster.running().listening)
    here = {asyncio.current_task()}
    await until(lambda: asyncio.all_tasks() - here <= before)


pytestmark = pytest.mark.usefixtures("nothing_left")


# --- what it says ---


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_subscription_streams_its_events(task: Task, method: str) -> None:
    async with ask(TASKS, SNAPSHOT, method=method) as stream:
        await started(stream)
        await task.asave()
        change = (await stream.result())["data"]["tasks"]
        assert (change["action"], change["instance"]["text"]) == ("UPDATED", "Write")
        await task.adelete()
        assert (await stream.result())["data"]["tasks"]["action"] == "DELETED"


async def test_a_page_of_the_own_origin_subscribes_with_its_session(
    people: People, task: Task
) -> None:
    browser = Client()
    await sync_to_async(browser.force_login)(people.ada)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    headers = {"cookie": cookie, "origin": "http://testserver"}
    async with Exchange(application, TASKS, SNAPSHOT, headers=headers) as stream:
        await started(stream)
        await task.asave()
        assert (await stream.result())["data"]["tasks"]["action"] == "UPDATED"


async def test_the_head_keeps_everybody_from_holding_events_back(people: People) -> None:
    async with ask("{ __typename }") as stream:
        status, headers = await stream.head()
    assert status == 200
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-cache"
    assert headers["x-accel-buffering"] == "no"
    assert headers["content-encoding"] == "identity"
    assert "Accept" in headers["vary"]


async def test_a_comment_opens_the_stream_before_there_is_anything_to_say(
    people: People, task: Task
) -> None:
    async with ask(TASKS) as stream:
        await stream.head()
        assert await stream.piece() == ":\n\n"


async def test_comments_keep_a_silent_stream_alive(task: Task) -> None:
    with override_settings(GQL_LIVE={"KEEPALIVE": 0.02}):
        async with ask(TASKS, SNAPSHOT) as stream:
            await started(stream)
            # More of them than a WebSocket's peer may leave unanswered.
            assert [await stream.piece() for _ in range(5)] == [":\n\n"] * 5


@pytest.mark.parametrize("accept", [EVENT_STREAM, f"{EVENT_STREAM}, {JSON};q=0.5"])
async def test_a_query_is_one_event_and_the_end(task: Task, accept: str) -> None:
    async with ask("{ tasks { text } }", headers={"accept": accept}) as stream:
        await stream.head()
        assert await stream.result() == {"data": {"tasks": [{"text": "Write"}]}}
        assert await stream.event() == ("complete", None)
        assert await stream.event() is None


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        pytest.param("{", None, "GRAPHQL_PARSE_FAILED", id="a syntax error"),
        pytest.param("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED", id="an invalid document"),
        pytest.param(NAMELESS, None, "BAD_USER_INPUT", id="one of two operations"),
        pytest.param(TASK, None, "BAD_USER_INPUT", id="a missing variable"),
        pytest.param(TASKS, {"filter": {"list": "999"}}, "BAD_USER_INPUT", id="a refused value"),
        pytest.param(TASK, {"id": "999999"}, "NOT_FOUND", id="a row that is not there"),
    ],
)
async def test_what_is_refused_is_an_event_and_the_end(
    people: People, query: str, variables: Any, code: str
) -> None:
    # graphql-sse: "Validation steps that run before execution of the GraphQL operation MUST report
    # errors through an accepted SSE connection by emitting `next` events".
    async with ask(query, variables) as stream:
        assert (await stream.head())[0] == 200
        result = await stream.result()
        assert result["errors"][0]["extensions"]["code"] == code
        assert await stream.event() == ("complete", None)
        assert await stream.event() is None


async def test_a_stranger_is_told_by_the_view(people: People) -> None:
    async with Exchange(application, TASKS) as stream:
        await stream.head()
        [error] = (await stream.result())["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert await stream.event() == ("complete", None)


async def test_a_permission_that_is_lost_ends_the_stream(people: People, task: Task) -> None:
    async with ask(TASKS, SNAPSHOT) as stream:
        await started(stream)
        await people.ada.auth_token.adelete()
        await task.asave()
        [error] = (await stream.result())["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert await stream.event() == ("complete", None)


async def test_djangos_own_client_reads_a_stream(people: People, task: Task) -> None:
    response = await post(AsyncClient(), "{ tasks { text } }", accept=EVENT_STREAM, **ADA)
    text = b"".join([piece async for piece in response]).decode()
    assert events_in(text) == [
        ("next", {"data": {"tasks": [{"text": "Write"}]}}),
        ("complete", None),
    ]


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
        assert running == []


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


# --- what is refused before it begins ---


@pytest.mark.parametrize(
    ("options", "status"),
    [
        pytest.param({"headers": {"content-type": "text/plain"}}, 415, id="a body that is no JSON"),
        pytest.param(
            {"headers": {"cookie": "a=b", "origin": "https://evil.example"}},
            403,
            id="a page of a foreign origin",
        ),
        pytest.param({"headers": {"authorization": "Token wrong"}}, 403, id="a wrong token"),
        pytest.param({"headers": {"accept": "image/png"}}, 406, id="what accepts no events"),
    ],
)
async def test_a_request_that_is_refused_is_answered_in_json(
    people: People, options: dict[str, Any], status: int
) -> None:
    async with ask(TASKS, **options) as exchange:
        answered, headers = await exchange.head()
        assert (answered, headers["content-type"]) == (status, "application/json; charset=utf-8")


async def test_a_router_that_is_not_public_opens_no_stream_for_strangers(people: People) -> None:
    with project_of(router_of(TaskViewSet, public=False)):
        async with Exchange(application, TASKS) as refused:
            assert (await refused.head())[0] == 403
        async with ask(TASKS, SNAPSHOT) as stream:
            await started(stream)


@pytest.mark.parametrize("query", ["{ __typename }", "subscription { tasks { action } }"])
def test_wsgi_says_that_it_cannot_stream(query: str) -> None:
    response = post(Client(), query, accept=EVENT_STREAM)
    assert response.status_code == 501
    [error] = response.json()["errors"]
    assert error["message"] == "An event stream needs an ASGI server; this one is WSGI."


@pytest.mark.parametrize("accept", [f"{JSON}, {EVENT_STREAM}", f"{GRAPHQL_JSON}, */*"])
def test_wsgi_answers_a_query_in_json_where_that_will_do(accept: str) -> None:
    response = post(Client(), "{ __typename }", accept=accept)
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_a_django_that_notices_no_leave_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.VERSION", (4, 2, 20, "final", 0))
    async with Exchange(application, "{ __typename }") as refused:
        assert (await refused.head())[0] == 501


# --- what is left of it (the fixture nothing_left has the last word) ---


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
    people: People, task: Task
) -> None:
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
