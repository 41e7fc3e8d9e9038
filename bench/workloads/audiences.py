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
FURTHER = 20
"""The score of the last row is so far from the key of the last user who subscribes."""


def run(options: Options) -> Report:
    """Writes to gql_live with an audience for each user, and ``.exists()`` for each user."""
    (size,) = options.sizes((1_000,), (20,))
    told = min(size, NEAR_THE_FIRST)
    report = Report(
        "audiences",
        f"{size:,} audiences that no index can tell apart (PostgreSQL)",
        ("", "time, ms", "CPU of the process, ms", "of .exists()", "queries"),
        aim="whom a row concerns is found in ≤ 1/20 of asking .exists() for each",
        notes=["What gql_live adds to the write; the CPU is without PostgreSQL's own."],
    )
    times = options.times(10)
    rows = {
        "gql_live, a row that concerns nobody": (size + FURTHER, 0),
        f"gql_live, a row of which {told} are told": (1, told),
    }
    with scratch() as folder, _postgres(f"gql_live_bench_{os.getpid()}") as environment:
        contestants.fill(environment, users=size + FURTHER, rows=1)
        asked = _asked_each(environment, size, times)
        with contestants.live(folder, environment) as server, Load(server) as load:
            unheard = _write(server, load, 1, times, 0)
            load.subscribe("soughtTasks", [contestants.token_of(n + 1) for n in range(size)])
            heard = {
                name: _write(server, load, row, times, told) for name, (row, told) in rows.items()
            }
    each = (Sample(asked["seconds"]), Sample(asked["cpu"]))
    report.rows.append(_row(".exists() for each", each, each, size))
    for name, (seconds, cpu, queries) in heard.items():
        added = (_without(seconds, unheard[0]), _without(cpu, unheard[1]))
        report.rows.append(_row(name, added, each, queries - unheard[2]))
        report.figures[name] = {"ratio": added[1].per(each[1]), "queries": queries - unheard[2]}
    return report


def _row(
    name: str, found: tuple[Sample, Sample], each: tuple[Sample, Sample], queries: float
) -> tuple[str, ...]:
    told = (sample.told(MILLISECOND) for sample in found)
    return name, *told, f"{found[1].per(each[1]):.3f} ×", f"{queries:,g}"


def _without(sample: Sample, other: Sample) -> Sample:
    return Sample([max(0.0, value - other.median) for value in sample.values])


def _write(
    server: Server, load: Load, row: int, times: int, expected: int
) -> tuple[Sample, Sample, float]:
    """Time and CPU of a write, until the server is at rest, and queries."""
    seconds, cpu = [], []
    for number in range(times + 1):
        if number == 1:  # the first one warms up
            server.counted()
        before = server.cpu
        got = load.write(f"/api/tasks/{row}/", [{"text": f"Change {number}"}], expected=expected)
        seconds.append(got["seconds"] + server.quiet())
        cpu.append(server.cpu - before)
    return Sample(seconds[1:]), Sample(cpu[1:]), server.counted()["queries"] / times


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
