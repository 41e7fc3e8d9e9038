"""Run the DRF view as the principal who asks: the only door to views and the ORM.

A view runs through DRF's own lifecycle: ``initialize_request``, ``initial`` (authentication,
permissions, throttles), then ``get_queryset``, ``filter_queryset``, ``get_object``,
``get_serializer``. Everything here blocks; ``off_loop`` takes it to a thread.
"""

import asyncio
import contextvars
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from functools import cache
from itertools import islice
from typing import Any, Final, TypeVar

from asgiref.sync import sync_to_async
from django.core.exceptions import ValidationError
from django.db import close_old_connections
from django.db.models import QuerySet
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from gql_live.audience import AudienceKey, Key, Principal, Row
from gql_live.changes import key_of
from gql_live.conf import setting
from gql_live.exceptions import ErrorCode, Refusal
from gql_live.members import Members
from gql_live.middleware import within_middleware
from gql_live.principals import ViewRequest
from gql_live.pruning import only_passes_on, want
from gql_live.refusals import answer_of, refusals
from gql_live.wanted import Wanted

T = TypeVar("T")

_CHUNK: Final = 2000
"""Rows that are fetched at a time where they are many."""

# --- threads ---


async def off_loop(work: Callable[..., T], *arguments: Any) -> T:
    """Run ``work`` in one of the ``EVALUATION_THREADS``, with the caller's context variables."""
    threads = setting("EVALUATION_THREADS")
    if not threads:
        return await sync_to_async(work, thread_sensitive=True)(*arguments)
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(
        _pool(threads), run, _with_fresh_connections, work, arguments
    )


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="gql_live")


def _with_fresh_connections(work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        close_old_connections()


# --- opening a view ---


def path_of(endpoint: Any, kwargs: tuple[tuple[str, Any], ...]) -> str:
    """The path that a question has in REST: pagination links and relative URLs are made from it."""
    if endpoint.url_name is None:
        return "/"
    try:
        return reverse(endpoint.url_name, kwargs=dict(kwargs))
    except NoReverseMatch:
        return "/"


def request_of(
    asked: AudienceKey, find: Callable[[Any, tuple[tuple[str, Any], ...]], str] = path_of
) -> ViewRequest:
    """The request that asks; ``find`` finds its path. Raises ``Refusal`` for parameters that no URL
    can carry.
    """
    with refusals(asked.endpoint):
        path = find(asked.endpoint, asked.kwargs)
        return ViewRequest(asked.principal, path, asked.params)


def open_view(
    asked: AudienceKey,
    http_request: ViewRequest,
    *,
    throttle: bool,
    asking: Callable[[], AbstractContextManager[Any]] = nullcontext,
    watched: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> GenericAPIView[Any]:
    """The view, authenticated and permitted for the principal who asks, as DRF's ``dispatch``
    leaves it to a handler.

    ``throttle`` asks the view's throttles too: a subscriber is counted when it subscribes, not at
    each delivery. Who asks is found out within ``asking()``, and permissions are asked within
    ``watched()``. Raises ``Refusal``.
    """
    endpoint = asked.endpoint
    kwargs = dict(asked.kwargs)
    view: Any = endpoint.view(**endpoint.initkwargs)
    with refusals(endpoint, http_request):
        view.setup(http_request, **kwargs)
        if endpoint.action_map is not None:
            view.action_map = endpoint.action_map
            for method, action in endpoint.action_map.items():
                if hasattr(view, action):  # a viewset for subscriptions only has none
                    setattr(view, method, getattr(view, action))
        request = view.initialize_request(http_request, **kwargs)
        view.request = request
        view.headers = view.default_response_headers
        if not throttle:
            view.check_throttles = _do_not_throttle
        view.perform_authentication = _within(asking, view.perform_authentication)
        view.check_permissions = _within(watched, view.check_permissions)
        view.initial(request, **kwargs)
        vars(view).pop("check_throttles", None)
        del view.perform_authentication, view.check_permissions
    return view  # type: ignore[no-any-return]


def _within(around: Callable[[], AbstractContextManager[Any]], ask: Any) -> Any:
    def asked(request: Request) -> None:
        with around():
            ask(request)

    return asked


def _do_not_throttle(_request: Any) -> None:
    return None


def authenticate(views: Collection[type[GenericAPIView[Any]]], principal: Principal) -> bool:
    """Whether any authentication class of ``views`` knows who asks. Raises ``Refusal`` where one
    refuses and none accepts.

    The authenticators are asked as the views would ask them, once for each distinct set of classes.
    """
    refusal: Refusal | None = None
    asked_before = set()
    for view_class in views:
        classes = tuple(view_class.authentication_classes)
        if classes in asked_before:
            continue
        asked_before.add(classes)
        try:
            with refusals(None):
                authenticators = view_class().get_authenticators()
                request = Request(ViewRequest(principal, "/", ()), authenticators=authenticators)
                user: Any = request.user
                if user.is_authenticated:
                    return True
        except Refusal as raised:
            refusal = raised
    if refusal is not None:
        raise refusal
    return False


def user_key(request: Any) -> str | None:
    """The key of the user whom the view's authentication found; None for whoever is unknown."""
    user = request.user
    return str(user.pk) if user is not None and user.is_authenticated else None


# --- reading through a view ---


def read(asked: AudienceKey, wanted: Wanted) -> Any:
    """What REST answers to the same question, as far as it is ``wanted`` of the rows. Raises
    ``Refusal``.
    """
    http_request = request_of(asked)

    def answer() -> Any:
        view: Any = open_view(asked, http_request, throttle=True)
        action = asked.endpoint.action
        with refusals(asked.endpoint, http_request):
            if only_passes_on(view, action):
                want(view, wanted)
            return answer_of(_handler(view, action)(view.request, **view.kwargs))

    return within_middleware(http_request, answer)


def _handler(view: Any, action: str) -> Callable[..., Any]:
    """What answers a ``GET``; DRF's own where a view is there for subscriptions only."""
    handler = getattr(view, "get", None) or getattr(view, action, None)
    if handler is not None:
        return handler  # type: ignore[no-any-return]
    mixin = ListModelMixin.list if action == "list" else RetrieveModelMixin.retrieve
    return mixin.__get__(view)  # type: ignore[no-any-return]


def can_be_asked(endpoint: Any) -> bool:
    """Whether the view's queryset tells what its answer is: a ``get_object`` of the project's may
    take its row from anywhere.
    """
    return endpoint.action != "retrieve" or endpoint.view.get_object is GenericAPIView.get_object


def question_of(asked: AudienceKey, view: GenericAPIView[Any]) -> Any:
    """What a list view shows, unpaginated: a queryset, mostly. Raises ``Refusal``."""
    with refusals(asked.endpoint, view.request):
        return view.filter_queryset(view.get_queryset())


def load_one(asked: AudienceKey, view: GenericAPIView[Any]) -> list[Any]:
    """The one row of a retrieve view, or nothing where the view says 404. Raises ``Refusal`` for
    any other no.
    """
    with refusals(asked.endpoint, view.request):
        try:
            return [view.get_object()]
        except Http404:
            return []


def load_all(asked: AudienceKey, rows: Any, limit: int | None) -> list[Any] | None:
    """Every row; None where they are more than ``limit``. Raises ``Refusal``."""
    with refusals(asked.endpoint):
        if limit is None:
            return list(rows)
        some = islice(rows, limit + 1) if _is_sliced(rows) else rows[: limit + 1]
        instances = list(some)
        return None if len(instances) > limit else instances


def load_first(asked: AudienceKey, rows: Any, most: int) -> list[Any]:
    """Some rows, at most so many. Raises ``Refusal``."""
    with refusals(asked.endpoint):
        return list(islice(rows, most) if _is_sliced(rows) else rows[:most])


def can_be_narrowed(rows: Any) -> bool:
    """Whether some of ``rows`` can be asked for alone.

    A slice, a union or ``DISTINCT ON`` answers something else once it is narrowed: those are seen
    in whole or not at all.
    """
    return not (_is_sliced(rows) or rows.query.combinator or rows.query.distinct_fields)


def load_some(asked: AudienceKey, rows: Any, keys: Collection[Key]) -> list[Any]:
    """Those of ``keys`` that are among ``rows``, which can be narrowed. Raises ``Refusal``."""
    with refusals(asked.endpoint):
        return list(rows.filter(pk__in=keys)) if keys else []


def load_members(asked: AudienceKey, rows: Any) -> Members:
    """The keys of every row, with their lookup values.

    Raises ``Refusal``, also where they are more than ``MEMBERSHIP_ROWS``.
    """
    limit: int = setting("MEMBERSHIP_ROWS")
    with refusals(asked.endpoint):
        members = Members.of(islice(_pairs(asked, rows), limit + 1))
    if len(members) > limit:
        raise Refusal(
            ErrorCode.LIMIT_EXCEEDED,
            f"The list has more than {limit} rows: narrow it with a filter.",
        )
    return members


def _pairs(asked: AudienceKey, rows: Any) -> Iterator[tuple[Key, str]]:
    lookup = asked.endpoint.lookup_field
    if not isinstance(rows, QuerySet):
        return ((_key(asked, each), _lookup(asked, each)) for each in rows)
    if lookup == "pk":
        keys = rows.values_list("pk", flat=True).iterator(_CHUNK)
        return ((key_of(pk), str(pk)) for pk in keys)
    pairs = rows.values_list("pk", lookup).iterator(_CHUNK)
    return ((key_of(pk), str(value)) for pk, value in pairs)


def _is_sliced(rows: Any) -> bool:
    """Whether a part of the whole is fixed already, as a list or by a limit."""
    return not isinstance(rows, QuerySet) or rows.query.is_sliced


def serialize(
    asked: AudienceKey,
    view: GenericAPIView[Any],
    instances: list[Any],
    watched: Callable[[Any], AbstractContextManager[Any]],
) -> dict[Key, Row]:
    """The rows as the view's serializer shows them. Each serializer is read within what ``watched``
    gives for it. Raises ``Refusal``.
    """

    def data_of(*arguments: Any, **named: Any) -> Any:
        serializer = view.get_serializer(*arguments, **named)
        with watched(serializer):
            return serializer.data

    if not instances:
        return {}
    with refusals(asked.endpoint, view.request):
        if asked.endpoint.action == "retrieve":
            return _rows(asked, instances, [data_of(instances[0])])
        data = data_of(instances, many=True)
        if len(data) == len(instances):
            return _rows(asked, instances, data)
        # A ListSerializer of the project's leaves rows out or adds some: ask it row by row, so that
        # each stays itself.
        rows: dict[Key, Row] = {}
        for instance in instances:
            rows.update(_rows(asked, [instance], data_of([instance], many=True)[:1]))
        return rows


def _rows(asked: AudienceKey, instances: Collection[Any], data: Collection[Any]) -> dict[Key, Row]:
    return {
        # A serializer may write its next row into the same object.
        _key(asked, instance): Row(_lookup(asked, instance), copy(each))
        for instance, each in zip(instances, data, strict=False)
    }


def json_renderer(view: Any) -> JSONRenderer:
    """The renderer of JSON that the view negotiates, which may write keys in its own way."""
    accepted = view.request.accepted_renderer
    candidates = (accepted, *view.get_renderers())
    return next((each for each in candidates if isinstance(each, JSONRenderer)), JSONRenderer())


# --- keys ---


def _key(asked: AudienceKey, row: Any) -> Key:
    return key_of(_value(asked, row, "pk"))


def _lookup(asked: AudienceKey, row: Any) -> str:
    return str(_value(asked, row, asked.endpoint.lookup_field))


def _value(asked: AudienceKey, row: Any, path: str) -> Any:
    """What ``path`` leads to from a row: an instance, or a dict where the queryset gives
    ``values()``.
    """
    if isinstance(row, Mapping):
        return row[asked.endpoint.model._meta.pk.attname if path == "pk" else path]
    for hop in path.split("__"):
        row = getattr(row, hop)
    return row


def watched_row(endpoint: Any, kwargs: Mapping[str, Any]) -> Key | None:
    """The only row that can concern a subscriber of ``endpoint``; None where any row of the model
    can.

    It is known beforehand for the stock ``get_object`` by primary key only: another lookup value
    may move to another row, and a ``get_object`` of the project's may return any.
    """
    if endpoint.lookup_kwarg is None or not can_be_asked(endpoint):
        return None
    pk = endpoint.model._meta.pk
    if endpoint.lookup_field not in {"pk", pk.name, pk.attname}:
        return None
    try:
        return key_of(pk.to_python(kwargs[endpoint.lookup_kwarg]))
    except ValidationError:
        return None
