"""One statement of the ORM's while it runs, and the changes that it makes.

The statement is asked itself which rows it writes. So nothing else is run on the writer's
connection that could fail, wait, lock, or see another state than the statement did, and nothing is
run twice. Only what a column held before is asked by statements of their own, on SQLite.

Relies on Django (4.2 to 6.1) executing what a compiler's ``as_sql()`` returned, once, through the
connection's ``execute_wrappers``.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from django.db import transaction

from gql_live.changes import NAMED_ROWS, Change, ChangeKind
from gql_live.named_rows import keys_in, named, written_columns
from gql_live.returning import (
    Column,
    Returning,
    Row,
    can_return,
    converted,
    returning,
    split,
    told,
)
from gql_live.tracking import Table

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Statement:
    """An UPDATE, a DELETE, or an INSERT that skips rows which are there.

    ``changes`` are what it did, as soon as it was executed, whatever is raised after that.
    """

    def __init__(self, compiler: Any, table: Table, kind: ChangeKind) -> None:
        self.compiler = compiler
        self.connection = compiler.connection
        self.table = table
        self._kind = kind
        self._written = written_columns(compiler.query)
        self._before: tuple[Column, ...] = tuple(
            field
            for field in table.columns
            if field.attname in table.remembered and field.attname in self._written
        )
        self._held: dict[Any, Row] | None = None
        self._compiled: tuple[str, Sequence[Any]] | None = None
        self.changes: Sequence[Change] = ()

    def transaction(self) -> AbstractContextManager[Any]:
        """What ``run()`` has to run in: one transaction, where it takes several statements."""
        connection = self.connection
        several = self._before and connection.vendor == "sqlite"
        if several and not connection.in_atomic_block and connection.get_autocommit():
            block: AbstractContextManager[Any] = transaction.atomic(using=connection.alias)
            return block
        return nullcontext()

    def run(self, execute: Callable[[], T]) -> T:
        """Let the compiler ``execute()`` its statement. Raises what that raises, nothing else."""
        compile_sql = self.compiler.as_sql

        def as_sql(*args: Any, **kwargs: Any) -> Any:
            compiled = compile_sql(*args, **kwargs)
            self._compiled = compiled[0] if isinstance(compiled, list) else compiled
            return compiled

        self.compiler.as_sql = as_sql
        try:
            with self.connection.execute_wrapper(self._execute):
                return execute()
        finally:
            del self.compiler.as_sql

    def _execute(
        self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """The innermost of the connection's wrappers, around this statement and around others."""
        if self._compiled is None or not self._compiled[0] or self._compiled[0] not in sql:
            return execute(sql, params, many, context)
        cursor, asked = context["cursor"], None
        # Somebody else's wrapper may have put a comment behind it, or a statement in front.
        plain = sql.startswith(self._compiled[0]) and _is_plain(sql)
        if plain and params is self._compiled[1]:
            asked = self._ask(*self._compiled)
        if asked is None:
            result, rows = execute(sql, params, many, context), None
        else:
            sql = asked.sql + sql.removeprefix(self._compiled[0])
            result = execute(sql, asked.params, many, context)
            # What this raises is the statement's own: SQLite may end, and so fail, only now.
            rows = _fetch(cursor, counted=asked.counted)
        self._compiled = None  # not before: somebody may try again what failed
        self.changes = self._hear(rows, cursor.rowcount if plain else None)
        return result

    def _ask(self, sql: str, params: Sequence[Any]) -> Returning | None:
        """The statement made to return what it writes; ``None`` where it is better left alone."""
        compiler, table = self.compiler, self.table
        try:
            if self.moves_rows or not can_return(compiler, table):
                return None
            if self.connection.vendor == "sqlite":
                self._held = self._look(sql, params) if self._before else None
                return returning(compiler, table, sql, params)
            keys = keys_in(compiler.query, table)
            counted = keys is None or len(keys) > NAMED_ROWS
            return returning(compiler, table, sql, params, self._before, counted=counted)
        except Exception:
            logger.exception("gql_live: a statement is not asked which rows it writes")
            return None

    def _look(self, sql: str, params: Sequence[Any]) -> dict[Any, Row]:
        """What the columns to remember hold, by key, on SQLite.

        A transaction that reads before it writes fails where others write, so it writes first.
        """
        name = self.connection.ops.quote_name
        source, key = name(self.table.model._meta.db_table), name(self.table.key.column)
        _, where, held = split(self.compiler, sql, params)
        columns = ", ".join(name(field.column) for field in (self.table.key, *self._before))
        with self.connection.cursor() as cursor:
            cursor.execute(f"UPDATE {source} SET {key} = {key} WHERE 0")  # noqa: S608 - names
            cursor.execute(f"SELECT {columns} FROM {source}{where}", held)  # noqa: S608 - Django's
            rows: list[Row] = cursor.fetchmany(NAMED_ROWS + 1)
        return {row[0]: row[1:] for row in rows}

    def _hear(self, rows: list[Row] | None, count: int | None) -> Sequence[Change]:
        """The changes, when the statement was executed."""
        try:
            changes = self._guess(count) if rows is None else self._read(rows)
        except Exception:
            logger.exception("gql_live: which rows a statement wrote is not known")
            changes = None
        return [Change.of_any(self.table.label)] if changes is None else changes

    def _read(self, rows: list[Row]) -> Sequence[Change] | None:
        """What the rows tell, unless they are too many."""
        if len(rows) > NAMED_ROWS:
            return None
        if self._held is not None:
            rows = [(*row, *self._held[row[0]]) for row in rows]
        values = converted(self.compiler, self.table, rows, self._before)
        return told(self.table, self._kind, values, self._written, self._before)

    def _guess(self, count: int | None) -> Sequence[Change] | None:
        """What the statement's text tells, where the database says nothing but how many rows."""
        if count == 0:
            return ()
        if self.moves_rows or not self.table.key.column:
            return None
        return named(self.table, self._kind, self.compiler.query)

    @property
    def moves_rows(self) -> bool:
        """Whether it writes the key: then the rows that it names are not all that it changes."""
        return self.table.key.attname in self._written


def _is_plain(sql: str) -> bool:
    """Whether a statement is as Django compiles it; other packages may add to it."""
    return sql.startswith(("INSERT ", "UPDATE ", "DELETE ")) and " RETURNING " not in sql


def _fetch(cursor: Any, *, counted: bool) -> list[Row]:
    """The rows that are named, and one more if there are more; the cursor knows how many."""
    rows: list[Row] = cursor.fetchmany(NAMED_ROWS + 1)
    if counted:
        # On Django's own cursor, that stands before the driver's: what it takes for all that
        # were written.
        cursor.rowcount = rows[0][-1] if rows else 0
    elif len(rows) > NAMED_ROWS:
        while cursor.fetchmany(NAMED_ROWS):
            continue  # SQLite counts them when the last one is read
    return rows


def run_returning(
    compiler: Any,
    table: Table,
    kind: ChangeKind,
    asked: Sequence[Column],
    execute: Callable[[Sequence[Column]], Sequence[Row]],
) -> tuple[list[Row], Sequence[Change]]:
    """Run a statement that Django itself lets return columns, and let it return ours, too.

    What Django ``asked`` for, by row, and the changes.
    """
    rows = execute((*asked, *table.fields))
    try:
        ours = [row[len(asked) :] for row in rows]
        changes = told(table, kind, ours, written_columns(compiler.query))
    except Exception:
        logger.exception("gql_live: which rows a statement wrote is not known")
        changes = [Change.of_any(table.label)]
    return [row[: len(asked)] for row in rows], changes
