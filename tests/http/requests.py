"""What a request looks like, and a Django project of one URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import override_settings
from django.urls import path

from gql_live import RealtimeRouter

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
URL = "/graphql/"


def post(client: Any, query: str, variables: Any = None, **headers: str) -> Any:
    """POST a GraphQL request with Django's test client; its response, or what awaits it."""
    body = {"query": query, "variables": variables}
    return client.post(URL, body, content_type=JSON, headers=headers or None)


def router_of(*views: Any, **options: Any) -> RealtimeRouter:
    """A router of those views."""
    router = RealtimeRouter(**options)
    router.register_all(views)
    return router


@contextmanager
def project_of(router: RealtimeRouter) -> Iterator[None]:
    """A project whose only URL is that of ``router``."""
    urls = type("Urls", (), {"urlpatterns": [path(URL[1:], router.as_view())]})
    with override_settings(ROOT_URLCONF=urls):
        yield
