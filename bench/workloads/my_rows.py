"""N users, each subscribed to the rows they own: what a write costs that concerns one, or none."""

from pathlib import Path
from typing import Any

from bench import contestants
from bench.load import Load, LoadError
from bench.measuring import Sample
from bench.options import Options, scratch
from bench.report import Report
from bench.server import Server

MILLISECOND = 1e-3
SECONDS_OF_WRITES = 12.0
COLUMNS = (
    "subscribers",
    "a write concerns",
    "CPU/write, ms",
    "more than unheard",
    "to the delivery, ms",
    "queries",
    "serialized",
    "executed",
)


def run(options: Options) -> Report:
    """Measure at each size on a server of its own."""
    report = Report(
        "my_rows",
        "N users, each subscribed to own rows; one DRF PATCH each time",
        COLUMNS,
        aim="≤ 1.2 × that of N = 100 at N = 5,000; no query more than unheard where nobody is "
        "concerned",
        notes=[
            "Unheard: the same write before anybody subscribed.",
            "Time: until the server is at rest where nobody is concerned.",
        ],
    )
    with scratch() as folder:
        for size in options.sizes((100, 1_000, 5_000), (5, 20)):
            try:
                report.figures[str(size)] = _measured(report, folder, size, options)
            except LoadError as error:
                report.notes.append(f"{size:,} subscribers could not be measured: {error}")
    sizes = list(report.figures)
    for larger in sizes[1:]:
        ratio = report.figures[larger]["one"] / report.figures[sizes[0]]["one"]
        report.figures[larger]["ratio"] = ratio
        report.notes.append(f"One of {larger} costs {ratio:.2f} × one of {sizes[0]}.")
    return report


def _measured(report: Report, folder: Path, size: int, options: Options) -> dict[str, Any]:
    # One user more than subscribers: what that one owns concerns nobody.
    data = contestants.database(folder, f"own{size}", users=size + 1, rows=2)
    kinds = {"one": ("/api/own/1/", "token-1", 1)}
    kinds["nobody"] = (f"/api/own/{size + 1}/", contestants.token_of(size + 1), 0)
    figures: dict[str, Any] = {}
    with contestants.live(folder, data) as server, Load(server) as load:
        path, token, _ = kinds["nobody"]
        server.counted()
        _writes(server, load, path, token, 0, options.times(20))
        server.counted()
        unheard = _writes(server, load, path, token, 0, options.times(20))
        figures["unheard"] = _add(report, size, "(unheard)", server, unheard, unheard)
        memory = server.memory
        tokens = [contestants.token_of(user) for user in range(1, size + 1)]
        figures["subscribing_seconds"] = load.subscribe("ownTasks", tokens)
        figures["bytes_per_subscriber"] = (server.memory - memory) / size
        for kind, (path, token, expected) in kinds.items():
            _writes(server, load, path, token, expected, 2)
            server.counted()
            got = _writes(server, load, path, token, expected, options.times(20))
            figures[kind] = _add(report, size, kind, server, got, unheard)
    return figures


def _writes(
    server: Server, load: Load, path: str, token: str, expected: int, most: int
) -> list[tuple[float, float]]:
    """Write up to ``most`` times, for some seconds; CPU and time of each."""
    got: list[tuple[float, float]] = []
    spent = 0.0
    while len(got) < most and spent < SECONDS_OF_WRITES:
        cpu = server.cpu
        answer = load.write(path, [{"text": f"Change {len(got)}"}], token=token, expected=expected)
        rested = server.quiet()
        last = answer["lasts"][0] if expected else answer["seconds"] + rested
        got.append((server.cpu - cpu, last))
        spent += answer["seconds"] + rested
    return got


def _add(
    report: Report,
    size: int,
    kind: str,
    server: Server,
    got: list[tuple[float, float]],
    unheard: list[tuple[float, float]],
) -> float:
    """Add a row; the seconds of CPU of one write."""
    cpu = Sample([each for each, _ in got])
    plain = Sample([each for each, _ in unheard])
    report.rows.append(
        (
            f"{size:,}",
            kind,
            cpu.told(MILLISECOND),
            f"{cpu.per(plain):.2f} ×",
            Sample([last for _, last in got]).told(MILLISECOND),
            *(f"{count / len(got):g}" for count in server.counted().values()),
        )
    )
    return cpu.median
