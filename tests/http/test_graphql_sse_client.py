"""The official npm client graphql-sse against a live server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gql_live.broadcaster import Broadcaster
from tests.asgi import application
from tests.http.live import serving
from tests.live.clients import NodeClient, node_client
from tests.runtime.conftest import People, until
from tests.runtime.test_flows import TASK, TASKS
from tests.todo.models import Task


@pytest.fixture
async def address(people: People) -> AsyncIterator[str]:
    """The address of a live server's GraphQL."""
    async with serving(application) as url:
        yield url


@pytest.fixture
async def ada(address: str) -> AsyncIterator[NodeClient]:
    """Ada's client, known by her token."""
    headers = {"Authorization": "Token token-ada"}
    async with node_client("http/graphql_sse.mjs", address, headers) as client:
        yield client


async def test_a_subscription_tells_of_each_change_and_its_end_leaves_nothing(
    ada: NodeClient, task: Task
) -> None:
    ada.subscribe("tasks", TASKS, snapshot=True)
    assert (await ada.change("tasks"))["action"] == "SNAPSHOT"
    for text in ("Read — «Note G» 🧮", "Rest"):
        task.text = text
        await task.asave()
        told = await ada.change("tasks")
        assert (told["action"], told["instance"]["text"]) == ("UPDATED", text)
    ada.unsubscribe("tasks")
    await until(lambda: not Broadcaster.running().listening)


async def test_each_subscription_is_a_stream_of_its_own(ada: NodeClient, task: Task) -> None:
    ada.subscribe("all", TASKS, snapshot=True)
    await ada.change("all")
    ada.subscribe("one", TASK, id=task.pk, snapshot=True)
    await ada.change("one")
    ada.unsubscribe("all")
    await task.asave()
    assert (await ada.change("one"))["action"] == "UPDATED"


async def test_a_query_is_answered_and_completed(ada: NodeClient, task: Task) -> None:
    ada.subscribe("query", "{ tasks { text } }")
    answered = await ada.event("next", "query")
    assert answered["payload"] == {"data": {"tasks": [{"text": "Write"}]}}
    await ada.event("complete", "query")


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        pytest.param("{", {}, "GRAPHQL_PARSE_FAILED", id="a syntax error"),
        pytest.param("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED", id="an invalid document"),
        pytest.param(TASK, {}, "BAD_USER_INPUT", id="a missing variable"),
        pytest.param(TASK, {"id": "999999"}, "NOT_FOUND", id="a row that is not there"),
    ],
)
async def test_what_is_refused_is_a_result_and_the_end(
    ada: NodeClient, query: str, variables: dict[str, Any], code: str
) -> None:
    ada.subscribe("refused", query, **variables)
    [error] = (await ada.event("next", "refused"))["payload"]["errors"]
    assert error["extensions"]["code"] == code
    await ada.event("complete", "refused")


async def test_a_token_that_nobody_has_is_refused_before_the_stream(address: str) -> None:
    headers = {"Authorization": "Token wrong"}
    async with node_client("http/graphql_sse.mjs", address, headers) as client:
        client.subscribe("tasks", TASKS)
        [error] = (await client.event("error", "tasks"))["payload"]
        assert error["message"] == "Server responded with 403: Forbidden"


async def test_a_client_that_is_killed_leaves_nothing(address: str, task: Task) -> None:
    before = asyncio.all_tasks()
    headers = {"Authorization": "Token token-ada"}
    async with node_client("http/graphql_sse.mjs", address, headers) as client:
        for operation in ("one", "two", "three"):
            client.subscribe(operation, TASKS, snapshot=True)
            await client.change(operation)
        assert Broadcaster.running().listening
    await until(lambda: not Broadcaster.running().listening)
    await until(lambda: asyncio.all_tasks() <= before)
