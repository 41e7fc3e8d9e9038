"""A project's own mutation, and its own query, beside what the views give."""

from typing import Any

import pytest
from ariadne import MutationType, QueryType
from asgiref.sync import sync_to_async
from django.test import Client

from gql_live import RealtimeRouter
from tests.http.requests import GRAPHQL_JSON, JSON, URL, post, project_of, router_of
from tests.todo.views import TaskViewSet

TYPE_DEFS = """
type Mutation { greet(name: String!): String!  fail: String }
extend type Query { whoAmI: String! }
"""
mutation = MutationType()
query = QueryType()


@mutation.field("greet")
def greet(_: Any, info: Any, name: str) -> str:
    return f"Hello {name}, by {info.context['request'].method}"


@mutation.field("fail")
async def fail(_: Any, info: Any) -> str:
    raise ZeroDivisionError("internals")


@query.field("whoAmI")
async def who_am_i(_: Any, info: Any) -> str:
    user = info.context["request"].user
    return await sync_to_async(lambda: user.get_username() or "nobody")()


@pytest.fixture
def router() -> RealtimeRouter:
    return router_of(TaskViewSet, type_defs=[TYPE_DEFS], bindables=[mutation, query])


GREET = 'mutation M { greet(name: "Ada") }'


def test_a_mutation_runs_by_post(router: RealtimeRouter) -> None:
    with project_of(router):
        assert post(Client(), GREET).json() == {"data": {"greet": "Hello Ada, by POST"}}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON, "*/*"])
@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"query": GREET}, id="alone"),
        pytest.param(
            {"query": "query Q { __typename } mutation M { fail }", "operationName": "M"},
            id="by its name",
        ),
    ],
)
def test_a_mutation_by_get_is_not_allowed(
    router: RealtimeRouter, accept: str, parameters: dict[str, str]
) -> None:
    with project_of(router):
        response = Client().get(URL, parameters, headers={"accept": accept})
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response.json() == {"errors": [{"message": "Send a mutation by POST."}]}


def test_the_query_beside_a_mutation_may_be_got(router: RealtimeRouter) -> None:
    parameters = {"query": f"query Q {{ __typename }} {GREET}", "operationName": "Q"}
    with project_of(router):
        assert Client().get(URL, parameters).json() == {"data": {"__typename": "Query"}}


def test_a_mutation_that_raises_tells_nothing_and_is_logged(
    router: RealtimeRouter, caplog: pytest.LogCaptureFixture
) -> None:
    with project_of(router):
        response = post(Client(), "mutation { fail }").json()
    assert response["data"] == {"fail": None}
    assert response["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert "internals" not in str(response)
    assert "ZeroDivisionError: internals" in caplog.text


@pytest.mark.django_db
def test_a_resolver_finds_the_request_and_its_user(router: RealtimeRouter, admin_user: Any) -> None:
    client = Client()
    with project_of(router):
        assert post(client, "{ whoAmI }").json() == {"data": {"whoAmI": "nobody"}}
        client.force_login(admin_user)
        assert post(client, "{ whoAmI }").json() == {"data": {"whoAmI": "admin"}}


def test_a_schema_without_mutations_says_that_there_are_none() -> None:
    response = post(Client(), "mutation { anything }", accept=GRAPHQL_JSON)
    assert response.status_code == 400
    assert "data" not in response.json()
