"""Serializers of any make: programs that read this or that, as what they read decides.

A program is a tree. At each node something is read of the request, the view or the surroundings and
told; which way it goes on depends on what was read, or on the row.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal
from zlib import crc32

from django.db.models import Prefetch, QuerySet, Value
from django.utils import timezone, translation
from hypothesis import strategies as st
from rest_framework import serializers

from tests.predicates.test_fingerprint import Times
from tests.sharing.opening import Question, Tasks
from tests.todo.models import List, Task

scope: ContextVar[Any] = ContextVar("scope", default=None)

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


Ask = Callable[[QuerySet[Task], Any], QuerySet[Task]]
ASKS: dict[str, tuple[Ask, tuple[str, str]]] = {
    "scoped": (lambda _, __: Scoped(Task).order_by("pk"), ("row", "fetched")),
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


# --- programs ---


@dataclass(frozen=True)
class Program:
    """Read ``what`` there is ``where``, and go on as it says."""

    where: str
    what: str
    ways: "tuple[Program | None, Program | None]" = (None, None)

    def run(self, serializer: Any, row: Task) -> list[Any]:
        """What is read, one after the other."""
        value = self._read(serializer, row)
        way = self.ways[crc32(repr(value).encode()) % 2]
        return [value, *(way.run(serializer, row) if way else [])]

    def _read(self, serializer: Any, row: Task) -> Any:
        match self.where:
            case "request":
                return OF_REQUEST[self.what](serializer.context["request"])
            case "view's request":
                return OF_REQUEST[self.what](serializer.context["view"].request)
            case "parser's request":
                context = serializer.context["request"].parser_context
                return OF_REQUEST[self.what](context["request"])
            case "view":
                return OF_VIEW[self.what](serializer.context["view"])
            case "around":
                return AROUND[self.what]()
            case _:
                return OF_ROW[self.what](row)


_READS = [
    *[
        (where, what)
        for where in ("request", "view's request", "parser's request")
        for what in OF_REQUEST
    ],
    *[("view", what) for what in OF_VIEW] * 3,
    *[("around", what) for what in AROUND] * 3,
    *[("row", what) for what in OF_ROW] * 3,
]
_leaves = st.sampled_from(_READS).map(lambda read: Program(*read))


def _branches(inner: st.SearchStrategy[Program]) -> st.SearchStrategy[Program]:
    way = st.none() | inner
    return st.builds(
        lambda read, ways: Program(read[0], read[1], ways),
        st.sampled_from(_READS),
        st.tuples(way, way),
    )


programs = st.recursive(_leaves, _branches, max_leaves=6)
stashes = st.lists(
    st.tuples(st.sampled_from(sorted(STASHES)), st.sampled_from(sorted(SOURCES))), max_size=2
)


@dataclass(frozen=True)
class Plot:
    """What a view does: put things aside, ask for rows, mark them, choose a serializer, show rows.

    What it asks by, and marks rows by, are names of ``SOURCES``.
    """

    stashed: list[tuple[str, str]]
    asked: list[tuple[str, str]]
    marked: str | None
    chosen: Program | None
    shown: Program
    action: Literal["list", "retrieve"]
    audience: str | None


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    """What was put aside is looked for, mostly."""
    source = st.sampled_from(sorted(SOURCES))
    stashed, shown = draw(stashes), draw(programs)
    asked = draw(st.lists(st.tuples(st.sampled_from(sorted(ASKS)), source), max_size=1))
    marked = draw(st.none() | source)
    places = [STASHES[stash][1] for stash, _ in stashed] + [ASKS[ask][1] for ask, _ in asked]
    for place in [*places, *([] if marked is None else [("row", "mark")])]:
        if draw(st.integers(0, 3)):
            shown = Program(*place, (shown, shown))
    action = draw(st.sampled_from(ACTIONS))
    audience = draw(st.sampled_from([None, None, None, "public", "connection"]))
    return Plot(stashed, asked, marked, draw(st.none() | programs), shown, action, audience)


ACTIONS: tuple[Literal["list", "retrieve"], ...] = ("list", "list", "retrieve")


def question_of(plot: Plot) -> Question:
    """The question to a view that does so."""
    if plot.action == "list":
        return Question(view_that_runs(plot), params=(("q", "1"),))
    key = Task.objects.values_list("pk", flat=True)[0]
    kwargs = (("pk", key),)
    return Question(view_that_runs(plot), params=(("q", "1"),), kwargs=kwargs, action="retrieve")


def serializers_of(shown: Program) -> tuple[Any, Any]:
    """A serializer that runs a program, and one that shows nothing of what it reads."""

    class Shown(serializers.ModelSerializer[Task]):
        """A task and what was read."""

        read = serializers.SerializerMethodField()

        class Meta:
            model = Task
            fields = ["id", "read"]

        def get_read(self, task: Task) -> list[Any]:
            return shown.run(self, task)

    class Narrow(Shown):
        """A task, and nothing of what could be read."""

        read = None  # type: ignore[assignment]  # how rest framework lets go of a field

        class Meta(Shown.Meta):
            fields = ["id"]

    return Shown, Narrow


def view_that_runs(plot: Plot) -> type[Tasks]:
    """A view that does so."""
    shown, narrow = serializers_of(plot.shown)

    class Running(Tasks):
        """Runs programs."""

        realtime_audience = plot.audience  # type: ignore[assignment]

        def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
            super().initial(request, *args, **kwargs)
            for stash, source in plot.stashed:
                STASHES[stash][0](self, request, SOURCES[source](request))

        def get_queryset(self) -> Any:
            rows: Any = super().get_queryset()
            for ask, source in plot.asked:
                rows = ASKS[ask][0](rows, SOURCES[source](self.request))
            return rows

        def check_object_permissions(self, request: Any, obj: Any) -> None:
            super().check_object_permissions(request, obj)
            if plot.marked is not None:
                obj.mark = SOURCES[plot.marked](request)

        def get_serializer_class(self) -> Any:
            if plot.chosen is None:
                return shown
            asking: Any = serializers.Serializer(context=self.get_serializer_context())
            told = plot.chosen.run(asking, Task(list=List()))
            return narrow if crc32(repr(told).encode()) % 2 else shown

    return Running
