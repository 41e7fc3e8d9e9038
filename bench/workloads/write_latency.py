"""What subscribers cost whoever writes: the latency of a REST PATCH."""

from collections import defaultdict
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

from bench import contestants
from bench.load import Load
from bench.measuring import Sample
from bench.options import Options, scratch
from bench.report import Report
from bench.server import Server

MILLISECOND = 1e-3
WRITES = 10
READS = 3
"""After as many, an idle server's memory is near its processor again."""

ALONE, NOBODY, LIVE, FLOOR = "the API alone", "gql_live, nobody", "gql_live", "floor"


def run(options: Options) -> Report:
    """The same writes to the API without gql_live and with it, in turn; each when the server rests
    after the one before. Who writes is a process of its own, which has nothing else to do.
    """
    (size,) = options.sizes((5_000,), (20,))
    report = Report(
        "write_latency",
        f"a DRF PATCH while {size:,} subscribe to the list",
        ("server", "before it", "until answered, ms", "of the API alone", "p99, ms"),
        aim="≤ 1.1 × the API without gql_live",
        notes=[
            (
                "After a rest: telling thousands leaves other memory near the processor than a "
                "request needs. After reads: the row was read over REST right before."
            ),
            "Floor: the least that can be done for as many, who are told before the answer is out.",
        ],
    )
    with scratch() as folder:
        _tell(report, _responses(folder, size, options.times(8)))
    return report


def _responses(folder: Path, size: int, rounds: int) -> dict[tuple[str, int], list[float]]:
    """Seconds until a write was answered, by server and by the reads that came before it."""
    serve = {
        ALONE: contestants.rest,
        NOBODY: contestants.live,
        LIVE: contestants.live,
        FLOOR: contestants.floor,
    }
    responses: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    with ExitStack() as stack:
        sides: dict[str, tuple[Server, Load]] = {}
        for name, start in serve.items():
            data = contestants.database(folder, name.replace(" ", "-"), users=1, rows=20)
            server = stack.enter_context(start(folder, data))
            sides[name] = server, stack.enter_context(Load(server))
            if name in {LIVE, FLOOR}:
                crowd = stack.enter_context(Load(server))
                crowd.subscribe("tasks", [contestants.token_of(1)] * size)
        for number in range(rounds + 1):
            for name, reads in product(sides, (0, READS)):
                server, writer = sides[name]
                for write in range(WRITES):
                    body = {"text": f"{number} {reads} {write}"}
                    got = writer.write("/api/tasks/1/", [body], expected=0, reads=reads)
                    server.quiet()
                    if number:  # the first round warms up
                        responses[name, reads] += got["responses"]
    return responses


def _tell(report: Report, responses: dict[tuple[str, int], list[float]]) -> None:
    samples = {side: Sample(values) for side, values in responses.items()}
    figures: dict[str, Any] = report.figures
    for (name, reads), sample in samples.items():
        p99 = sorted(sample.values)[int(len(sample.values) * 0.99)]
        ratio = sample.per(samples[ALONE, reads])
        before = "reads" if reads else "a rest"
        told = sample.told(MILLISECOND), f"{ratio:.2f} ×", f"{p99 / MILLISECOND:.1f}"
        report.rows.append((name, before, *told))
        figures[f"{name}, after {before}"] = {
            "ms": sample.median / MILLISECOND,
            "ratio": ratio,
            "p99_ms": p99 / MILLISECOND,
        }
