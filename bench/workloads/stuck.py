"""One reader in a hundred stops reading: what the others notice of it."""

from typing import Any

from bench import contestants
from bench.load import Load
from bench.options import Options, scratch
from bench.report import Report
from bench.server import Server

TEXT = "x" * 32_000
KERNEL_BUFFERS = 6_000_000


def run(options: Options) -> Report:
    """Two servers in turn, on one of which some sockets are stuck until their buffers are full and
    longer. One row changes, so that one message waits for each of them and they stay.
    """
    (size,) = options.sizes((300,), (30,))
    stuck = max(1, size // 100)
    report = Report(
        "stuck",
        f"{size} subscribers of one list, messages of {len(TEXT) // 1000} KB",
        ("readers", "p50, ms", "p99, ms", "p99 of none stuck"),
        aim="p99 ≤ 1.1 × that of none stuck",
    )
    rounds, writes = options.times(6), options.times(10)
    filling = KERNEL_BUFFERS // len(TEXT) if not options.quick else 10
    names = {"none stuck": 0, f"{stuck} stuck": stuck}
    got: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with scratch() as folder:
        data = contestants.database(folder, "stuck", users=1, rows=1)
        other = contestants.database(folder, "free", users=1, rows=1)
        with (
            contestants.live(folder, other) as free_server,
            contestants.live(folder, data) as server,
            Load(free_server) as free_load,
            Load(server) as load,
        ):
            sides = dict(zip(names, ((free_server, free_load), (server, load)), strict=True))
            for name, count in names.items():
                tokens = [contestants.token_of(1)] * size
                sides[name][1].subscribe("tasks", tokens, small_buffers=count)
                sides[name][1].stick(count)
                _write(*sides[name], filling, size - count)
            for _ in range(rounds):
                for name, count in names.items():
                    got[name].append(_write(*sides[name], writes, size - count))
    _tell(report, got)
    return report


def _write(server: Server, load: Load, writes: int, expected: int) -> dict[str, Any]:
    bodies = [{"text": f"{number}{TEXT}"} for number in range(writes)]
    got = load.write("/api/tasks/1/", bodies, expected=expected)
    server.quiet()
    return got


def _tell(report: Report, got: dict[str, list[dict[str, Any]]]) -> None:
    medians = {
        name: {share: sorted(each[share] for each in rounds)[len(rounds) // 2] * 1e3
               for share in ("p50", "p99")}
        for name, rounds in got.items()
    }  # fmt: skip
    base = medians["none stuck"]["p99"]
    for name, each in medians.items():
        report.rows.append(
            (name, f"{each['p50']:.1f}", f"{each['p99']:.1f}", f"{each['p99'] / base:.2f} ×")
        )
        report.figures[name] = {**each, "ratio": each["p99"] / base}
