"""A server of the example for each test, with the demo's data as it is at first."""

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.live.server import EXAMPLE, ExampleServer, example_environment


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the demo's data."""
    database = tmp_path_factory.mktemp("example") / "demo.sqlite3"
    for command in (["migrate", "--verbosity=0"], ["load_demo_data"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=EXAMPLE,
            env=example_environment(database),
            check=True,
        )
    return database


@pytest.fixture
async def server(demo_database: Path, tmp_path: Path) -> AsyncIterator[ExampleServer]:
    """The example, listening."""
    database = Path(shutil.copy(demo_database, tmp_path))
    async with ExampleServer(database) as running:
        yield running
