"""What it costs that rows are made of others: a write to a row itself, and to one that it shows."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import contestants
from bench.load import Load
from bench.measuring import Sample
from bench.options import Options, scratch
from bench.report import Report
from bench.server import Server

MILLISECOND: Final = 1e-3
BOARDS: Final = 20
CARDS: Final = 10
"""On each board: so many rows change with it."""
REMARKS: Final = 2

WRITTEN: Final[Mapping[str, tuple[str, str]]] = {
    "a row itself": ("cards", "text"),
    "a row nested in it": ("remarks", "text"),
    f"what {CARDS} rows are joined to": ("boards", "name"),
    "what no relation leads to": ("strays", "text"),
}
ALONE: Final = "the API alone"
NOBODY: Final = "nobody subscribes"
PLAIN: Final = "a plain list"
MADE: Final = "nested and joined"

FOLLOWED: Final[Mapping[str, tuple[str, str]]] = {
    PLAIN: ("cards", "id text done board"),
    MADE: ("wholeCards", "id text done board board_name remarks { id text }"),
}
"""The root field that is subscribed to, and what is selected."""

HEARD: Final = {
    (PLAIN, "cards"): 1,
    (MADE, "cards"): 1,
    (MADE, "remarks"): 1,
    (MADE, "boards"): CARDS,
}
"""How many events a write gives each subscriber; none where it is not named."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one write: CPU of the server, the time until it was answered and until all have heard."""

    cpu: float
    answered: float
    heard: float


def run(options: Options) -> Report:
    """The same writes to the API alone and to gql_live, with nobody, with subscribers of rows
    without relations and of rows that are made of others, in turn.
    """
    (size,) = options.sizes((100,), (5,))
    report = Report(
        "dependencies",
        f"one DRF PATCH; {size:,} subscribers of one list of {BOARDS * CARDS} rows",
        (
            "what is written",
            "who subscribes",
            "CPU/write, ms",
            "of the API alone",
            "until answered, ms",
            "until all heard, ms",
            "queries",
        ),
        aim="≤ 1.1 × the API alone where nobody is concerned; as many queries whoever subscribes",
        notes=["Queries: all of the process, those of the API itself among them."],
    )
    with scratch() as folder, ExitStack() as stack:
        sides = _sides(folder, stack, size)
        for number, (written, (path, column)) in enumerate(WRITTEN.items()):
            costs: dict[str, list[Cost]] = {}
            queries: dict[str, float] = {}
            for turn in range(options.times(5) + 1):
                for name, (server, load) in sides.items():
                    server.counted()
                    expected = size * HEARD.get((name, path), 0)
                    texts = [f"{number} {turn} {write}" for write in range(options.times(5) - 1)]
                    got = [_write(server, load, path, {column: t}, expected) for t in texts]
                    if turn:  # the first one warms up
                        costs.setdefault(name, []).extend(got)
                        queries[name] = server.counted()["queries"] / len(got)
            _tell(report, written, costs, queries)
    return report


def _sides(folder: Path, stack: ExitStack, size: int) -> dict[str, tuple[Server, Load]]:
    """The servers, each with a client that writes, and that has subscribed where it is to."""
    sides = {}
    for number, name in enumerate((ALONE, NOBODY, PLAIN, MADE)):
        data = contestants.with_boards(
            folder, f"side{number}", boards=BOARDS, cards=CARDS, remarks=REMARKS
        )
        start = contestants.rest if name == ALONE else contestants.live
        server = stack.enter_context(start(folder, data))
        load = stack.enter_context(Load(server))
        if name in FOLLOWED:
            field, selection = FOLLOWED[name]
            load.subscribe(field, [contestants.token_of(1)] * size, selection=selection)
        sides[name] = server, load
    return sides


def _write(server: Server, load: Load, path: str, body: Mapping[str, str], expected: int) -> Cost:
    cpu = server.cpu
    answer = load.write(f"/api/{path}/1/", [body], expected=expected)
    server.quiet()
    return Cost(server.cpu - cpu, answer["responses"][0], answer["lasts"][0])


def _tell(
    report: Report, written: str, costs: Mapping[str, list[Cost]], queries: Mapping[str, float]
) -> None:
    alone = Sample([each.cpu for each in costs[ALONE]])
    answered_alone = Sample([each.answered for each in costs[ALONE]])
    for name, cost in costs.items():
        cpu = Sample([each.cpu for each in cost])
        answered = Sample([each.answered for each in cost])
        heard = Sample([each.heard for each in cost])
        listens = name in FOLLOWED and (name, WRITTEN[written][0]) in HEARD
        report.rows.append(
            (
                written,
                name,
                cpu.told(MILLISECOND),
                f"{cpu.per(alone):.2f} ×",
                f"{answered.told(MILLISECOND)}, {answered.per(answered_alone):.2f} ×",
                heard.told(MILLISECOND) if listens else "-",
                f"{queries[name]:g}",
            )
        )
        report.figures.setdefault(written, {})[name] = {
            "cpu_ms": cpu.median / MILLISECOND,
            "cpu_ratio": cpu.per(alone),
            "answered_ms": answered.median / MILLISECOND,
            "answered_ratio": answered.per(answered_alone),
            "heard_ms": heard.median / MILLISECOND if listens else None,
            "queries": queries[name],
        }
