"""Asks a view for its serializer, filters and pages without a client: no request arrives, no
query runs.

User code may do anything, so whatever it raises is a finding, and a query is an error like any
other.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.db import connections
from django.http import HttpRequest
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from gql_live.schema_builder.diagnostics import (
    DYNAMIC_SERIALIZER,
    NOT_BUILT,
    Diagnostics,
    Place,
)
from gql_live.schema_builder.endpoints import Endpoint, place_of
from gql_live.schema_builder.nullability import overrides
from gql_live.schema_builder.path_table import PathTable

VIEWS: PathTable[Callable[[Any], Any]] = PathTable()
"""Views that cannot say their serializer class without a client: ``(view) -> serializer class``."""


class QueryWhileBuildingError(Exception):
    """Code that runs while the schema is built asked the database."""


@contextmanager
def no_queries() -> Iterator[None]:
    """Let every query on this thread raise while the schema is built."""

    def refuse(_execute: Any, sql: str, *_arguments: Any) -> NoReturn:
        raise QueryWhileBuildingError(f"a query while the schema is built: {sql[:80]}")

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(refuse))
        yield


class _RecordingRequest(Request):
    """A request that notes whether anything but its method is read: then the answer depends on
    who asks.
    """

    was_read = False

    def __getattribute__(self, name: str) -> Any:
        if name in (
            "user",
            "auth",
            "query_params",
            "data",
            "session",
            "META",
            "GET",
            "headers",
            "COOKIES",
        ):
            object.__setattr__(self, "was_read", True)
        return super().__getattribute__(name)


@dataclass(frozen=True)
class ProbedView:
    """A view instance as dispatch() would set it up, for a superuser who asks for nothing in
    particular.
    """

    endpoint: Endpoint
    view: GenericAPIView[Any]
    request: _RecordingRequest
    place: Place
    diagnostics: Diagnostics = field(repr=False)

    def serializer(self) -> Any:
        """Return the serializer that the view would answer with (``many`` for a list), or None.

        What a view cannot say without a client is reported.
        """
        row = VIEWS.find(self.endpoint.view, unless_overridden="get_serializer_class")
        try:
            serializer_class = row(self.view) if row else self.view.get_serializer_class()
        except Exception as error:  # a project's view may do anything
            serializer_class = self._declared(error)
        if serializer_class is None:
            return None
        return self._guarded(lambda: self._instance(serializer_class))

    @property
    def is_dynamic(self) -> bool:
        """Whether the answer may be written by another serializer for another client.

        True where the choice read something of the request, or where the view writes the answer
        itself.
        """
        handlers = ("list", "retrieve", "get")
        return self.request.was_read or overrides(self.endpoint.view, *handlers)

    def _declared(self, error: Exception) -> Any:
        declared = getattr(self.endpoint.view, "serializer_class", None)
        kind = NOT_BUILT if declared is None else DYNAMIC_SERIALIZER
        assumed = "the field is left out" if declared is None else "`serializer_class` is assumed"
        self.diagnostics.add(
            kind,
            self.place,
            f"get_serializer_class() raised {type(error).__name__}: {error}; {assumed}",
            "let get_serializer_class() work when `self.swagger_fake_view` is set",
        )
        object.__setattr__(self.request, "was_read", True)
        return declared

    def _instance(self, serializer_class: Any) -> Any:
        many = self.endpoint.action == "list"
        if overrides(type(self.view), "get_serializer"):
            return self.view.get_serializer(many=many)
        try:
            context = self.view.get_serializer_context()
        except Exception:  # it may need what only a URL gives
            context = {"request": self.request, "view": self.view, "format": None}
        return serializer_class(many=many, context=context)

    def _guarded(self, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except Exception as error:  # a project's serializer may do anything
            self.diagnostics.add(
                NOT_BUILT,
                self.place,
                f"its serializer cannot be made without a client ({type(error).__name__}: {error})",
                "let it work when the view's `swagger_fake_view` is set",
            )
            return None


def probe(endpoint: Endpoint, diagnostics: Diagnostics) -> ProbedView:
    """Return the view of an endpoint, set up as for a GET request."""
    http = HttpRequest()
    http.method = "GET"
    http.META.update({"SERVER_NAME": "localhost", "SERVER_PORT": "80"})
    request = _RecordingRequest(http)
    view = endpoint.view(**endpoint.initkwargs)
    view.args, view.kwargs, view.format_kwarg = (), {}, None
    view.request = request
    if endpoint.action_map is not None:
        view.action_map = dict(endpoint.action_map)  # type: ignore[attr-defined]
    view.action = endpoint.action  # type: ignore[attr-defined]
    view.swagger_fake_view = True  # type: ignore[attr-defined]
    request.user = get_user_model()(is_superuser=True, is_staff=True, is_active=True)
    request.version = request.versioning_scheme = None
    object.__setattr__(request, "was_read", False)
    return ProbedView(endpoint, view, request, place_of(endpoint.view), diagnostics)
