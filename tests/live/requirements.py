"""What a live test needs of the machine: without it, it is skipped, or fails where all is due."""

import os
import shutil
import sys
from pathlib import Path

from tests.services import require

ROOT = Path(__file__).resolve().parent.parent.parent


def node_program() -> str:
    """The Node of the virtual environment (see the Makefile), or else of the machine."""
    beside_python = str(Path(sys.executable).parent)
    node = shutil.which("node", path=os.pathsep.join([beside_python, os.environ.get("PATH", "")]))
    require("Node.js", node is not None, "install it, or run `make build`")
    require("npm's packages", (ROOT / "node_modules").is_dir(), "run `make build`")
    return str(node)


def chromium_program() -> str:
    """The machine's Chromium."""
    chromium = shutil.which("chromium")
    require("Chromium", chromium is not None, "install Debian's package `chromium`")
    return str(chromium)


def require_front_ends() -> None:
    """The example's page and GraphiQL must be built."""
    page = ROOT / "example/static/todolist/page.js"
    graphiql = ROOT / "gql_live/static/gql_live/graphiql/graphiql.js"
    require("the front ends", page.is_file() and graphiql.is_file(), "run `make build`")
