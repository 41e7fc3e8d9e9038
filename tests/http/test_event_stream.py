"""Event streams: what they say, and what is refused before they begin."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import AsyncClient, Client, override_settings

from tests.adapters.event_stream import events_in
from tests.asgi import application
from tests.http.asgi_client import Exchange
from tests.http.requests import EVENT_STREAM, GRAPHQL_JSON, JSON, post, project_of, router_of
from tests.http.streams import ADA, SNAPSHOT, ask, started
from tests.runtime.conftest import People
from tests.runtime.test_flows import TASK, TASKS
from tests.todo.models import Task
from tests.todo.views import TaskViewSet

NAMELESS = "query A { a: __typename } query B { b: __typename }"

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


async def test_a_user_with_too_many_streams_reads_why_a_further_one_ends(task: Task) -> None:
    with override_settings(GQL_LIVE={"MAX_CONNECTIONS_PER_USER": 1}):
        async with ask(TASKS, SNAPSHOT) as first:
            await started(first)
            async with ask(TASKS, SNAPSHOT) as second:
                await second.head()
                said = [await second.piece() for _ in range(3)]
            assert said == [
                ":\n\n",
                ": 4403 Too many connections: more than 1 of one user\n\n",
                None,
            ]
            await task.asave()
            assert (await first.result())["data"]["tasks"]["action"] == "UPDATED"


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("{ __typename }", EVENT_STREAM),
        ("subscription { tasks { action } }", EVENT_STREAM),
        ("subscription { tasks { action } }", f"{JSON}, {EVENT_STREAM}"),
    ],
)
def test_wsgi_says_that_it_cannot_stream(query: str, accept: str) -> None:
    response = post(Client(), query, accept=accept)
    assert response.status_code == 501
    [error] = response.json()["errors"]
    assert error["message"] == "An event stream needs an ASGI server; this one is WSGI."


@pytest.mark.parametrize(
    "accept", [f"{JSON}, {EVENT_STREAM}", f"{EVENT_STREAM}, {GRAPHQL_JSON};q=0.1", "*/*"]
)
def test_wsgi_answers_a_query_in_json_where_that_will_do(accept: str) -> None:
    response = post(Client(), "{ __typename }", accept=accept)
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_a_django_that_notices_no_leave_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.VERSION", (4, 2, 20, "final", 0))
    async with Exchange(application, "{ __typename }") as refused:
        assert (await refused.head())[0] == 501
