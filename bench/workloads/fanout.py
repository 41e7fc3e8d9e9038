"""One list, many subscribers of one user: what a delivery costs."""

from pathlib import Path
from typing import Any

from bench import contestants
from bench.load import Load, LoadError
from bench.measuring import Sample
from bench.options import Options, scratch
from bench.report import Report
from bench.server import Server

MICROSECOND = 1e-6
MILLISECOND = 1e-3
ROWS = 3
COLUMNS = (
    "subscribers",
    "server",
    "CPU/delivery, µs",
    "of the floor",
    "to the last, ms",
    "bytes",
    "client busy",
    "queries",
    "serialized",
    "executed",
)


def run(options: Options) -> Report:
    """For each size: both servers at once, rounds of writes to the one and the other in turn."""
    report = Report(
        "fanout",
        "one list, N subscribers of one user; a DRF PATCH each time",
        COLUMNS,
        aim="≤ 1.3 × the floor at 1,000 and more; 1 row query, 1 serializer call, 1 execution "
        "per change",
        notes=[
            "Floor: a bare ASGI application behind the same DRF view, sending the same bytes.",
            (
                "CPU of the whole server process, the PATCH included; queries and serializer calls "
                "are per change, the PATCH's own included (see the floor for those)."
            ),
        ],
    )
    with scratch() as folder:
        for size in options.sizes((100, 1_000, 5_000), (5, 20)):
            try:
                report.figures[str(size)] = _contest(report, folder, size, options)
            except LoadError as error:
                report.notes.append(f"{size:,} subscribers could not be measured: {error}")
    return report


def _contest(report: Report, folder: Path, size: int, options: Options) -> dict[str, Any]:
    """Measure both at one size; the figures."""
    rounds, writes = options.times(5), max(3, min(options.times(20), 10_000 // size))
    floor_data = contestants.database(folder, f"floor{size}", users=1, rows=ROWS)
    live_data = contestants.database(folder, f"live{size}", users=1, rows=ROWS)
    with (
        contestants.floor(folder, floor_data) as floor,
        contestants.live(folder, live_data) as live,
        Load(floor) as floor_load,
        Load(live) as live_load,
    ):
        sides = {"floor": (floor, floor_load), "gql_live": (live, live_load)}
        for _, load in sides.values():
            load.subscribe("tasks", [contestants.token_of(1)] * size)
            load.write("/api/tasks/1/", [{"text": "warm"}] * 3, expected=size)
        rounds_of: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
        for server, _ in sides.values():
            server.counted()
        for number in range(rounds):
            for name, side in sides.items():
                rounds_of[name].append(_round(*side, size, writes, number))
        counted = {name: server.counted() for name, (server, _) in sides.items()}
    changes = rounds * writes
    cpu = {name: Sample([each["cpu"] for each in got]) for name, got in rounds_of.items()}
    for name, got in rounds_of.items():
        report.rows.append(
            (
                f"{size:,}",
                name,
                cpu[name].told(MICROSECOND),
                f"{cpu[name].per(cpu['floor']):.2f} ×",
                Sample([last for each in got for last in each["lasts"]]).told(MILLISECOND),
                f"{got[-1]['bytes']:.0f}",
                f"{max(each['client_cpu'] / each['seconds'] for each in got):.0%}",
                *(f"{counted[name][kind] / changes:g}" for kind in counted[name]),
            )
        )
    return {
        "us_per_delivery": {name: each.median / MICROSECOND for name, each in cpu.items()},
        "ratio": cpu["gql_live"].per(cpu["floor"]),
        "counted": {name: dict(each) for name, each in counted.items()},
        "changes": changes,
    }


def _round(server: Server, load: Load, size: int, writes: int, number: int) -> dict[str, Any]:
    bodies = [{"text": f"Change {write} of round {number}"} for write in range(writes)]
    before = server.cpu
    got = load.write("/api/tasks/1/", bodies, expected=size)
    server.quiet()
    return {**got, "cpu": (server.cpu - before) / writes / size}
