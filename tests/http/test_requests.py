"""Requests that are not well-formed, and how a well-formed one may look."""

import json
from typing import Any

import pytest
from django.test import AsyncClient, Client, override_settings

from tests.http.requests import GRAPHQL_JSON, JSON, URL, post, project_of, router_of
from tests.todo.views import TaskViewSet

TYPENAME = {"data": {"__typename": "Query"}}
NAMED = "query A { a: __typename } query B { b: __typename }"
VARIABLE = "query ($name: String!) { __type(name: $name) { name } }"


def body(**parameters: Any) -> bytes:
    """A JSON body."""
    return json.dumps({"query": "{ __typename }", **parameters}).encode()


# --- POST ---


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        pytest.param(b"", "Invalid message: not JSON", id="nothing"),
        pytest.param(b'{"query', "Invalid message: not JSON", id="half a body"),
        pytest.param(b"\xff\xfe{}", "The body is not UTF-8.", id="no UTF-8"),
        pytest.param(b"[]", "Invalid message: must be an object, not an array", id="an array"),
        pytest.param(b"null", "Invalid message: must be an object, not null", id="null"),
        pytest.param(b'"{}"', "Invalid message: must be an object, not a string", id="a string"),
        pytest.param(b"1", "Invalid message: must be an object, not a number", id="a number"),
        pytest.param(b'{"query":NaN}', "Invalid message: NaN is not JSON", id="NaN"),
        pytest.param(
            b'{"query":1e999}', "Invalid message: a number is out of range", id="a huge number"
        ),
        pytest.param(
            b'{"variables":' + b"[" * 100_000, "Invalid message: nested too deeply", id="nesting"
        ),
        pytest.param(
            b"{}", "Invalid message: 'query' must be a string", id="an object without a query"
        ),
        pytest.param(
            body(query=None), "Invalid message: 'query' must be a string", id="a null query"
        ),
        pytest.param(
            body(query=["{"]), "Invalid message: 'query' must be a string", id="a query in an array"
        ),
        pytest.param(
            body(operationName=1),
            "Invalid message: 'operationName' must be a string",
            id="a number for a name",
        ),
        pytest.param(
            body(variables=[]),
            "Invalid message: 'variables' must be an object",
            id="variables in an array",
        ),
        pytest.param(
            body(variables="{}"),
            "Invalid message: 'variables' must be an object",
            id="variables as text",
        ),
        pytest.param(
            body(extensions=0),
            "Invalid message: 'extensions' must be an object",
            id="a number for extensions",
        ),
    ],
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON])
def test_a_malformed_body_is_refused_with_a_message_that_names_the_fault(
    accept: str, sent: bytes, message: str
) -> None:
    # Django's client keeps the type of an empty body to itself unless told so.
    response = Client().generic("POST", URL, sent, CONTENT_TYPE=JSON, HTTP_ACCEPT=accept)
    assert (response.status_code, response.json()) == (400, {"errors": [{"message": message}]})


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=latin-1",
    ],
)
def test_a_body_of_another_type_than_json_is_unsupported(content_type: str) -> None:
    response = Client().generic("POST", URL, body(), content_type=content_type)
    assert response.status_code == 415
    assert (
        response.json()["errors"][0]["message"] == "Send the request as application/json, in UTF-8."
    )


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "Application/JSON"])
def test_json_is_json_however_it_is_spelled(content_type: str) -> None:
    response = Client().generic("POST", URL, body(), content_type=content_type)
    assert response.json() == TYPENAME


@pytest.mark.parametrize(
    "settings",
    [{"DATA_UPLOAD_MAX_MEMORY_SIZE": 100}, {"GQL_LIVE": {"MAX_MESSAGE_BYTES": 100}}],
    ids=["Django's limit", "our limit"],
)
@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 413)])
def test_a_body_over_a_limit_is_too_large(settings: dict[str, Any], size: int, status: int) -> None:
    sent = body().ljust(size)
    with override_settings(**settings):
        response = Client().generic("POST", URL, sent, content_type=JSON)
    assert response.status_code == status
    if status == 413:
        message = "The body is too large: more than 100 bytes."
        assert response.json() == {"errors": [{"message": message}]}


@pytest.mark.parametrize(
    ("parameters", "answer"),
    [
        pytest.param({}, TYPENAME, id="a query alone"),
        pytest.param(
            {"operationName": None, "variables": None, "extensions": None}, TYPENAME, id="nulls"
        ),
        pytest.param({"extensions": {"a": 1}, "unknown": 1}, TYPENAME, id="what nobody knows"),
        pytest.param(
            {"query": NAMED, "operationName": "B"},
            {"data": {"b": "Query"}},
            id="one of two by name",
        ),
        pytest.param(
            {"query": VARIABLE, "variables": {"name": "Run🏃"}},
            {"data": {"__type": None}},
            id="a variable beyond ASCII",
        ),
    ],
)
def test_a_well_formed_request_is_answered_by_post_and_by_get_alike(
    parameters: dict[str, Any], answer: Any
) -> None:
    posted = Client().generic("POST", URL, body(**parameters), content_type=JSON)
    assert (posted.status_code, posted.json()) == (200, answer)
    in_url = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in {"query": "{ __typename }", **parameters}.items()
        if value is not None
    }
    assert Client().get(URL, in_url).json() == answer


@pytest.mark.parametrize("name", [None, "C"])
def test_an_operation_that_cannot_be_told_is_an_error_of_the_document(name: str | None) -> None:
    sent = body(query=NAMED, operationName=name)
    response = Client().generic("POST", URL, sent, content_type=JSON)
    assert response.status_code == 200
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


# --- GET ---


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        pytest.param({}, "Invalid message: 'query' must be a string", id="nothing"),
        pytest.param(
            {"query": "{ __typename }", "variables": "{"},
            "'variables': Invalid message: not JSON",
            id="variables that are not JSON",
        ),
        pytest.param(
            {"query": "{ __typename }", "variables": "[]"},
            "'variables': Invalid message: must be an object, not an array",
            id="variables in an array",
        ),
        pytest.param(
            {"query": "{ __typename }", "extensions": "1"},
            "'extensions': Invalid message: must be an object, not a number",
            id="a number for extensions",
        ),
    ],
)
def test_a_malformed_address_is_refused_with_a_message_that_names_the_fault(
    parameters: dict[str, str], message: str
) -> None:
    response = Client().get(URL, parameters)
    assert (response.status_code, response.json()) == (400, {"errors": [{"message": message}]})


def test_an_empty_parameter_in_the_address_is_as_good_as_none() -> None:
    empty = {"operationName": "", "variables": "", "extensions": "null"}
    assert Client().get(URL, {"query": "{ __typename }", **empty}).json() == TYPENAME


# --- methods, servers ---


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD"])
def test_another_method_is_not_allowed(method: str) -> None:
    response = Client().generic(method, URL)
    assert (response.status_code, response["Allow"]) == (405, "GET, POST, OPTIONS")


def test_options_says_what_is_allowed() -> None:
    response = Client().options(URL)
    assert (response.status_code, response["Allow"]) == (200, "GET, POST, OPTIONS")


async def test_asgi_answers_as_wsgi_does() -> None:
    client = AsyncClient()
    assert (await post(client, "{ __typename }")).json() == TYPENAME
    assert (await client.get(URL, {"query": "{ __typename }"})).json() == TYPENAME
    refused = await client.generic("POST", URL, b"[]", content_type=JSON)
    assert refused.status_code == 400


# --- switches ---

SCHEMA = "{ __schema { queryType { name } } }"


def test_introspection_is_answered() -> None:
    with project_of(router_of(TaskViewSet)):
        assert post(Client(), SCHEMA).json() == {
            "data": {"__schema": {"queryType": {"name": "Query"}}}
        }


def test_introspection_switched_off_is_no_valid_document() -> None:
    with override_settings(GQL_LIVE={"INTROSPECTION": False}), project_of(router_of(TaskViewSet)):
        response = post(Client(), SCHEMA).json()
        assert post(Client(), "{ __typename }").json() == TYPENAME
    assert "data" not in response
    codes = {error["extensions"]["code"] for error in response["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}
