"""What an idle connection holds in the server's memory."""

from collections.abc import Callable
from typing import Final

from bench import contestants
from bench.load import Load
from bench.options import Options, scratch
from bench.report import Report
from bench.server import Server

KILOBYTE: Final = 1024
_IDLE: Final = "a bare Channels consumer"

Connect = Callable[[Load, list[str]], object]


def run(options: Options) -> Report:
    """Each kind on a server of its own: resident memory before and after N connections."""
    (size,) = options.sizes((2_000,), (50,))
    report = Report(
        "memory",
        f"resident memory of {size:,} idle connections",
        ("connection", "KB each", "of the bare one"),
        aim="≤ 1.5 × a bare Channels consumer",
    )
    users = [contestants.token_of(user) for user in range(1, size + 1)]
    same = [contestants.token_of(1)] * size
    kinds: dict[str, tuple[Callable[..., Server], Connect, list[str]]] = {
        _IDLE: (contestants.rest, _idle, same),
        "gql_live, introduced": (contestants.live, _introduced, same),
        "gql_live, subscribed as one user": (contestants.live, _subscribed, same),
        "gql_live, subscribed as different users": (contestants.live, _subscribed, users),
    }
    with scratch() as folder:
        data = contestants.database(folder, "memory", users=size, rows=1)
        for name, (serve, connect, tokens) in kinds.items():
            with serve(folder, data) as server, Load(server) as warm, Load(server) as load:
                connect(warm, tokens[:20])
                server.quiet()
                before = server.memory
                connect(load, tokens)
                server.quiet()
                report.figures[name] = (server.memory - before) / size
    for name, each in report.figures.items():
        ratio = each / report.figures[_IDLE] if report.figures[_IDLE] else float("nan")
        report.rows.append((name, f"{each / KILOBYTE:.1f}", f"{ratio:.2f} ×"))
    return report


def _idle(load: Load, tokens: list[str]) -> None:
    load.connect("/idle/", [], tokens, "", subprotocol=None)


def _introduced(load: Load, tokens: list[str]) -> None:
    introduction = '{"type":"connection_init","payload":{"Authorization":"Token {token}"}}'
    load.connect("/graphql/", [(introduction, "connection_ack")], tokens, "")


def _subscribed(load: Load, tokens: list[str]) -> None:
    load.subscribe("ownTasks", tokens)
