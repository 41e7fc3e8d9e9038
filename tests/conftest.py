"""What holds for every test."""

from collections.abc import Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections


@pytest.fixture(scope="session", autouse=True)
def no_connection_outlives_the_tests(django_db_setup: None) -> Iterator[None]:
    """A server closes its connections with each request; the thread in which a test's own
    ``asave()`` runs has no requests, and PostgreSQL drops no database that somebody uses.
    """
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()
