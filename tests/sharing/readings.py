"""What a serializer can find of who asks, and the ways in which it may have come there."""

from collections.abc import Callable
from contextvars import ContextVar
from threading import local
from typing import Any
from zlib import crc32

from django.db.models import Prefetch, QuerySet, Value
from django.utils import timezone, translation

from tests.predicates.test_fingerprint import Times
from tests.todo.models import Task

scope: ContextVar[Any] = ContextVar("scope", default=None)
thread = local()

Probe = Callable[[Any], Any]

# --- what can be read: of the request, by way of the serializer's or the view's ---

OF_REQUEST: dict[str, Probe] = {
    "user": lambda r: r.user.pk,
    "staff": lambda r: r.user.is_staff,
    "scopes": lambda r: getattr(r.user, "scopes", None),
    "has user": lambda r: hasattr(r, "user"),
    "auth": lambda r: str(r.auth),
    "session": lambda r: r.session.session_key,
    "tenant": lambda r: r.headers.get("X-Tenant"),
    "has tenant": lambda r: "x-tenant" in r.headers,
    "META": lambda r: r.META.get("HTTP_X_TENANT"),
    "all of META": lambda r: sorted(r.META.items()),
    "theme": lambda r: r.COOKIES.get("theme"),
    "cookies": lambda r: dict(r.COOKIES),
    "url": lambda r: r.build_absolute_uri("/here/"),
    "host": lambda r: r.get_host(),
    "secure": lambda r: r.is_secure(),
    "path": lambda r: r.get_full_path(),
    "parameter": lambda r: r.query_params.get("q"),
    "put aside": lambda r: str(getattr(r, "aside", None)),
    "cached": lambda r: r.__dict__.setdefault("cached", 1),
    "kept": lambda r: keep(r, "kept"),
    "Django's": lambda r: r._request.headers.get("X-Tenant"),
    "words": repr,
}
OF_VIEW: dict[str, Probe] = {
    "plain": lambda v: getattr(v, "plain", None),
    "object": lambda v: str(getattr(v, "object", None)),
    "call": lambda v: getattr(v, "call", str)(),
    "kwargs": lambda v: sorted(v.kwargs.items()),
    "kept": lambda v: keep(v, "remembered"),
}
AROUND: dict[str, Callable[[], Any]] = {
    "language": translation.get_language,
    "zone": timezone.get_current_timezone_name,
    "scope": lambda: str(scope.get()),
}


OF_ROW: dict[str, Probe] = {
    "done": lambda row: row.done,
    "mark": lambda row: str(getattr(row, "mark", None)),
    "fetched": lambda row: getattr(row, "fetched", None),
    "annotated": lambda row: getattr(row, "annotated", None),
    "along": lambda row: [str(each) for each in getattr(row.list, "along", ())],
    "kept": lambda row: keep(row, "counted"),
}


def keep(thing: Any, name: str) -> int:
    """Count on ``thing``, as code does that caches there."""
    setattr(thing, name, getattr(thing, name, 0) + 1)
    return int(getattr(thing, name))


# --- what can be put aside ---


class Held:
    """Tells what it holds, and nobody can know."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def __str__(self) -> str:
        return f"Held({self.held})"


def _call(held: Any) -> Callable[[], Any]:
    return lambda: held


Sources = dict[str, Callable[[Any], Any]]
SOURCES: Sources = {
    "user": lambda r: r.user.pk,
    "staff": lambda r: r.user.is_staff,
    "tenant": lambda r: r.headers.get("X-Tenant"),
    "truth": lambda r: 1 if r.headers.get("X-Tenant") else True,
}
Stash = Callable[[Any, Any, Any], object]
STASHES: dict[str, tuple[Stash, tuple[str, str]]] = {
    "plain": (lambda v, _, held: setattr(v, "plain", held), ("view", "plain")),
    "list": (lambda v, _, held: setattr(v, "plain", [held]), ("view", "plain")),
    "object": (lambda v, _, held: setattr(v, "object", Held(held)), ("view", "object")),
    "call": (lambda v, _, held: setattr(v, "call", _call(held)), ("view", "call")),
    "kwargs": (lambda v, _, held: v.kwargs.update(held=held), ("view", "kwargs")),
    "aside": (lambda _, r, held: setattr(r, "aside", held), ("request", "put aside")),
    "object aside": (
        lambda _, r, held: setattr(r, "aside", Held(held)),
        ("request", "put aside"),
    ),
    "aside behind": (
        lambda _, r, held: setattr(r._request, "aside", held),
        ("request", "put aside"),
    ),
    "scopes": (lambda _, r, held: setattr(r.user, "scopes", held), ("request", "scopes")),
    "META": (lambda _, r, held: r.META.update(HTTP_X_TENANT=str(held)), ("request", "META")),
    "language": (
        lambda _, __, held: translation.activate("de" if held else "fr"),
        ("around", "language"),
    ),
    "zone": (
        lambda _, __, held: timezone.activate("Asia/Tokyo" if held else "Asia/Seoul"),
        ("around", "zone"),
    ),
    "scope": (lambda _, __, held: scope.set(held), ("around", "scope")),
    "scope of some": (lambda _, __, held: held and scope.set(held), ("around", "scope")),
    "object scope": (lambda _, __, held: scope.set(Held(held)), ("around", "scope")),
}
"""Ways to put something aside, each with where to find it."""


# --- what the rows themselves tell ---


class Scoped(QuerySet[Task]):
    """Rows that tell what a context variable held when they were fetched."""

    def _fetch_all(self) -> None:
        super()._fetch_all()
        for task in self._result_cache or ():
            task.fetched = str(scope.get())  # type: ignore[attr-defined]


class Threaded(QuerySet[Task]):
    """Rows that tell what the thread held, which only a view that shares nothing may do."""

    def _fetch_all(self) -> None:
        super()._fetch_all()
        for task in self._result_cache or ():
            task.fetched = thread.held  # type: ignore[attr-defined]


def _threaded(_rows: QuerySet[Task], held: Any) -> QuerySet[Task]:
    thread.held = str(held)
    return Threaded(Task).order_by("pk")


Ask = Callable[[QuerySet[Task], Any], QuerySet[Task]]
ASKS: dict[str, tuple[Ask, tuple[str, str]]] = {
    "scoped": (lambda _, __: Scoped(Task).order_by("pk"), ("row", "fetched")),
    "threaded": (_threaded, ("row", "fetched")),
    "annotated": (
        lambda rows, held: rows.annotate(annotated=Value(str(held))),
        ("row", "annotated"),
    ),
    "converted": (
        lambda rows, held: rows.annotate(annotated=Times(by=crc32(str(held).encode()) % 5)),
        ("row", "annotated"),
    ),
    "along": (
        lambda rows, held: rows.prefetch_related(
            Prefetch("list__tasks", Task.objects.filter(done=bool(held)), to_attr="along")
        ),
        ("row", "along"),
    ),
}
"""Ways to ask for rows by what somebody holds, each with where that shows."""
