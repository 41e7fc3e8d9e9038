"""The ORM's compilers of INSERT, UPDATE and DELETE, wrapped: through them goes all that it writes.

That is saves and deletes, cascades, querysets, bulk operations, many-to-many relations, fixtures,
the async ORM. Each is wrapped once, for all models; what is written to a table that nobody can
depend on costs a look into a dictionary. No signal is listened to, so Django deletes and adds at
once, as it does without us.

Relies on ``execute_sql`` of ``SQLInsertCompiler``, ``SQLUpdateCompiler`` and ``SQLDeleteCompiler``,
and ``execute_returning_sql`` of the second (Django 6.0), which backends inherit. Others wrap them
in the same way (django-cachalot), before or after us.
"""

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any, Final, TypeAlias

from django.db.models import Model
from django.db.models.constants import OnConflict
from django.db.models.sql.compiler import SQLDeleteCompiler, SQLInsertCompiler, SQLUpdateCompiler

from gql_live.changes import NAMED_ROWS, Change, ChangeKind
from gql_live.commits import never_raises, publish_on_commit
from gql_live.named_rows import inserted, written_columns
from gql_live.returning import Column, can_return
from gql_live.statements import Statement, run_returning
from gql_live.tracking import Table, is_tracked, tables, unrelated, written_by_database

Execute: TypeAlias = Callable[..., Any]


def wrap_compilers() -> None:
    """Notice from now on what the ORM writes to tracked tables. Harmless to call again."""
    for compiler, name, write in _WRITES:
        if (compiler, name) not in _originals and hasattr(compiler, name):
            _originals[compiler, name] = vars(compiler).get(name)
            setattr(compiler, name, _wrap(compiler, name, write))


def unwrap_compilers() -> None:
    """Leave Django as it was. For tests: also what others wrapped since then is undone."""
    while _originals:
        (compiler, name), original = _originals.popitem()
        if original is None:  # it was inherited
            delattr(compiler, name)
        else:
            setattr(compiler, name, original)


def passes_by(connection: Any) -> bool:
    """Whether the backend of a connection executes writes in methods of its own. They may call
    Django's, which are wrapped, or not.
    """
    return any(
        getattr(connection.ops.compiler(compiler.__name__), name) is not getattr(compiler, name)
        for compiler, name in _originals
    )


def _wrap(compiler_class: type, name: str, write: Execute) -> Execute:
    original = _originals[compiler_class, name]

    @wraps(getattr(compiler_class, name))
    def execute(compiler: Any, *args: Any, **kwargs: Any) -> Any:
        if original is None:
            unwrapped = getattr(super(compiler_class, compiler), name)
        else:
            unwrapped = partial(original, compiler)
        place = compiler.query.model._meta.db_table
        known = tables.get(place)
        if known is None:
            result = unwrapped(*args, **kwargs)
            if place in unrelated and result != 0:  # an UPDATE of no row says so
                written = _unrelated(compiler.query.model, deleted=write is _delete)
                publish_on_commit(written, compiler.connection)
            return result
        if write is _update_returning and not _returns(compiler, *args):
            return unwrapped(*args, **kwargs)
        concrete = compiler.query.model._meta.concrete_model
        table = next((each for each in known if each.model is concrete), None)
        try:
            if table is None:
                return unwrapped(*args, **kwargs)
            return write(table, compiler, unwrapped, *args, **kwargs)
        finally:
            # Models that share this one's table: an unmanaged one's, or a migration's past.
            others = [Change.of_any(each.label) for each in known if each is not table]
            publish_on_commit(others, compiler.connection)

    return execute


def _unrelated(model: type[Model], *, deleted: bool) -> list[Change]:
    """What a write to a table that no relation connects with a registered model may concern."""
    also = written_by_database(model) if deleted else ()
    places = [each._meta.db_table for each in (model, *also)]
    return [Change.of_any(unrelated[place]) for place in places if place in unrelated]


def _insert(
    table: Table, compiler: Any, execute: Execute, returning_fields: Sequence[Column] | None = None
) -> Any:
    query, asked = compiler.query, returning_fields or ()
    if query.on_conflict == OnConflict.IGNORE:
        statement = Statement(compiler, table, ChangeKind.CREATED)
        return _run(statement, execute, returning_fields)
    if can_return(compiler, table) and len(query.objs) <= NAMED_ROWS:
        kind = ChangeKind.UPDATED if query.on_conflict else ChangeKind.CREATED
        rows, changes = run_returning(compiler, table, kind, asked, execute)
        rows = rows if asked else []
    else:
        rows = execute(returning_fields)
        changes = inserted(table, query, asked, rows) or [Change.of_any(table.label)]
    _announce(table, compiler, changes)
    return rows


def _update(table: Table, compiler: Any, execute: Execute, *args: Any, **kwargs: Any) -> Any:
    return _run(Statement(compiler, table, ChangeKind.UPDATED), execute, *args, **kwargs)


def _update_returning(
    table: Table, compiler: Any, execute: Execute, returning_fields: Sequence[Column]
) -> Any:
    """Since Django 6.0 ``save()`` reads back what expressions made of its fields.

    What a remembered column held before is not known then: it has ``moved``.
    """
    statement = Statement(compiler, table, ChangeKind.UPDATED)
    if not can_return(compiler, table) or statement.moves_rows:
        return _run(statement, execute, returning_fields)
    rows, changes = run_returning(compiler, table, ChangeKind.UPDATED, returning_fields, execute)
    _announce(table, compiler, changes)
    return rows


def _returns(compiler: Any, returning_fields: Sequence[Column]) -> bool:
    """Whether ``execute_returning_sql`` executes the statement, and not ``execute_sql`` for it."""
    return bool(returning_fields) and compiler.connection.features.can_return_rows_from_update


def _run(statement: Statement, execute: Execute, *args: Any, **kwargs: Any) -> Any:
    with statement.transaction():
        try:
            return statement.run(partial(execute, *args, **kwargs))
        finally:
            _announce(statement.table, statement.compiler, statement.changes)


@never_raises
def _announce(table: Table, compiler: Any, changes: Sequence[Change]) -> None:
    publish_on_commit(changes, compiler.connection)
    if changes and table.also is not None:
        also = table.also(changes, written_columns(compiler.query))
        publish_on_commit(also, compiler.connection)


def _delete(table: Table, compiler: Any, execute: Execute, *args: Any, **kwargs: Any) -> Any:
    statement = Statement(compiler, table, ChangeKind.DELETED)
    try:
        return _run(statement, execute, *args, **kwargs)
    finally:
        if statement.changes:
            also = [each for each in written_by_database(table.model) if is_tracked(each)]
            changes = [Change.of_any(each._meta.label_lower) for each in also]
            publish_on_commit(changes, compiler.connection)


_WRITES: Final = (
    (SQLInsertCompiler, "execute_sql", _insert),
    (SQLUpdateCompiler, "execute_sql", _update),
    (SQLUpdateCompiler, "execute_returning_sql", _update_returning),
    (SQLDeleteCompiler, "execute_sql", _delete),
)
_originals: dict[tuple[type, str], Execute | None] = {}
