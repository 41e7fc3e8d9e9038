"""What this process has done, counted and timed; cheap enough to be always on.

A counter only grows. A gauge is asked for when somebody reads. A timing is a histogram. Everything
is of one process and begins with it; a forked child begins anew.

>>> instruments.count(Counter.FRAMES, 200)
>>> instruments.count_labelled(LabelledCounter.RESYNCS, "lost")
>>> instruments.observe(Timing.LAG, 0.004)
>>> instruments.read().counts[Counter.FRAMES]
200
"""

import logging
import os
import threading
import time
import weakref
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self, TypeVar

logger = logging.getLogger("gql_live")

S = TypeVar("S")


class _Name(StrEnum):
    """A name, and what is meant by it, with its unit."""

    meaning: str

    def __new__(cls, name: str, meaning: str) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member


class Counter(_Name):
    """What is counted since the process began."""

    CHANGES = "changes", "Changes of rows that arrived here, from this process and from others."
    PUBLISHED = "published", "Changes that this process has sent to the channel layer."
    EVALUATIONS = "evaluations", "Evaluations: an audience and its work, asked of the view."
    QUERIES = "queries", "Database queries that were run to keep subscribers up to date."
    EXECUTIONS = "executions", "Events executed and encoded, each for all who select the same."
    FRAMES = "frames", "Events handed to subscribers."
    CONFLATIONS = "conflations", "Events dropped from a send queue because a later one says more."
    RENEWALS = "renewals", "Operations told anew because their client had fallen too far behind."


class LabelledCounter(_Name):
    """What is counted since the process began, by a label of few different values."""

    RESYNCS = "resyncs", "Times that changes may have been missed, by reason."
    ERRORS = "errors", "Operations that ended with an error, by its code."
    CLOSES = "closes", "Connections that this side closed, by close code."

    @property
    def label(self) -> str:
        """What the label tells."""
        return "reason" if self is LabelledCounter.RESYNCS else "code"


class Timing(_Name):
    """What is timed, in seconds."""

    EVALUATION = "evaluation_seconds", "Seconds of a worker thread that an evaluation took."
    LAG = "lag_seconds", "Seconds from a change's arrival here until its events were handed out."


class Gauge(_Name):
    """What there is at the moment of reading."""

    CONNECTIONS = "connections", "Open connections: sockets and event streams."
    AUDIENCES = "audiences", "Audiences: groups of subscribers who share every evaluation."
    SUBSCRIBERS = "subscribers", "Running subscriptions."
    UNSERVED = "unserved_audiences", "Audiences whose evaluation runs or waits for a thread."
    SEND_QUEUES = "send_queue_bytes", "Bytes of events that wait for slow clients."
    PUBLISH_QUEUE = "publish_queue", "Changes that wait to be sent to the channel layer."


BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of a histogram's buckets, in seconds; one more bucket has no bound."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Observations of one timing: how many, their sum and the longest, in seconds.

    ``buckets`` holds how many were at most each of ``BOUNDS`` and more than the bound before; the
    last one those above all bounds.
    """

    count: int
    total: float
    longest: float
    buckets: tuple[int, ...]

    @property
    def mean(self) -> float:
        """The average in seconds; 0 without any observation."""
        return self.total / self.count if self.count else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Numbers by name, as they travel and as JSON has them; times in seconds."""
        return {"count": self.count, "mean": self.mean, "longest": self.longest}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the instruments showed at one moment, ``seconds`` after they began."""

    seconds: float
    counts: Mapping[Counter, int]
    labelled: Mapping[LabelledCounter, Mapping[str, int]]
    timings: Mapping[Timing, Histogram]
    gauges: Mapping[Gauge, float]

    def as_dict(self) -> dict[str, Any]:
        """Text, numbers and dicts of them by name, as they travel and as JSON has them."""
        return {
            "seconds": self.seconds,
            **{str(name): number for name, number in self.counts.items()},
            **{str(name): dict(numbers) for name, numbers in self.labelled.items()},
            **{str(name): each.as_dict() for name, each in self.timings.items()},
            **{str(name): value for name, value in self.gauges.items()},
        }


class _Observations:
    """One timing, as it is being observed."""

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.longest = 0.0
        self.buckets = [0] * (len(BOUNDS) + 1)

    def add(self, seconds: float) -> None:
        self.count += 1
        self.total += seconds
        self.longest = max(self.longest, seconds)
        self.buckets[bisect_left(BOUNDS, seconds)] += 1

    def read(self) -> Histogram:
        return Histogram(self.count, self.total, self.longest, tuple(self.buckets))


class Instruments:
    """Counters, timings and gauges. Every method may be called from any thread; none raises.

    One lock for all, held for well under a microsecond: what is counted is counted once a batch.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin anew, with nothing counted, nothing measured, and a lock that nobody holds."""
        # Of the kind that a thread may take twice: what the garbage collector or a signal runs
        # meanwhile may count, too.
        self._lock = threading.RLock()
        self._sources: list[tuple[Gauge, weakref.ref[Any], Callable[[Any], float]]] = []
        self.reset()

    def reset(self) -> None:
        """Set every counter and timing to nothing. Gauges go on measuring. For tests."""
        with self._lock:
            self._began = time.monotonic()
            self._counts = dict.fromkeys(Counter, 0)
            self._labelled = {name: Tally[str]() for name in LabelledCounter}
            self._timings = {name: _Observations() for name in Timing}

    def count(self, name: Counter, by: int = 1) -> None:
        """Count so many more."""
        with self._lock:
            self._counts[name] += by

    def count_labelled(self, name: LabelledCounter, label: str, by: int = 1) -> None:
        """Count so many more under a label. Of labels there must be few: each is kept."""
        with self._lock:
            self._labelled[name][label] += by

    def observe(self, name: Timing, seconds: float) -> None:
        """Note how long something took."""
        with self._lock:
            self._timings[name].add(seconds)

    @contextmanager
    def timing(self, name: Timing) -> Iterator[None]:
        """Note how long the block takes, whatever becomes of it."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.observe(name, time.perf_counter() - start)

    def measure(self, name: Gauge, source: S, value: Callable[[S], float]) -> None:
        """Let ``value(source)`` be part of a gauge for as long as ``source`` lives:
        ``measure(Gauge.AUDIENCES, self, lambda self: len(self._hub))``.

        The values of all sources are added up. ``value`` is called when somebody reads, in the
        thread that reads: it looks at sizes and must not iterate over what another thread changes.
        It must not refer to its source but by its argument, or that would live for ever.
        """
        with self._lock:
            self._sources = [each for each in self._sources if each[1]() is not None]
            self._sources.append((name, weakref.ref(source), value))

    def read(self) -> Snapshot:
        """What the instruments show now. A gauge that raises is logged and shows without that
        source.
        """
        with self._lock:
            seconds = time.monotonic() - self._began
            counts = self._counts.copy()
            labelled = {name: dict(tally) for name, tally in self._labelled.items()}
            timings = {name: each.read() for name, each in self._timings.items()}
            sources = self._sources.copy()
        gauges: dict[Gauge, float] = dict.fromkeys(Gauge, 0)
        for name, reference, value in sources:
            source = reference()
            if source is not None:
                gauges[name] += _value_of(name, source, value)
        return Snapshot(seconds, counts, labelled, timings, gauges)


def _value_of(name: Gauge, source: Any, value: Callable[[Any], float]) -> float:
    try:
        return value(source)
    except Exception:
        logger.exception("%s could not be measured.", name)
        return 0


class QueryCount:
    """How many database queries ran; an ``execute_wrapper`` of one thread."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,
        context: Mapping[str, Any],
    ) -> Any:
        """Count a query and run it (called by Django's cursors)."""
        self.queries += 1
        return execute(sql, params, many, context)


@contextmanager
def counting_queries(connections: Iterable[Any]) -> Iterator[QueryCount]:
    """Count the queries that the block runs in this thread, as ``Counter.QUERIES``.

    ``connections`` are Django's of this thread: ``django.db.connections.all()``. ``executemany``
    is one query. Not to be nested: each would count.
    """
    counted = QueryCount()
    with ExitStack() as wrapped:
        for connection in connections:
            wrapped.enter_context(connection.execute_wrapper(counted))
        try:
            yield counted
        finally:
            instruments.count(Counter.QUERIES, counted.queries)


instruments: Final = Instruments()
"""The instruments of this process."""

if hasattr(os, "register_at_fork"):
    # A thread of the parent may hold the lock, and what the parent did is not the child's.
    os.register_at_fork(after_in_child=instruments.begin)
