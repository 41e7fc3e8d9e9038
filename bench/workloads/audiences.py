"""Many audiences that no index can tell apart, on PostgreSQL: what it costs to find the few that a
row concerns.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from bench import contestants
from bench.load import Load
from bench.measuring import ROOT, Sample
from bench.options import Options, scratch
from bench.report import Report
from bench.server import Server

MILLISECOND = 1e-3
NEAR_THE_FIRST = 6
"""Users whose keys are at most ``NEAR`` from the score of the first row, their own among them."""


def run(options: Options) -> Report:
    """A write to gql_live with an audience for each user, and ``.exists()`` for each user."""
    (size,) = options.sizes((1_000,), (20,))
    report = Report(
        "audiences",
        f"{size:,} audiences that no index can tell apart (PostgreSQL); a row concerns "
        f"{min(size, NEAR_THE_FIRST)}",
        ("", "time, ms", "CPU of the process, ms", "queries"),
        aim="≤ 1/20 of asking .exists() for each",
    )
    times = options.times(5)
    with scratch() as folder, _postgres(f"gql_live_bench_{os.getpid()}") as environment:
        contestants.fill(environment, users=size, rows=1)
        asked = _asked_each(environment, size, times)
        with contestants.live(folder, environment) as server, Load(server) as load:
            alone = _write(server, load, times, 0)
            load.subscribe("soughtTasks", [contestants.token_of(n + 1) for n in range(size)])
            server.counted()
            heard = _write(server, load, times, min(size, NEAR_THE_FIRST))
            queries = server.counted()["queries"] / times
    each = (Sample(asked["seconds"]), Sample(asked["cpu"]))
    found = tuple(
        Sample([max(0.0, value - without.median) for value in with_all.values])
        for with_all, without in zip(heard, alone, strict=True)
    )
    report.rows = [
        (".exists() for each", *(one.told(MILLISECOND) for one in each), f"{size:,}"),
        (
            "gql_live, more than the write",
            *(one.told(MILLISECOND) for one in found),
            f"{queries:g}",
        ),
    ]
    ratio = found[1].per(each[1])
    report.notes = [
        f"{ratio:.2f} × the CPU of the process, without PostgreSQL's own.",
        "Queries are the write's own, too.",
    ]
    report.figures = {"ratio": ratio, "queries": queries}
    return report


def _write(server: Server, load: Load, times: int, expected: int) -> tuple[Sample, Sample]:
    """Time and CPU of a write, until the server is at rest."""
    seconds, cpu = [], []
    for number in range(times + 1):
        before = server.cpu
        got = load.write("/api/tasks/1/", [{"text": f"Change {number}"}], expected=expected)
        seconds.append(got["seconds"] + server.quiet())
        cpu.append(server.cpu - before)
    return Sample(seconds[1:]), Sample(cpu[1:])  # the first one warms up


def _asked_each(environment: dict[str, str], size: int, times: int) -> dict[str, list[float]]:
    asked = subprocess.run(
        [sys.executable, "-m", "bench.project.ask_each", str(size), str(times)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.project.settings", **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, list[float]] = json.loads(asked.stdout)
    return figures


@contextmanager
def _postgres(name: str) -> Iterator[dict[str, str]]:
    """A database of this name, gone afterwards; the environment that names it."""
    server = psycopg.connect(
        host=os.environ.get("PGHOST", "127.0.0.1"),
        port=os.environ.get("PGPORT", "5432"),
        user=os.environ.get("PGUSER", "postgres"),
        dbname="postgres",
        autocommit=True,
    )
    with server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield {"BENCH_POSTGRES": name}
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            server.execute(drop.format(sql.Identifier(name)))
