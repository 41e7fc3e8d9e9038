"""The databases that views read: reachable, and what a connection costs."""

import time
from collections.abc import Iterator
from typing import Any

from django.db import connections

from gql_live.conf import setting
from gql_live.management.doctor.findings import Finding, broken, note, ok


def examine_databases() -> Iterator[Finding]:
    """Every database of the project, by a connection of our own."""
    for alias in connections:
        connection = connections.create_connection(alias)
        try:
            yield from _examine(alias, connection)
        finally:
            connection.close()


def _examine(alias: str, connection: Any) -> Iterator[Finding]:
    start = time.perf_counter()
    try:
        connection.ensure_connection()
    except Exception as error:
        said = " ".join(str(error).split())
        yield broken(
            "database.unreachable",
            f"{alias}: {connection.display_name} cannot be reached: {said}",
            f"See DATABASES[{alias!r}] and the server.",
        )
        return
    milliseconds = (time.perf_counter() - start) * 1000
    version = ".".join(map(str, connection.get_database_version()))
    returning = "with" if _returns_what_it_updates(connection) else "without"
    yield ok(
        "database.reachable",
        f"{alias}: {connection.display_name} {version}, {returning} RETURNING; connected in "
        f"{milliseconds:.1f} ms.",
    )
    if returning == "without":
        yield note(
            "database.no-returning",
            f"{alias}: a write by a condition, as queryset.update() is, says only which model it "
            "wrote to: everybody who looks at that model is evaluated again.",
        )
    if connection.vendor != "sqlite" and _connects_each_time(connection):
        yield note(
            "database.connects-anew",
            f"{alias}: every evaluation opens a connection and closes it, which took "
            f"{milliseconds:.1f} ms just now.",
            "Set OPTIONS['pool'] (Django 5.1, psycopg), or CONN_MAX_AGE. Each process has up to "
            f"{setting('EVALUATION_THREADS')} connections for evaluations.",
        )


def _returns_what_it_updates(connection: Any) -> bool:
    """Whether ``UPDATE … RETURNING`` works: MariaDB knows it for inserts and deletes alone."""
    returns: bool = connection.features.can_return_columns_from_insert
    return returns and connection.vendor in {"postgresql", "sqlite"}


def _connects_each_time(connection: Any) -> bool:
    """Whether a connection ends with the work that it was opened for."""
    configured = connection.settings_dict
    return configured["CONN_MAX_AGE"] == 0 and not configured["OPTIONS"].get("pool")
