"""What holds for every test."""

from collections.abc import Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections

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
