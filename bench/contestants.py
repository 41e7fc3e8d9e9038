"""The servers that are compared, over data of their own each."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.measuring import ROOT
from bench.server import Server


def database(folder: Path, name: str, *, users: int, rows: int) -> dict[str, str]:
    """Make a SQLite database of ``rows`` for each of ``users``; the environment that names it."""
    environment = {"BENCH_SQLITE": str(folder / f"{name}.sqlite3")}
    fill(environment, users=users, rows=rows)
    return environment


def fill(environment: Mapping[str, str], *, users: int, rows: int) -> None:
    """Make the tables and rows of the database that ``environment`` names."""
    _run("fill", environment, users, rows)


def _run(program: str, environment: Mapping[str, str], *arguments: int) -> None:
    subprocess.run(
        [sys.executable, "-m", f"bench.project.{program}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.project.settings", **environment},
        check=True,
    )


def with_boards(
    folder: Path, name: str, *, boards: int, cards: int, remarks: int
) -> dict[str, str]:
    """A database as ``database`` makes it, of one user, whose boards have cards with remarks."""
    environment = database(folder, name, users=1, rows=1)
    _run("fill_boards", environment, boards, cards, remarks)
    return environment


def live(folder: Path, environment: Mapping[str, str], **gql_live: Any) -> Server:
    """The API with gql_live, set as ``gql_live`` says."""
    return _server(
        "live", "live_settings", folder, {**environment, "GQL_LIVE": json.dumps(gql_live)}
    )


def floor(folder: Path, environment: Mapping[str, str]) -> Server:
    """The API with the least that can be done for subscribers."""
    return _server("floor", "settings", folder, environment)


def rest(folder: Path, environment: Mapping[str, str]) -> Server:
    """The API alone."""
    return _server("rest", "settings", folder, environment)


def _server(kind: str, settings: str, folder: Path, environment: Mapping[str, str]) -> Server:
    return Server(
        f"bench.project.asgi_{kind}:application",
        {**environment, "DJANGO_SETTINGS_MODULE": f"bench.project.{settings}"},
        folder / f"{kind}.log",
    )


def token_of(user: int) -> str:
    """The token of a user, as ``bench.project.fill`` makes it."""
    return f"token-{user}"
