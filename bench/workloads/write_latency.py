"""What subscribers cost whoever writes: the latency of a REST PATCH."""

from typing import Any

from bench import contestants
from bench.load import Load
from bench.measuring import Sample
from bench.options import Options, scratch
from bench.report import Report

MILLISECOND = 1e-3
WRITES = 10


def run(options: Options) -> Report:
    """The same writes to the API without gql_live and with it, in turn; each when the server rests
    after the one before. Who writes is a process of its own, which has nothing else to do.
    """
    (size,) = options.sizes((5_000,), (20,))
    report = Report(
        "write_latency",
        f"a DRF PATCH while {size:,} subscribe to the list",
        ("server", "until answered, ms", "of the API alone", "p99, ms"),
        aim="≤ 1.1 × the API without gql_live",
    )
    rounds = options.times(8)
    responses: dict[str, list[float]] = {}
    with scratch() as folder:
        data = {
            name: contestants.database(folder, name, users=1, rows=20)
            for name in ("rest", "nobody", "live")
        }
        with (
            contestants.rest(folder, data["rest"]) as rest,
            contestants.live(folder, data["nobody"]) as nobody,
            contestants.live(folder, data["live"]) as live,
            Load(live) as crowd,
            Load(rest) as rest_writer,
            Load(nobody) as nobody_writer,
            Load(live) as live_writer,
        ):
            sides = {
                "the API alone": (rest, rest_writer),
                "gql_live, nobody subscribes": (nobody, nobody_writer),
                f"gql_live, {size:,} subscribe": (live, live_writer),
            }
            crowd.subscribe("tasks", [contestants.token_of(1)] * size)
            for number in range(rounds + 1):
                for name, (server, writer) in sides.items():
                    for write in range(WRITES):
                        body = {"text": f"{number} {write}"}
                        got = writer.write("/api/tasks/1/", [body], expected=0)
                        server.quiet()
                        if number:  # the first round warms up
                            responses.setdefault(name, []).extend(got["responses"])
    _tell(report, responses)
    return report


def _tell(report: Report, responses: dict[str, list[float]]) -> None:
    samples = {name: Sample(values) for name, values in responses.items()}
    alone = samples["the API alone"]
    figures: dict[str, Any] = report.figures
    for name, sample in samples.items():
        p99 = sorted(sample.values)[int(len(sample.values) * 0.99)]
        ratio = sample.per(alone)
        report.rows.append((name, sample.told(MILLISECOND), f"{ratio:.2f} ×", f"{p99 * 1e3:.1f}"))
        figures[name] = {"ms": sample.median / MILLISECOND, "ratio": ratio, "p99_ms": p99 * 1e3}
