"""No page of a foreign origin acts in the name of a visitor's cookies."""

from typing import Any

import pytest
from django.test import Client, override_settings

from tests.http.requests import JSON, URL

OWN = "http://testserver"
FOREIGN = "https://evil.example"
QUERY = {"query": "{ __typename }"}


def send(client: Client, origin: str | None, **extra: Any) -> Any:
    headers = {} if origin is None else {"origin": origin}
    return client.post(URL, QUERY, content_type=JSON, headers=headers or None, **extra)


@pytest.fixture(params=[False, True], ids=["without Django's CSRF middleware", "with it"])
def visitor(request: pytest.FixtureRequest, settings: Any) -> Client:
    """A browser that has a cookie."""
    if request.param:
        csrf = "django.middleware.csrf.CsrfViewMiddleware"
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, csrf]
    client = Client(enforce_csrf_checks=True)
    client.cookies["anything"] = "1"
    return client


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param(None, 200, id="no origin, so no browser's script"),
        pytest.param(OWN, 200, id="the own origin"),
        pytest.param(FOREIGN, 403, id="a foreign origin"),
        pytest.param("null", 403, id="an origin that does not say which"),
        pytest.param("https://testserver", 403, id="the own host by another scheme"),
        pytest.param("http://testserver:8000", 403, id="the own host at another port"),
        pytest.param("http://testserver.evil.example", 403, id="a host that begins alike"),
        pytest.param("https://app.example", 200, id="a trusted origin"),
        pytest.param("http://app.example", 403, id="a trusted host by another scheme"),
        pytest.param("https://a.b.wild.example", 200, id="below a trusted domain"),
        pytest.param("https://evilwild.example", 403, id="beside a trusted domain"),
    ],
)
def test_a_post_with_cookies_comes_from_an_origin_that_django_trusts(
    visitor: Client, origin: str | None, status: int
) -> None:
    trusted = ["https://app.example", "https://*.wild.example"]
    with override_settings(CSRF_TRUSTED_ORIGINS=trusted):
        response = send(visitor, origin)
    assert response.status_code == status
    if status == 403:
        [error] = response.json()["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN"}
        assert "CSRF_TRUSTED_ORIGINS" in error["message"]


def test_a_post_without_cookies_comes_from_anywhere() -> None:
    assert send(Client(), FOREIGN).status_code == 200


def test_behind_a_proxy_the_own_origin_is_what_the_proxy_was_asked_for(visitor: Client) -> None:
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        extra = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_HOST": "testserver"}
        assert send(visitor, "https://testserver", **extra).status_code == 200
        assert send(visitor, "http://testserver", **extra).status_code == 403


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_what_a_form_can_send_is_refused_from_any_origin(
    visitor: Client, content_type: str
) -> None:
    # A form of enctype text/plain can say what looks like JSON.
    response = visitor.generic(
        "POST", URL, b'{"query": "{ __typename }", "x": "="}', content_type=content_type
    )
    assert response.status_code == 415
