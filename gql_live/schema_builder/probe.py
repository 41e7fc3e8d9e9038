"""Asks a view for its serializer, filters and pages without a client: no request arrives, no query
runs.

User code may do anything, so whatever it raises is a finding, and a query is an error like any
other.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn

from django.db import connections
from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView
from rest_framework.serializers import BaseSerializer

from gql_live.schema_builder.columns import ModelField
from gql_live.schema_builder.diagnostics import (
    DYNAMIC_SERIALIZER,
    NOT_BUILT,
    OWN_HANDLER,
    Diagnostics,
    Place,
)
from gql_live.schema_builder.endpoints import Endpoint, default_version, place_of
from gql_live.schema_builder.overriding import overrides
from gql_live.schema_builder.path_table import PathTable, path_of
from gql_live.schema_builder.recording import RecordingKwargs, RecordingRequest, clients
from gql_live.schema_builder.responses import declared_response
from gql_live.schema_builder.routes import made_up_value
from gql_live.schema_builder.spectacular import Declared

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


@dataclass(eq=False)
class ProbedView:
    """A view instance as dispatch() would set it up, for somebody who asks for nothing particular.

    ``is_dynamic``: whether the answer may be written by another serializer for another client. True
    where the choice read something of the request, or where the view writes the answer itself.
    """

    endpoint: Endpoint
    view: GenericAPIView[Any]
    request: RecordingRequest
    place: Place
    diagnostics: Diagnostics = field(repr=False)
    is_dynamic: bool = False

    def serializer(self) -> Any:
        """Return the serializer that the view would answer with (``many`` for a list), or None.

        What a view cannot say without a client is reported.
        """
        makes_its_own = self._makes_its_own()
        serializer_class = None if makes_its_own else self._known_class()
        self.is_dynamic = self._writes_its_own_answer() or self.request.was_read
        if serializer_class is None and not makes_its_own:
            return None
        try:
            made = self._with_made_up_kwargs(lambda: self._instance(serializer_class))
        except Exception as error:  # a project's serializer may do anything
            self.diagnostics.add(
                NOT_BUILT,
                self.place,
                f"its serializer cannot be made without a client ({type(error).__name__}: {error})",
                "let it work when the view's `swagger_fake_view` is set",
            )
            return None
        if not isinstance(made, BaseSerializer):
            return self._refuse(f"{made!r} is no serializer")
        # A row of values() is no instance: it may lack what its model has.
        self.is_dynamic = self.is_dynamic or bool(self.queryset.query.values_select)
        return made

    @cached_property
    def queryset(self) -> Any:
        """Return the view's queryset, not evaluated; one of the whole model where it needs a
        client or is none.
        """
        with suppress(Exception):
            queryset = self.view.get_queryset()
            if isinstance(queryset, QuerySet):
                return queryset
        return self.endpoint.model._default_manager.none()

    def annotations(self) -> dict[str, ModelField]:
        """Return what the view's queryset adds to its rows, as far as it says so."""
        found: dict[str, ModelField] = {}
        for name, expression in self.queryset.query.annotations.items():
            with suppress(Exception):  # an expression may not know its type
                found[name] = expression.output_field
        return found

    def quietly(self) -> Any:
        """Return what ``serializer()`` does, or None, without a report."""
        try:
            return self._instance(None if self._makes_its_own() else self._serializer_class())
        except Exception:  # it was reported for the first client
            return None

    def _makes_its_own(self) -> bool:
        """Whether the view makes its serializer without asking for a class."""
        told = VIEWS.find(self.endpoint.view, unless_overridden="get_serializer_class")
        return told is None and overrides(type(self.view), "get_serializer")

    def _instance(self, serializer_class: Any) -> Any:
        """Return a serializer as the view makes it; of a class, where the view asks for one."""
        many = self.endpoint.action == "list"
        if serializer_class is None:
            made = self.view.get_serializer(many=many)
            self.is_dynamic = self.is_dynamic or self.request.was_read
            return made
        try:
            context = self.view.get_serializer_context()
        except Exception:  # it may need what only a URL gives
            context = {"request": self.request, "view": self.view, "format": None}
        return serializer_class(many=many, context=context)

    def _with_made_up_kwargs(self, make: Callable[[], Any]) -> Any:
        """Try again with URL kwargs that nobody sent where a view does not work without any."""
        try:
            return make()
        except Exception as error:  # a project's view may do anything
            made_up = {kwarg.name: made_up_value(kwarg) for kwarg in self.endpoint.kwargs}
            if not made_up or self.view.kwargs:
                raise
            self.view.kwargs.update(made_up)
            try:
                made = make()
            except Exception:
                raise error from None
            self.diagnostics.add(
                DYNAMIC_SERIALIZER,
                self.place,
                f"it needs URL kwargs ({type(error).__name__}: {error}), and is asked with made-up"
                " values: the serializer for others may be another one",
                "let it work without them when its `swagger_fake_view` is set",
            )
            self.is_dynamic = self.request.was_read = True
            return made

    def _writes_its_own_answer(self) -> bool:
        own = [
            name for name in (self.endpoint.action, "get") if overrides(self.endpoint.view, name)
        ]
        for name in own:
            self.diagnostics.add(
                OWN_HANDLER,
                self.place,
                f"its {name}() is its own: changes are sent as get_queryset(), filter_queryset()"
                f" and get_serializer() give them, whatever {name}() leaves out or adds",
                f"move what {name}() decides into these, or silence this where they agree",
            )
        return bool(own)

    def _known_class(self) -> Any:
        """Return the serializer class, or None where nothing says it or says one: reported."""
        try:
            chosen = self._with_made_up_kwargs(self._serializer_class)
        except Exception as error:  # a project's view may do anything
            chosen = self._declared(error)
        is_class = isinstance(chosen, type)
        if chosen is None or (issubclass(chosen, BaseSerializer) if is_class else callable(chosen)):
            return chosen
        return self._refuse(
            f"{path_of(chosen) if is_class else repr(chosen)} is no serializer class"
        )

    def _responding_class(self) -> Any:
        """Return the serializer class that the view is declared to answer with, or None."""
        told = self.response()
        payload = None if told is None else told.payload
        if isinstance(payload, BaseSerializer):
            payload = type(getattr(payload, "child", payload))
        return (
            payload if isinstance(payload, type) and issubclass(payload, BaseSerializer) else None
        )

    def _refuse(self, why: str) -> None:
        remedy = "set `serializer_class` to a subclass of Serializer"
        self.diagnostics.add(NOT_BUILT, self.place, why, remedy)

    def _serializer_class(self) -> Any:
        told = VIEWS.find(self.endpoint.view, unless_overridden="get_serializer_class")
        return told(self.view) if told else self.view.get_serializer_class()

    def response(self) -> Declared | None:
        """Return what the view is declared to answer (``@extend_schema``), None if nothing is."""
        return declared_response(self.view, self.endpoint.action)

    def _declared(self, error: Exception) -> Any:
        declared = getattr(self.endpoint.view, "serializer_class", None)
        assumed = "`serializer_class` is assumed"
        if declared is None:
            declared, assumed = self._responding_class(), "what @extend_schema says is assumed"
        if declared is None:
            assumed = "the field is left out"
        kind = NOT_BUILT if declared is None else DYNAMIC_SERIALIZER
        self.diagnostics.add(
            kind,
            self.place,
            f"get_serializer_class() raised {type(error).__name__}: {error}; {assumed}",
            "let get_serializer_class() work when `self.swagger_fake_view` is set",
        )
        self.request.was_read = True
        return declared


def probe(endpoint: Endpoint, diagnostics: Diagnostics) -> ProbedView:
    """Return the view of an endpoint, set up for the client who sees most."""
    return next(probes(endpoint, diagnostics))


def probes(endpoint: Endpoint, diagnostics: Diagnostics) -> Iterator[ProbedView]:
    """Give the view of an endpoint, set up for one kind of client after the other."""
    for user in clients():
        request = RecordingRequest(user)
        view: Any = endpoint.view(**endpoint.initkwargs)
        view.args, view.kwargs, view.format_kwarg = (), RecordingKwargs(request), None
        view.request, view.action = request, endpoint.action
        # What drf-yasg and drf-spectacular set, and projects ask for.
        view.swagger_fake_view = True
        if endpoint.action_map is not None:
            view.action_map = dict(endpoint.action_map)
        scheme = view.versioning_class
        if scheme is not None:
            request.version, request.versioning_scheme = default_version(scheme), scheme()
        request.was_read = False
        yield ProbedView(endpoint, view, request, place_of(endpoint.view), diagnostics)
