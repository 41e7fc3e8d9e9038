"""Where clients connect: the ASGI application, what stands around the sockets, and the URLs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter, get_default_application
from channels.security.websocket import OriginValidator
from channels.sessions import SessionMiddleware
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.authentication import SessionAuthentication

from gql_live.consumers import RealtimeConsumer
from gql_live.management.doctor.findings import Finding, broken, note, ok, warning
from gql_live.management.doctor.views import registered_views
from gql_live.views import RealtimeView


@dataclass(frozen=True, slots=True)
class _Door:
    """A GraphQL consumer's path, and the types of the applications around it."""

    path: str
    around: tuple[type, ...]

    def is_within(self, kind: type) -> bool:
        return any(issubclass(each, kind) for each in self.around)


def examine_application() -> Iterator[Finding]:
    """The way in, over WebSocket and over HTTP."""
    name = getattr(settings, "ASGI_APPLICATION", None)
    if name is None:
        yield note(
            "application.unknown",
            "ASGI_APPLICATION is not set, so nobody can tell here where the sockets are.",
            "ASGI_APPLICATION = 'project.asgi.application'",
        )
    else:
        yield from _sockets(name)
    yield from _urls()
    if not apps.is_installed("daphne"):
        yield note(
            "application.runserver",
            "manage.py runserver speaks no WebSocket.",
            "Put 'daphne' first in INSTALLED_APPS, or develop with uvicorn --reload.",
        )


def _sockets(name: str) -> Iterator[Finding]:
    try:
        application = get_default_application()
    except Exception as error:
        cause = error.__context__ or error  # Channels' own message hides why
        said = f"ASGI_APPLICATION = {name!r} cannot be imported: {cause}"
        yield broken("application.import", said)
        return
    doors = list(_doors(application))
    for door in doors:
        within = ", ".join(each.__name__ for each in door.around) or "nothing"
        yield ok(
            "application.socket",
            f"{name}: GraphQL over WebSocket is at /{door.path}, within {within}.",
        )
        yield from _protection(door)
    if not doors:
        yield warning(
            "application.no-socket",
            f"{name} has no GraphQL consumer, as far as one can look into it.",
            'path("graphql/", router.as_consumer().as_asgi()) in the URLRouter of "websocket"',
        )


def _doors(application: Any, path: str = "", around: tuple[type, ...] = ()) -> Iterator[_Door]:
    """Every GraphQL consumer in an ASGI application, as far as one can look into it."""
    consumer = getattr(application, "consumer_class", None)
    if isinstance(consumer, type) and issubclass(consumer, RealtimeConsumer):
        yield _Door(path, around)
    elif isinstance(application, ProtocolTypeRouter):
        yield from _doors(application.application_mapping.get("websocket"), path, around)
    elif isinstance(application, URLRouter):
        routes: list[Any] = application.routes
        for route in routes:
            yield from _doors(route.callback, path + str(route.pattern), around)
    else:
        # What Channels' middleware calls that which it wraps.
        for name in ("inner", "application"):
            if (within := getattr(application, name, None)) is not None:
                yield from _doors(within, path, (*around, type(application)))


def _protection(door: _Door) -> Iterator[Finding]:
    by_session = [
        view.__name__
        for view in registered_views()
        if any(issubclass(each, SessionAuthentication) for each in view.authentication_classes)
    ]
    if not by_session:
        return
    if not door.is_within(SessionMiddleware):
        yield warning(
            "application.no-session",
            f"{', '.join(by_session)} know users by their session, but none reaches /{door.path}.",
            "Wrap the URLRouter in channels.auth.AuthMiddlewareStack.",
        )
    elif not door.is_within(OriginValidator):
        yield warning(
            "application.no-origin",
            f"Any web page may open /{door.path} with its visitor's cookies.",
            "Wrap it in channels.security.websocket.AllowedHostsOriginValidator.",
        )


def _urls() -> Iterator[Finding]:
    paths = list(_paths(get_resolver().url_patterns))
    if paths:
        yield ok("application.http", f"GraphQL over HTTP is at {', '.join(paths)}.")
    else:
        yield note(
            "application.no-http",
            "The URLconf has no GraphQL over HTTP: no queries, no GraphiQL.",
            'path("graphql/", router.as_view())',
        )


def _paths(patterns: Any, above: str = "/") -> Iterator[str]:
    for pattern in patterns:
        path = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if isinstance(view, type) and issubclass(view, RealtimeView):
                yield path
