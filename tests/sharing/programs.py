"""Serializers of any make: programs that read this or that, as what they read decides.

A program is a tree. At each node something is read of the request, the view or the surroundings and
told; which way it goes on depends on what was read, or on the row.
"""

from dataclasses import dataclass
from typing import Any, Literal
from zlib import crc32

from hypothesis import strategies as st
from rest_framework import serializers

from tests.sharing.opening import Question, Tasks
from tests.sharing.readings import AROUND, ASKS, OF_REQUEST, OF_ROW, OF_VIEW, SOURCES, STASHES
from tests.todo.models import List, Task


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


ACTIONS: tuple[Literal["list", "retrieve"], ...] = ("list", "list", "retrieve")
AUDIENCES = (None, None, None, "public", "connection")

_sources = st.sampled_from(sorted(SOURCES))
_asked = st.tuples(st.sampled_from(sorted(ASKS)), _sources).map(lambda ask: [ask])


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    """What was put aside is looked for, mostly."""
    stashed, asked, marked = draw(stashes), draw(st.just([]) | _asked), draw(st.none() | _sources)
    shown = draw(programs)
    for place in _places(stashed, asked, marked):
        if draw(st.integers(0, 3)):
            shown = Program(*place, (shown, shown))
    chosen = draw(st.none() | programs)
    # Rows that a thread decides about are for a view that shares nothing.
    threaded = any(ask == "threaded" for ask, _ in asked)
    audience = draw(st.sampled_from(["connection"] if threaded else AUDIENCES))
    return Plot(stashed, asked, marked, chosen, shown, draw(st.sampled_from(ACTIONS)), audience)


def _places(
    stashed: list[tuple[str, str]], asked: list[tuple[str, str]], marked: str | None
) -> list[tuple[str, str]]:
    """Where all that shows."""
    places = [STASHES[stash][1] for stash, _ in stashed] + [ASKS[ask][1] for ask, _ in asked]
    return [*places, *([] if marked is None else [("row", "mark")])]


def plain_plots() -> dict[str, Plot]:
    """All that do one thing alone, so that there is nothing else on which those who ask may
    differ.
    """
    plots: dict[str, Plot] = {}

    def add(name: str, place: tuple[str, str], **does: Any) -> None:
        nothing: dict[str, Any] = {
            "stashed": [],
            "asked": [],
            "marked": None,
            "chosen": None,
            "audience": None,
        }
        plots[name] = Plot(**{**nothing, "action": "list", **does}, shown=Program(*place))

    for place in dict.fromkeys(_READS):
        add(f"{place[0]}: {place[1]}", place)
    for source in SOURCES:
        for name, (_, place) in STASHES.items():
            add(f"put aside: {name} of {source}", place, stashed=[(name, source)])
        for name, (_, place) in ASKS.items():
            said = "connection" if name == "threaded" else None
            does = {"stashed": [("scope", source)], "asked": [(name, source)], "audience": said}
            add(f"asked by: {name} of {source}", place, **does)
        add(f"marked by: {source}", ("row", "mark"), marked=source, action="retrieve")
    return plots


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
