"""What running processes say of themselves, and what there is to be concerned about."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from gql_live.changes import Gap
from gql_live.instruments import Counter, Gauge, LabelledCounter, Timing
from gql_live.management.doctor.findings import Finding, broken, note, ok, warning
from gql_live.publisher import cross_process_layer
from gql_live.reports import ask

_SLOW: Final = 1.0
"""Seconds of lag, on average, that somebody should look into (DESIGN promise 5 gives one)."""


def examine_processes(seconds: float, reports: list[dict[str, Any]]) -> Iterator[Finding]:
    """Ask every running process and wait for so many seconds; ``reports`` gets what they show."""
    try:
        if cross_process_layer() is None:
            yield note("processes.alone", "Without a channel layer no process can be asked.")
            return
        reports += asyncio.run(ask(seconds))
    except Exception as error:
        yield broken("processes.unreachable", f"No process can be asked: {error}")
        return
    if not reports:
        yield note(
            "processes.silent",
            f"No process answered within {seconds:g} s: those with subscribers do.",
        )
    for report in reports:
        yield ok("processes.report", _summary(report))
        yield from _concerns(report)


def _summary(report: dict[str, Any]) -> str:
    """What one process shows, kind by kind."""
    measured = [f"{_words(name)} {report[name]:g}" for name in Gauge]
    counted = [f"{_words(name)} {report[name]}" for name in Counter]
    counted += [
        f"{_words(name)} {label} {number}"
        for name in LabelledCounter
        for label, number in report[name].items()
    ]
    for name in Timing:
        mean, longest = report[name]["mean"], report[name]["longest"]
        counted.append(f"{_words(name)} {mean:.4f} on average and {longest:.4f} at most")
    span = _span(report["seconds"])
    return f"{report['process']}: {', '.join(measured)}. In {span}: {', '.join(counted)}."


def _words(name: str) -> str:
    return name.replace("_", " ")


def _span(seconds: float) -> str:
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _concerns(report: dict[str, Any]) -> Iterator[Finding]:
    process = report["process"]
    lost = sum(report[LabelledCounter.RESYNCS].get(gap, 0) for gap in (Gap.LOST, Gap.OVERFLOW))
    if lost:
        yield warning(
            "processes.lost",
            f"{process}: messages between processes were lost {lost} times.",
            "Raise the channel layer's capacity; see whether the process has CPU to spare.",
        )
    slow = report[LabelledCounter.CLOSES].get("1013", 0)
    if slow:
        yield warning(
            "processes.slow-clients",
            f"{process}: {slow} connections were closed with 1013: too slow a client, or a fault.",
            "The log tells which. Raise SEND_QUEUE_BYTES where clients are merely slow.",
        )
    faults = report[LabelledCounter.ERRORS].get("INTERNAL_SERVER_ERROR", 0)
    if faults:
        yield warning(
            "processes.faults",
            f"{process}: {faults} operations ended with INTERNAL_SERVER_ERROR.",
            "The log has the tracebacks.",
        )
    if report[Timing.LAG]["mean"] > _SLOW:
        yield warning(
            "processes.lag",
            f"{process}: a change takes {report[Timing.LAG]['mean']:.1f} s on average.",
            "Look at evaluation_seconds and queries: index the views' querysets, raise "
            "EVALUATION_THREADS, or run more processes.",
        )
    if report[Gauge.PUBLISH_QUEUE] > 0:
        yield note(
            "processes.publish-queue",
            f"{process}: {report[Gauge.PUBLISH_QUEUE]:g} changes wait to leave it.",
            "Where that stays so, the broker does not take them.",
        )
