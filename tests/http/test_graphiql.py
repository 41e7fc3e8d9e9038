"""The page for a browser."""

import re

import pytest
from django.test import AsyncClient, Client, override_settings

from tests.http.requests import BROWSER, GRAPHQL_JSON, JSON, URL


def test_a_browser_gets_the_page_with_a_csrf_cookie() -> None:
    response = Client().get(URL, headers={"accept": BROWSER})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in response["Vary"]
    assert 'data-endpoint="/graphql/"' in response.content.decode()
    assert response.cookies["csrftoken"].value


async def test_a_browser_gets_the_page_from_asgi_too() -> None:
    response = await AsyncClient().get(URL, headers={"accept": BROWSER})
    assert 'id="graphiql"' in response.content.decode()


def test_all_that_the_page_loads_is_of_its_own_origin() -> None:
    page = Client().get(URL, headers={"accept": BROWSER}).content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert loaded
    assert all(address.startswith("/static/gql_live/") for address in loaded)
    assert "<script>" not in page


@pytest.mark.parametrize(
    "accept", [None, "*/*", JSON, GRAPHQL_JSON, f"{JSON}, text/html;q=0.5", "text/html;q=0, */*"]
)
def test_nobody_gets_the_page_who_does_not_want_it_most(accept: str | None) -> None:
    response = Client().get(URL, headers=None if accept is None else {"accept": accept})
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == "Invalid message: 'query' must be a string"


def test_switched_off_there_is_no_page_and_queries_are_answered() -> None:
    with override_settings(GQL_LIVE={"GRAPHIQL": False}):
        assert Client().get(URL, headers={"accept": BROWSER}).status_code == 404
        query = {"query": "{ __typename }"}
        assert Client().get(URL, query).json() == {"data": {"__typename": "Query"}}


def test_nobody_is_asked_for_credentials_to_see_the_page(client: Client) -> None:
    # What it can do is for the views to say.
    assert client.get(URL, headers={"accept": "text/html"}).status_code == 200
