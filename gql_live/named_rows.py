"""What a query of Django's says by itself of the rows that it writes: their keys, its columns.

That is all that is known where the database does not return what it has written.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Field
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In
from django.db.models.sql.subqueries import InsertQuery
from django.db.models.sql.where import AND

from gql_live.changes import NAMED_ROWS, Change, ChangeKind, key_of
from gql_live.tracking import Table


def written_columns(query: Any) -> frozenset[str]:
    """The columns, by ``attname``, that may hold something else after the statement than before.

    Those that an INSERT updates in rows that are there are among them.
    """
    updated = [field for field, *_ in getattr(query, "values", ())]
    return frozenset(field.attname for field in (*updated, *getattr(query, "update_fields", ())))


def keys_in(query: Any, table: Table) -> Sequence[Any] | None:
    """The keys that a query gives for the rows that it writes, or for more; ``None`` without any.

    As they were given, and not to be taken for what the database holds.
    """
    if isinstance(query, InsertQuery):
        return [getattr(row, table.key.attname) for row in query.objs]
    if query.where.connector != AND or query.where.negated:
        return None
    for term in query.where.children:
        column = getattr(term, "lhs", None)
        if not isinstance(column, Col) or column.target is not table.key:
            continue
        if column.alias != query.base_table:  # the same table, joined
            continue
        if isinstance(term, Exact) and term.rhs_is_direct_value():
            return [term.rhs]
        if isinstance(term, In) and term.rhs_is_direct_value():
            return list(term.rhs)
    return None


def named(table: Table, kind: ChangeKind, query: Any) -> Sequence[Change] | None:
    """Changes of the rows whose keys a query gives; ``None`` where they are not known."""
    keys = keys_in(query, table)
    # A database may take different texts for equal ones when it looks for them.
    exact = (int, UUID, str) if isinstance(query, InsertQuery) else (int, UUID)
    return None if keys is None else _changes(table, kind, keys, exact)


def inserted(
    table: Table, query: Any, asked: Sequence["Field[Any, Any]"], rows: Sequence[Sequence[Any]]
) -> Sequence[Change] | None:
    """Changes of the rows of an INSERT that returned no more than Django ``asked`` for.

    ``None`` where they are not known.
    """
    if query.on_conflict:
        return None  # the row that is updated may have another key
    keys = keys_in(query, table) or ()
    if None in keys and len(rows) == len(keys) and table.key in asked:
        keys = [row[list(asked).index(table.key)] for row in rows]
    return _changes(table, ChangeKind.CREATED, keys, (int, UUID, str))


def _changes(
    table: Table, kind: ChangeKind, keys: Sequence[Any], exact: tuple[type, ...]
) -> Sequence[Change] | None:
    """``None`` for too many, and for keys that the database may write in another way: decimals."""
    try:
        values = [table.key.to_python(key) for key in keys]
    except (TypeError, ValueError, ValidationError):
        return None
    if len(values) > NAMED_ROWS or not all(isinstance(value, exact) for value in values):
        return None
    return [Change(table.label, key_of(value), kind) for value in values]
