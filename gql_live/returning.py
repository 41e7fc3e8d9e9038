"""How a statement says which rows it wrote: the SQL that asks for them, and what they hold.

Only PostgreSQL and SQLite (since 3.35) can be asked, for every kind of write.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.core.exceptions import FullResultSet
from django.db.models import Field

from gql_live.changes import NAMED_ROWS, Change, ChangeKind, Value, key_of
from gql_live.routing import UnroutableError, routing_value
from gql_live.tracking import Table

Column: TypeAlias = "Field[Any, Any]"
Row: TypeAlias = Sequence[Any]

_BEFORE: Final = "gql_live_before"
_WRITTEN: Final = "gql_live_written"


def can_return(compiler: Any, table: Table) -> bool:
    """Whether every write to ``table`` can say which rows it wrote."""
    connection = compiler.connection
    return (
        table.readable
        and connection.vendor in {"postgresql", "sqlite"}
        and connection.features.can_return_columns_from_insert
    )


@dataclass(frozen=True, slots=True)
class Returning:
    """A statement that returns what it writes: the table's ``fields``, then, of the columns in
    ``before``, what they held.

    A ``counted`` one returns a few rows only, each with the number of all at its end.
    """

    sql: str
    params: Sequence[Any]
    before: tuple[Column, ...] = ()
    counted: bool = False


def returning(
    compiler: Any,
    table: Table,
    sql: str,
    params: Sequence[Any],
    before: Sequence[Column] = (),
    *,
    counted: bool = False,
) -> Returning:
    """Have a compiled statement return what it writes.

    What columns held ``before`` is read by a subquery that locks the rows as the UPDATE would, so
    that nobody writes in between. Both are for PostgreSQL: SQLite knows neither.
    """
    name = compiler.connection.ops.quote_name
    source = name(table.model._meta.db_table)
    columns = [f"{source}.{name(field.column)}" for field in table.fields]
    subqueries = []
    if before:
        head, where, held = split(compiler, sql, params)
        # Under names of ours: the project's own SQL may name columns without their table.
        asked = [f"{source}.{name(field.column)}" for field in (table.key, *before)]
        key, *old = (f"{_BEFORE}_{number}" for number in range(len(asked)))
        rows = f"SELECT {', '.join(asked)} FROM {source}{where} FOR NO KEY UPDATE"  # noqa: S608
        subqueries.append(f"{_BEFORE} ({', '.join((key, *old))}) AS ({rows})")
        sql = f"{head} FROM {_BEFORE} WHERE {asked[0]} = {key}"
        params = (*held, *params[: len(params) - len(held)])
        columns += old
    sql = f"{sql} RETURNING {', '.join(columns)}"
    if counted:
        # PostgreSQL's client would hold all of a million rows.
        subqueries.append(f"{_WRITTEN} AS ({sql})")
        sql = f"SELECT *, count(*) OVER () FROM {_WRITTEN} LIMIT {NAMED_ROWS + 1}"  # noqa: S608
    if subqueries:
        sql = f"WITH {', '.join(subqueries)} {sql}"
    return Returning(sql, params, tuple(before), counted)


def split(compiler: Any, sql: str, params: Sequence[Any]) -> tuple[str, str, Sequence[Any]]:
    """An UPDATE before its WHERE, the WHERE, and the parameters of that.

    Raises ``ValueError`` where it does not end as Django's own does.
    """
    try:
        where, held = compiler.compile(compiler.query.where)
    except FullResultSet:
        return sql, "", ()
    where = f" WHERE {where}"
    if not sql.endswith(where) or list(params[len(params) - len(held) :]) != list(held):
        raise ValueError(f"not a statement of Django's own: {sql}")
    return sql.removesuffix(where), where, held


def converted(
    compiler: Any, table: Table, rows: Iterable[Row], before: Sequence[Column]
) -> Iterable[Row]:
    """Returned rows with the values that Django makes of what the database gives."""
    name = table.model._meta.db_table
    columns = [field.get_col(name) for field in (*table.fields, *before)]
    converters = compiler.get_converters(columns)
    return compiler.apply_converters(rows, converters) if converters else rows


def told(
    table: Table,
    kind: ChangeKind,
    rows: Iterable[Row],
    written: frozenset[str],
    before: Sequence[Column] = (),
) -> list[Change]:
    """The changes that returned rows tell of. ``written`` are columns that may hold new values."""
    moved = written - {field.attname for field in before}
    return [_change(table, kind, row, moved, before) for row in rows]


def _change(
    table: Table, kind: ChangeKind, row: Row, moved: frozenset[str], before: Sequence[Column]
) -> Change:
    held = {field.attname: [value] for field, value in zip(table.columns, row[1:], strict=False)}
    for field, value in zip(before, row[len(table.fields) :], strict=False):
        held[field.attname].insert(0, value)
    values: dict[str, tuple[Value, ...]] = {}
    for field in table.columns:
        try:
            routed = [routing_value(field, value) for value in held[field.attname]]
        except UnroutableError:
            continue
        values[field.attname] = tuple(dict.fromkeys(routed))
    return Change(table.label, key_of(row[0]), kind, values, moved.intersection(values))
