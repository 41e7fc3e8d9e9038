"""One list, many subscribers: what a change costs here, and what it costs with other libraries."""

from pathlib import Path
from typing import Any

from bench import contestants
from bench.load import Load, LoadError
from bench.measuring import Sample
from bench.options import Options, scratch
from bench.peers.dialects import PEERS, Peer
from bench.peers.environments import MissingPeerError
from bench.report import Report
from bench.server import Server

MILLISECOND = 1e-3
ROWS = 3
WARM_UP = 2
LIVE, CROWD = "gql_live", "gql_live, each another user"


def run(options: Options) -> Report:
    """For each size and peer: the peer and gql_live at once, rounds of writes to them in turn."""
    report = Report(
        "peers",
        "one list, N subscribers; the same DRF PATCH, with other libraries",
        ("subscribers", "server", "CPU/change, ms", "of gql_live", "to the last, ms", "bytes"),
        aim="10 × fewer CPU seconds than any of them at 1,000 subscribers",
        notes=[
            "Each peer is served as its documentation has it, in an environment of its own.",
            "django-rest-live asks the view for each subscriber. The other two ask once, when",
            "somebody subscribes, and send everybody what was serialized once, so that to them",
            "many users are as one. gql_live asks at every change who each is, and whether it may.",
        ],
    )
    with scratch() as folder:
        for size in options.sizes((1_000,), (5,)):
            for peer in PEERS:
                try:
                    report.figures[f"{peer.key}, {size}"] = _contest(
                        report, folder, peer, size, options
                    )
                except (LoadError, MissingPeerError, RuntimeError) as error:
                    report.notes.append(
                        f"{peer.name} could not be measured with {size:,} subscribers: {error}"
                    )
    return report


def _contest(
    report: Report, folder: Path, peer: Peer, size: int, options: Options
) -> dict[str, Any]:
    """Measure a peer and gql_live beside it; the figures."""
    rounds, writes = options.times(5), 3

    def data(of: str, users: int) -> dict[str, str]:
        rows = max(1, ROWS // users)
        return contestants.database(folder, f"{of}{size}", users=users, rows=rows)

    with (
        contestants.live(folder, data(f"live_beside_{peer.key}", 1)) as live,
        contestants.live(folder, data(f"crowd_beside_{peer.key}", size)) as crowd,
        peer.server(folder, data(peer.key, 1)) as other,
        Load(live) as live_load,
        Load(crowd) as crowd_load,
        Load(other) as other_load,
    ):
        live_load.subscribe("tasks", [contestants.token_of(1)] * size)
        crowd_load.subscribe("tasks", [contestants.token_of(each + 1) for each in range(size)])
        peer.subscribe(other_load, size)
        sides = {
            LIVE: (live, live_load),
            CROWD: (crowd, crowd_load),
            peer.name: (other, other_load),
        }
        for _, load in sides.values():
            _write(load, WARM_UP, size)
        rounds_of: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name, (server, load) in sides.items():
                rounds_of[name].append(_round(server, load, writes, size))
    cpu = {name: Sample([each["cpu"] for each in got]) for name, got in rounds_of.items()}
    for name, got in rounds_of.items():
        report.rows.append(
            (
                f"{size:,}",
                name,
                cpu[name].told(MILLISECOND),
                f"{cpu[name].per(cpu[LIVE]):.1f} ×",
                Sample([last for each in got for last in each["lasts"]]).told(MILLISECOND),
                f"{got[-1]['bytes']:.0f}",
            )
        )
    return {
        "ms_per_change": {name: each.median / MILLISECOND for name, each in cpu.items()},
        "ratio": cpu[peer.name].per(cpu[LIVE]),
        "ratio_of_a_crowd": cpu[peer.name].per(cpu[CROWD]),
    }


def _round(server: Server, load: Load, writes: int, size: int) -> dict[str, Any]:
    before = server.cpu
    got = _write(load, writes, size)
    server.quiet()
    return {**got, "cpu": (server.cpu - before) / writes}


def _write(load: Load, writes: int, size: int) -> dict[str, Any]:
    bodies = [{"text": f"Change {number}"} for number in range(writes)]
    return load.write("/api/tasks/1/", bodies, expected=size)
