"""What holds for every test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections
from django.db.models import Model

from gql_live import tracking


@pytest.fixture(scope="session", autouse=True)
def no_connection_outlives_the_tests(django_db_setup: None) -> Iterator[None]:
    """A server closes its connections with each request; the thread in which a test's own
    ``asave()`` runs has no requests, and PostgreSQL drops no database that somebody uses.
    """
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture
def own_tracking() -> Iterator[None]:
    """Let what a test has tracked be forgotten."""
    tables, roots = dict(tracking._tables), dict(tracking._roots)
    unrelated = dict(tracking._unrelated)
    yield
    tracking._unrelated.clear()
    tracking._unrelated.update(unrelated)
    tracking._tables.clear()
    tracking._tables.update(tables)
    tracking._roots.clear()
    tracking._roots.update(roots)


@pytest.fixture
def make_archive(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """``make_archive(Model, ...)``: a second database, ``"archive"``, with the tables of these."""
    known: Any = connections.settings
    archive = {"ENGINE": "tests.archive", "NAME": str(tmp_path / "archive.sqlite3")}
    configured = connections.configure_settings({"default": known["default"], "archive": archive})
    known["archive"] = configured["archive"]

    def make(*models: type[Model]) -> None:
        with connections["archive"].schema_editor() as editor:
            for model in models:
                editor.create_model(model)

    yield make
    connections["archive"].close()
    del connections["archive"], known["archive"]
