"""Queries over HTTP: what REST answers to the same user."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.test import AsyncClient, TestCase

from tests.http.requests import post
from tests.http.visitors import TASK, TASKS, Visitor, as_graphql, by_session, by_token
from tests.runtime.conftest import People
from tests.todo.models import List, Task


@pytest.mark.parametrize("visitor", [by_session, by_token])
@pytest.mark.parametrize(
    ("variables", "query_string"),
    [
        pytest.param({}, {}, id="all"),
        pytest.param({"filter": {"done": True}}, {"done": "true"}, id="filtered"),
        pytest.param({"search": "milk"}, {"search": "milk"}, id="searched"),
        pytest.param(
            {"filter": {"done": False}, "search": "milk"},
            {"done": "false", "search": "milk"},
            id="both",
        ),
    ],
)
def test_a_list_is_what_rest_lists_for_the_same_user(
    people: People,
    tasks: list[Task],
    visitor: Visitor,
    variables: dict[str, Any],
    query_string: dict[str, str],
) -> None:
    client = visitor(people)
    rest = client.get("/api/tasks/", query_string).json()
    assert rest
    answered = post(client, TASKS, variables).json()
    assert answered == {"data": {"tasks": [as_graphql(row) for row in rest]}}


@pytest.mark.parametrize("visitor", [by_session, by_token])
def test_one_row_is_what_rest_retrieves_for_the_same_user(
    people: People, tasks: list[Task], visitor: Visitor
) -> None:
    client = visitor(people)
    rest = client.get(f"/api/tasks/{tasks[0].pk}/").json()
    answered = post(client, TASK, {"id": tasks[0].pk}).json()
    assert answered == {"data": {"task": as_graphql(rest)}}


async def test_asgi_answers_a_query_as_wsgi_does(people: People, tasks: list[Task]) -> None:
    client = AsyncClient()
    await sync_to_async(client.force_login)(people.ada)
    answered = (await post(client, TASKS)).json()["data"]["tasks"]
    assert [row["text"] for row in answered] == ["Milk", "Bread", "Milk and honey"]


class TestWithinATransactionThatNobodyElseSees(TestCase):
    """Django's own ``TestCase``: reads stay in the thread of the request, and so in its
    transaction.
    """

    user: Any
    task: Task

    @classmethod
    def setUpTestData(cls) -> None:
        cls.user = get_user_model().objects.create_user("ada")
        cls.task = Task.objects.create(
            text="Unseen", list=List.objects.create(name="Hers", owner=cls.user)
        )

    def expected(self) -> dict[str, Any]:
        return {"data": {"tasks": [{"id": str(self.task.pk), "text": "Unseen"}]}}

    def test_the_client_reads_it(self) -> None:
        self.client.force_login(self.user)
        assert post(self.client, "{ tasks { id text } }").json() == self.expected()

    async def test_the_asynchronous_client_reads_it(self) -> None:
        await sync_to_async(self.async_client.force_login)(self.user)
        response = await post(self.async_client, "{ tasks { id text } }")
        assert response.json() == self.expected()
