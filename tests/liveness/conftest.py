"""A database for each served test project."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.liveness.server import ROOT, environment

SERVED = str(Path(__file__).with_name("served.json"))


@pytest.fixture(scope="session")
def prepared_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with Ada, her token, her list and one task."""
    database = tmp_path_factory.mktemp("served") / "served.sqlite3"
    for command in (["migrate", "--run-syncdb"], ["loaddata", SERVED]):
        subprocess.run(
            [sys.executable, "-m", "django", *command, "--verbosity=0", "--skip-checks"],
            cwd=ROOT,
            env=environment(database, {}),
            check=True,
        )
    return database


@pytest.fixture
def database(prepared_database: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(prepared_database, tmp_path))
