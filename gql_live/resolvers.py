"""Run the DRF view as the principal who asks: the only door to views and the ORM.

A view runs through DRF's own lifecycle: ``initialize_request``, ``initial`` (authentication,
permissions, throttles), then ``get_queryset``, ``filter_queryset``, ``get_object``,
``get_serializer``. Everything here blocks; ``off_loop`` takes it to a thread.
"""

import asyncio
import contextvars
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import Any, TypeVar

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
from gql_live.exceptions import Refusal
from gql_live.middleware import within_middleware
from gql_live.principals import ViewRequest
from gql_live.pruning import only_passes_on, want
from gql_live.refusals import answer_of, refusals
from gql_live.wanted import Wanted

T = TypeVar("T")

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


def request_of(asked: AudienceKey) -> ViewRequest:
    """The request that asks. Raises ``Refusal`` for parameters that no URL can carry."""
    with refusals(asked.endpoint):
        path = _path(asked.endpoint, dict(asked.kwargs))
        return ViewRequest(asked.principal, path, asked.params)


def open_view(
    asked: AudienceKey, http_request: ViewRequest, *, throttle: bool
) -> GenericAPIView[Any]:
    """The view, authenticated and permitted for the principal who asks, as DRF's ``dispatch``
    leaves it to a handler.

    ``throttle`` asks the view's throttles too: a subscriber is counted when it subscribes, not at
    each delivery. Raises ``Refusal``.
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
        view.initial(request, **kwargs)
    return view  # type: ignore[no-any-return]


def _do_not_throttle(_request: Any) -> None:
    return None


def _path(endpoint: Any, kwargs: dict[str, Any]) -> str:
    """The path that the same question has in REST: pagination links and relative URLs are made
    from it.
    """
    if endpoint.url_name is None:
        return "/"
    try:
        return reverse(endpoint.url_name, kwargs=kwargs)
    except NoReverseMatch:
        return "/"


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


def see_one(asked: AudienceKey, view: GenericAPIView[Any]) -> dict[Key, Row]:
    """The one row of a retrieve view, or nothing where the view says 404. Raises ``Refusal`` for
    any other no.
    """
    with refusals(asked.endpoint, view.request):
        try:
            instance = view.get_object()
        except Http404:
            return {}
        return _rows(asked, [instance], [view.get_serializer(instance).data])


def see_all(
    asked: AudienceKey, view: GenericAPIView[Any], limit: int | None
) -> dict[Key, Row] | None:
    """Every row that a list view shows, unpaginated; None where they are more than ``limit``.

    Raises ``Refusal``.
    """
    with refusals(asked.endpoint, view.request):
        queryset = view.filter_queryset(view.get_queryset())
        if limit is None:
            return _serialize(asked, view, list(queryset))
        some = islice(queryset, limit + 1) if _is_sliced(queryset) else queryset[: limit + 1]
        instances = list(some)
        return None if len(instances) > limit else _serialize(asked, view, instances)


def see_keys(asked: AudienceKey, view: GenericAPIView[Any]) -> dict[Key, str]:
    """The keys of every row that a list view shows, with their lookup values. Raises
    ``Refusal``.
    """
    lookup = asked.endpoint.lookup_field
    with refusals(asked.endpoint, view.request):
        queryset = view.filter_queryset(view.get_queryset())
        if not isinstance(queryset, QuerySet):
            return {_key(asked, each): _lookup(asked, each) for each in queryset}
        if lookup == "pk":
            return {key_of(pk): str(pk) for pk in queryset.values_list("pk", flat=True).iterator()}
        return {
            key_of(pk): str(value) for pk, value in queryset.values_list("pk", lookup).iterator()
        }


def see(
    asked: AudienceKey, view: GenericAPIView[Any], keys: Collection[Key]
) -> dict[Key, Row] | None:
    """Those of ``keys`` that a list view shows; None where the view's queryset cannot be narrowed
    to them.

    A slice, a union or ``DISTINCT ON`` answers something else once it is narrowed: those are seen
    in whole or not at all. Raises ``Refusal``.
    """
    with refusals(asked.endpoint, view.request):
        queryset = view.filter_queryset(view.get_queryset())
        if _is_sliced(queryset):
            return None
        if queryset.query.combinator or queryset.query.distinct_fields:
            return None
        return _serialize(asked, view, list(queryset.filter(pk__in=keys)))


def _is_sliced(queryset: Any) -> bool:
    """Whether a part of the whole is fixed already, as a list or by a limit."""
    return not isinstance(queryset, QuerySet) or queryset.query.is_sliced


def _serialize(
    asked: AudienceKey, view: GenericAPIView[Any], instances: list[Any]
) -> dict[Key, Row]:
    if not instances:
        return {}
    data = view.get_serializer(instances, many=True).data
    if len(data) == len(instances):
        return _rows(asked, instances, data)
    # A ListSerializer of the project's leaves rows out or adds some: ask it row by row, so that
    # each stays itself.
    rows: dict[Key, Row] = {}
    for instance in instances:
        rows.update(_rows(asked, [instance], view.get_serializer([instance], many=True).data[:1]))
    return rows


def _rows(asked: AudienceKey, instances: Collection[Any], data: Collection[Any]) -> dict[Key, Row]:
    return {
        _key(asked, instance): Row(_lookup(asked, instance), each)
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
    if endpoint.lookup_kwarg is None or endpoint.view.get_object is not GenericAPIView.get_object:
        return None
    pk = endpoint.model._meta.pk
    if endpoint.lookup_field not in {"pk", pk.name, pk.attname}:
        return None
    try:
        return key_of(pk.to_python(kwargs[endpoint.lookup_kwarg]))
    except ValidationError:
        return None
