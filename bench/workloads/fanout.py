"""One list, many subscribers, of one user and of as many users: what a delivery costs."""

from contextlib import ExitStack
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
FLOOR, LIVE, CROWD = "floor", "gql_live", "gql_live, each another user"
LARGEST_CROWD = 1_000
"""More would take minutes: each change is evaluated once for each user."""
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
    """For each size: all servers at once, rounds of writes to one after the other."""
    report = Report(
        "fanout",
        "one list, N subscribers; a DRF PATCH each time",
        COLUMNS,
        aim="≤ 1.3 × the floor at 1,000 and more; 1 row query, 1 serializer call, 1 execution "
        "per change",
        notes=[
            "Floor: a bare ASGI application behind the same DRF view, sending the same bytes.",
            (
                "CPU of the whole server process, the PATCH included; queries and serializer calls "
                "are per change, the PATCH's own included (see the floor for those)."
            ),
            (
                "Another user each: the view authenticates and permits every one of them at every "
                "change; what they are told is made once. The floor asks nobody."
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
    """Measure all at one size; the figures."""
    rounds, writes = options.times(5), max(3, min(options.times(20), 10_000 // size))
    with ExitStack() as stack:
        sides = {
            name: _subscribed(stack, folder, name, size, users)
            for name, users in {FLOOR: 1, LIVE: 1, CROWD: size}.items()
            if users <= LARGEST_CROWD
        }
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
                f"{cpu[name].per(cpu[FLOOR]):.2f} ×",
                Sample([last for each in got for last in each["lasts"]]).told(MILLISECOND),
                f"{got[-1]['bytes']:.0f}",
                f"{max(each['client_cpu'] / each['seconds'] for each in got):.0%}",
                *(f"{counted[name][kind] / changes:g}" for kind in counted[name]),
            )
        )
    return {
        "us_per_delivery": {name: each.median / MICROSECOND for name, each in cpu.items()},
        "ratio": cpu[LIVE].per(cpu[FLOOR]),
        "counted": {name: dict(each) for name, each in counted.items()},
        "changes": changes,
    }


def _subscribed(
    stack: ExitStack, folder: Path, name: str, size: int, users: int
) -> tuple[Server, Load]:
    """A server over data of its own, and the load client that holds its subscribers."""
    data = contestants.database(folder, f"{name}{size}", users=users, rows=max(1, ROWS // users))
    serve = contestants.floor if name == FLOOR else contestants.live
    server = stack.enter_context(serve(folder, data))
    load = stack.enter_context(Load(server))
    load.subscribe("tasks", [contestants.token_of(turn % users + 1) for turn in range(size)])
    load.write("/api/tasks/1/", [{"text": "warm"}] * 3, expected=size)
    return server, load


def _round(server: Server, load: Load, size: int, writes: int, number: int) -> dict[str, Any]:
    bodies = [{"text": f"Change {write} of round {number}"} for write in range(writes)]
    before = server.cpu
    got = load.write("/api/tasks/1/", bodies, expected=size)
    server.quiet()
    return {**got, "cpu": (server.cpu - before) / writes / size}
