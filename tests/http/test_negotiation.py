"""Which media type answers which ``Accept`` header."""

import json

import pytest
from django.test import Client

from gql_live.negotiation import Accept
from tests.http.requests import BROWSER, EVENT_STREAM, GRAPHQL_JSON, JSON, URL, post

HTML = "text/html"
APOLLO = f"{GRAPHQL_JSON}, {JSON};q=0.9"
URQL = f"{GRAPHQL_JSON}, application/graphql+json, {JSON}, {EVENT_STREAM}, multipart/mixed"
AXIOS = f"{JSON}, text/plain, */*"


@pytest.mark.parametrize(
    ("header", "best"),
    [
        pytest.param(None, JSON, id="no header takes anything"),
        pytest.param("", JSON, id="an empty header takes anything"),
        pytest.param("*/*", JSON, id="anything is the first offer"),
        pytest.param(JSON, JSON, id="one by its name"),
        pytest.param(GRAPHQL_JSON, GRAPHQL_JSON, id="another by its name"),
        pytest.param("APPLICATION/JSON", JSON, id="names know no case"),
        pytest.param(f"{GRAPHQL_JSON}; charset=utf-8", GRAPHQL_JSON, id="a charset is passed over"),
        pytest.param(APOLLO, GRAPHQL_JSON, id="Apollo Client"),
        pytest.param(URQL, GRAPHQL_JSON, id="urql"),
        pytest.param(AXIOS, JSON, id="axios"),
        pytest.param(BROWSER, HTML, id="a browser"),
        pytest.param(f"{JSON}, {GRAPHQL_JSON}", JSON, id="of equals the first named"),
        pytest.param(f"{JSON};q=0.1, {GRAPHQL_JSON};q=0.2", GRAPHQL_JSON, id="the higher quality"),
        pytest.param(f"{GRAPHQL_JSON};q=0.1, */*;q=0.9", JSON, id="a name lowers its own quality"),
        pytest.param(f"{JSON};q=0, */*", GRAPHQL_JSON, id="quality nought is a no"),
        pytest.param(f"application/*;q=0, {EVENT_STREAM}", EVENT_STREAM, id="a no to a whole type"),
        pytest.param("text/*", EVENT_STREAM, id="a whole type"),
        pytest.param(f"{JSON};q=nonsense", JSON, id="a quality that is no number counts as one"),
        pytest.param(f"{JSON};q=7, {GRAPHQL_JSON}", JSON, id="a quality over one counts as one"),
        pytest.param(f"nonsense, ;;, {GRAPHQL_JSON}", GRAPHQL_JSON, id="nonsense is passed over"),
        pytest.param("image/png", None, id="nothing that is offered"),
        pytest.param("*/*;q=0", None, id="nothing at all"),
        pytest.param("nonsense", None, id="nothing but nonsense"),
    ],
)
def test_the_best_of_what_is_offered(header: str | None, best: str | None) -> None:
    assert Accept(header).best_of((JSON, GRAPHQL_JSON, EVENT_STREAM, HTML)) == best


@pytest.mark.parametrize(
    ("header", "named"),
    [
        pytest.param(f"{JSON}, {EVENT_STREAM};q=0.1", True, id="by its name"),
        pytest.param(f"{EVENT_STREAM};q=0", False, id="by its name, as a no"),
        pytest.param("text/*, */*", False, id="not by its name"),
    ],
)
def test_whether_a_media_type_is_named(header: str, named: bool) -> None:
    assert Accept(header).names(EVENT_STREAM) is named


VALID = "{ __typename }"
INVALID = "{ nothing }"
NO_VALUE = "query ($id: ID!) { task(id: $id) { id } }"


@pytest.mark.parametrize(
    ("accept", "query", "status", "media_type"),
    [
        pytest.param(None, VALID, 200, JSON, id="no Accept header"),
        pytest.param("*/*", VALID, 200, JSON, id="anything"),
        pytest.param(JSON, VALID, 200, JSON, id="JSON"),
        pytest.param(GRAPHQL_JSON, VALID, 200, GRAPHQL_JSON, id="GraphQL's own JSON"),
        pytest.param(JSON, "{", 200, JSON, id="a syntax error in JSON"),
        pytest.param(GRAPHQL_JSON, "{", 400, GRAPHQL_JSON, id="a syntax error in GraphQL's JSON"),
        pytest.param(JSON, INVALID, 200, JSON, id="an invalid document in JSON"),
        pytest.param(GRAPHQL_JSON, INVALID, 400, GRAPHQL_JSON, id="one in GraphQL's JSON"),
        pytest.param(JSON, NO_VALUE, 200, JSON, id="a missing variable in JSON"),
        pytest.param(GRAPHQL_JSON, NO_VALUE, 400, GRAPHQL_JSON, id="one in GraphQL's own JSON"),
        pytest.param("image/png", VALID, 406, JSON, id="nothing that there is"),
    ],
)
def test_a_response_has_the_status_and_the_type_that_its_client_understands(
    accept: str | None, query: str, status: int, media_type: str
) -> None:
    headers = {} if accept is None else {"accept": accept}
    response = post(Client(), query, **headers)
    assert (response.status_code, response["Content-Type"]) == (
        status,
        f"{media_type}; charset=utf-8",
    )
    assert "Accept" in response["Vary"]
    assert ("data" in json.loads(response.content)) is (query == VALID and status == 200)


def test_a_field_error_is_a_success_whatever_the_type() -> None:
    response = post(Client(), "{ tasks { id } }", accept=GRAPHQL_JSON)
    assert response.status_code == 200
    assert response.json()["data"] is None
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("accept", [JSON, "*/*", "text/*"])
def test_a_subscription_is_for_who_names_the_event_stream(accept: str) -> None:
    response = post(Client(), "subscription { tasks { action } }", accept=accept)
    assert response.status_code == 406
    assert "text/event-stream" in response.json()["errors"][0]["message"]


def test_a_browser_may_read_the_answer_to_a_query_in_the_address() -> None:
    response = Client().get(URL, {"query": VALID}, headers={"accept": BROWSER})
    assert response.json() == {"data": {"__typename": "Query"}}
