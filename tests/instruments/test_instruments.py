"""What is counted, timed and measured, from whatever thread."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from gql_live.instruments import (
    BOUNDS,
    Counter,
    Gauge,
    Instruments,
    LabelledCounter,
    Timing,
    counting_queries,
)
from gql_live.instruments import instruments as of_this_process
from tests.todo.models import Task


@dataclass(eq=False)
class Source:
    """Something that has a size."""

    size: float


def size_of(source: Source) -> float:
    return source.size


@pytest.fixture
def instruments() -> Instruments:
    """Instruments that nobody else counts with."""
    return Instruments()


@pytest.fixture
def _impatient_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_everything_is_there_from_the_beginning_and_nothing_is_counted(
    instruments: Instruments,
) -> None:
    shown = instruments.read()
    assert shown.counts == dict.fromkeys(Counter, 0)
    assert shown.labelled == {name: {} for name in LabelledCounter}
    assert shown.gauges == dict.fromkeys(Gauge, 0)
    assert {timing.count for timing in shown.timings.values()} == {0}
    assert list(shown.timings) == list(Timing)


def test_what_is_counted_adds_up_name_by_name_and_label_by_label(instruments: Instruments) -> None:
    instruments.count(Counter.FRAMES, 200)
    instruments.count(Counter.FRAMES)
    instruments.count_labelled(LabelledCounter.RESYNCS, "lost")
    instruments.count_labelled(LabelledCounter.RESYNCS, "rejoined", 2)
    instruments.count_labelled(LabelledCounter.RESYNCS, "lost")
    shown = instruments.read()
    assert shown.counts == {**dict.fromkeys(Counter, 0), Counter.FRAMES: 201}
    assert shown.labelled[LabelledCounter.RESYNCS] == {"lost": 2, "rejoined": 2}
    assert shown.labelled[LabelledCounter.CLOSES] == {}


def test_a_snapshot_does_not_change_with_what_is_counted_later(instruments: Instruments) -> None:
    instruments.count_labelled(LabelledCounter.ERRORS, "FORBIDDEN")
    before = instruments.read()
    instruments.count(Counter.CHANGES)
    instruments.count_labelled(LabelledCounter.ERRORS, "FORBIDDEN")
    instruments.observe(Timing.LAG, 1)
    assert before.counts[Counter.CHANGES] == 0
    assert before.labelled[LabelledCounter.ERRORS] == {"FORBIDDEN": 1}
    assert before.timings[Timing.LAG].count == 0


@pytest.mark.usefixtures("_impatient_threads")
def test_between_threads_no_count_is_lost_and_no_snapshot_is_torn(instruments: Instruments) -> None:
    threads, times = 8, 2000
    together = threading.Barrier(threads)

    def work() -> None:
        together.wait()
        for _ in range(times):
            instruments.count(Counter.QUERIES, 3)
            instruments.count_labelled(LabelledCounter.CLOSES, "1013")
            instruments.observe(Timing.EVALUATION, 0.5)
            shown = instruments.read().timings[Timing.EVALUATION]
            assert (sum(shown.buckets), shown.total) == (shown.count, shown.count / 2)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work) for _ in range(threads)]:
            done.result()
    shown = instruments.read()
    assert shown.counts[Counter.QUERIES] == 3 * threads * times
    assert shown.labelled[LabelledCounter.CLOSES] == {"1013": threads * times}
    timing = shown.timings[Timing.EVALUATION]
    assert (timing.count, timing.total) == (threads * times, threads * times / 2)


@given(st.lists(st.floats(min_value=0, max_value=100)))
def test_a_histogram_holds_every_observation_in_one_bucket(observations: list[float]) -> None:
    instruments = Instruments()
    for seconds in observations:
        instruments.observe(Timing.LAG, seconds)
    shown = instruments.read().timings[Timing.LAG]
    assert shown.count == sum(shown.buckets) == len(observations)
    assert shown.longest == max(observations, default=0)
    assert shown.total == pytest.approx(sum(observations))
    assert shown.mean == pytest.approx(sum(observations) / max(1, len(observations)))
    for number, bound in enumerate(BOUNDS, 1):
        assert sum(shown.buckets[:number]) == sum(each <= bound for each in observations)


def test_what_interrupts_a_count_may_count_as_well(instruments: Instruments) -> None:
    """As a finalizer does that the garbage collector runs, or a signal's handler."""
    with instruments._lock:
        instruments.count(Counter.CHANGES)
    assert instruments.read().counts[Counter.CHANGES] == 1


def test_a_block_is_timed_whatever_becomes_of_it(instruments: Instruments) -> None:
    with instruments.timing(Timing.EVALUATION):
        pass
    with pytest.raises(ZeroDivisionError), instruments.timing(Timing.EVALUATION):
        _ = 1 / 0
    shown = instruments.read().timings[Timing.EVALUATION]
    assert shown.count == 2
    assert 0 < shown.longest < 1


def test_a_gauge_adds_up_its_sources_as_they_are_when_it_is_read(instruments: Instruments) -> None:
    one, other = Source(3), Source(4)
    instruments.measure(Gauge.AUDIENCES, one, size_of)
    instruments.measure(Gauge.AUDIENCES, other, size_of)
    instruments.measure(Gauge.CONNECTIONS, one, size_of)
    assert instruments.read().gauges[Gauge.AUDIENCES] == 7
    other.size = 10
    shown = instruments.read().gauges
    assert (shown[Gauge.AUDIENCES], shown[Gauge.CONNECTIONS], shown[Gauge.SUBSCRIBERS]) == (
        13,
        3,
        0,
    )


def test_a_gauge_keeps_no_source_alive(instruments: Instruments) -> None:
    for size in range(100):
        instruments.measure(Gauge.AUDIENCES, Source(size), size_of)
    gc.collect()
    assert instruments.read().gauges[Gauge.AUDIENCES] == 0
    last = Source(1)
    instruments.measure(Gauge.AUDIENCES, last, size_of)
    assert len(instruments._sources) == 1  # those that are gone leave nothing behind


def test_a_source_that_cannot_be_measured_hides_no_other(
    instruments: Instruments, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = Source(0), Source(2)
    instruments.measure(Gauge.AUDIENCES, broken, lambda source: 1 / source.size)
    instruments.measure(Gauge.AUDIENCES, whole, size_of)
    assert instruments.read().gauges[Gauge.AUDIENCES] == 2
    assert "audiences could not be measured" in caplog.text


def test_a_reset_forgets_counts_and_timings_but_no_source(instruments: Instruments) -> None:
    source = Source(2)
    instruments.measure(Gauge.AUDIENCES, source, size_of)
    instruments.count(Counter.FRAMES)
    instruments.count_labelled(LabelledCounter.RESYNCS, "lost")
    instruments.observe(Timing.LAG, 1)
    instruments.reset()
    fresh = Instruments().read()
    shown = instruments.read()
    assert (shown.counts, shown.labelled, shown.timings) == (
        fresh.counts,
        fresh.labelled,
        fresh.timings,
    )
    assert shown.gauges[Gauge.AUDIENCES] == 2


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of a process with threads
def test_a_forked_child_begins_anew_even_if_somebody_counts_at_that_moment() -> None:
    source = Source(2)
    of_this_process.count(Counter.FRAMES)
    of_this_process.measure(Gauge.AUDIENCES, source, size_of)
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with of_this_process._lock:
            held.set()
            forked.wait(10)

    counting = threading.Thread(target=hold)
    counting.start()
    assert held.wait(10)
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        before = of_this_process.read()
        of_this_process.count(Counter.FRAMES)
        after = of_this_process.read()
        anew = (before.counts[Counter.FRAMES], after.counts[Counter.FRAMES]) == (0, 1)
        os._exit(0 if anew and not before.gauges[Gauge.AUDIENCES] else 1)
    forked.set()
    counting.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# --- database queries ---


def queries() -> int:
    return of_this_process.read().counts[Counter.QUERIES]


@pytest.mark.django_db
def test_the_queries_of_a_block_are_counted_in_whatever_way_they_are_run() -> None:
    before = queries()
    with counting_queries(connections.all()) as counted:
        Task.objects.count()
        list(Task.objects.values_list("pk").iterator())
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert counted.queries == 3
        assert queries() == before  # one addition for the whole block
    Task.objects.count()
    assert queries() == before + 3


@pytest.mark.django_db
def test_the_queries_of_a_block_that_fails_are_counted_too() -> None:
    before = queries()
    with pytest.raises(Task.DoesNotExist), counting_queries(connections.all()):
        Task.objects.get(pk=-1)
    assert queries() == before + 1


@pytest.mark.django_db
def test_each_thread_counts_its_own_queries() -> None:
    with counting_queries(connections.all()) as counted, ThreadPoolExecutor(1) as pool:
        assert pool.submit(_ask_once).result() == 1
        assert counted.queries == 0


def _ask_once() -> int:
    try:
        with counting_queries(connections.all()) as counted, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return counted.queries
    finally:
        connections.close_all()
