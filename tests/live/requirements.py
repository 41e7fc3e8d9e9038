"""What a live test needs of the machine: skipped without it, or failed where nothing may be."""

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def require(found: bool, missing: str) -> None:
    """Go on if `found`; else skip the test, or fail it under `GQL_LIVE_REQUIRE_ALL=1` (CI).

    `missing` names the thing and the remedy.
    """
    if found:
        return
    if os.environ.get("GQL_LIVE_REQUIRE_ALL") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def node_program() -> str:
    """The Node of the virtual environment (see the Makefile), or else of the machine."""
    beside_python = str(Path(sys.executable).parent)
    node = shutil.which("node", path=os.pathsep.join([beside_python, os.environ.get("PATH", "")]))
    require(node is not None, "No Node.js: install it, or run `make build`.")
    require((ROOT / "node_modules").is_dir(), "No node_modules: run `make build`.")
    return str(node)


def chromium_program() -> str:
    """The machine's Chromium."""
    chromium = shutil.which("chromium")
    require(chromium is not None, "No Chromium: install Debian's package `chromium`.")
    return str(chromium)


def built_front_ends() -> None:
    """The example's page and GraphiQL, as static files."""
    built = [
        ROOT / "example/static/todolist/page.js",
        ROOT / "gql_live/static/gql_live/graphiql/graphiql.js",
    ]
    require(
        all(file.is_file() for file in built), "The front ends are not built: run `make build`."
    )
