"""Rows that those who ask look up one by one, by a unique column, read for several of them at once.

Who asks is found out anew at every evaluation, mostly by one row: of a token, a session, a user.
That query is most of what an evaluation costs where all else is shared. What somebody looked up
last time will be looked up again, so the first of many who are evaluated together has the rows of
the next few read along with its own. A row is given to one of them, once, as its own query would
have given it. Whatever is not there, or asked for in another way, is looked up as ever: so it is
never from here that somebody hears no.

Relies on ``QuerySet.get``, through which managers, rest framework's authentication, Django's
sessions and backends, and those of other packages look up one row.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, wraps
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import DateTimeField, Field, QuerySet
from django.db.models.sql import Query
from django.utils.hashable import make_hashable

_NEXT: Final = 20
"""Rows that are read at once. As many are evaluated with them, in some 10 ms: none is older."""

_WRAPPED: Final = "_gql_live_reads_ahead"
_PLAIN: Final = frozenset({int, str, UUID})
_READING: Final = ("__iter__", "_chain", "_clone", "_fetch_all", "_filter_or_exclude", "filter")
"""What decides which rows a queryset gives; a project's own may look at what is around it."""

_ALL_ROWS: Final = vars(QuerySet())
_WHOLE_TABLE: Final = vars(Query(None).chain())
_CHOSEN: Final = frozenset({"model", "_db", "_query", "select_related"})
"""What a question for a whole table may say."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where a row is looked up, by which column, and what is read ``along`` with it."""

    kind: Any
    model: Any
    using: str
    column: str
    along: Hashable


@dataclass(frozen=True, slots=True)
class Sought:
    """A row that somebody looked up, and found, by what may be a secret."""

    table: Table
    value: Hashable = field(repr=False)


class ReadAhead:
    """What will be looked up by those who are evaluated together, in their order."""

    def __init__(self, sought: Iterable[Any] = ()) -> None:
        self._pending: dict[Sought, None] = dict.fromkeys(sought)
        self._read: dict[Sought, Any] = {}

    @contextmanager
    def answering(self, noted: list[Sought]) -> Iterator[None]:
        """Answer what is looked up meanwhile, as far as it was read; note what was found."""
        token = _lookups.set((self, noted))
        try:
            yield
        finally:
            _lookups.reset(token)

    def take(self, sought: Sought, rows: "QuerySet[Any]") -> Any | None:
        """The row that is sought among ``rows``; None where it has to be looked up."""
        if sought in self._pending:
            self._read_next(sought, rows)
        return self._read.pop(sought, None)

    def _read_next(self, first: Sought, rows: "QuerySet[Any]") -> None:
        table = first.table
        alike = (each for each in self._pending if each.table == table and each != first)
        together = [first, *islice(alike, _NEXT - 1)]
        for each in together:
            del self._pending[each]
        if len(together) > 1:
            values = [each.value for each in together]
            with suppress(Exception):  # what goes wrong with a row is of its own asker to hear
                for row in rows.filter(**{f"{table.column}__in": values}).order_by():
                    self._read[Sought(table, getattr(row, table.column))] = row


_lookups: ContextVar[tuple[ReadAhead, list[Sought]] | None] = ContextVar(
    "gql_live.lookups", default=None
)


def wrap_get() -> None:
    """Let ``QuerySet.get`` be answered by what was read ahead. Harmless to call again."""
    original = QuerySet.get
    if hasattr(original, _WRAPPED):
        return

    @wraps(original)
    def get(queryset: Any, *args: Any, **kwargs: Any) -> Any:
        lookups = _lookups.get()
        if lookups is None or args:
            return original(queryset, *args, **kwargs)
        sought, later = _sought(queryset, kwargs)
        if sought is None:
            return original(queryset, **kwargs)
        ahead, noted = lookups
        row = ahead.take(sought, queryset)
        if row is None or not all(_is_later(getattr(row, name), when) for name, when in later):
            row = original(queryset, **kwargs)
        noted.append(sought)
        return row

    setattr(get, _WRAPPED, True)
    QuerySet.get = get  # type: ignore[method-assign,assignment]


# --- what is looked up ---


def _sought(
    queryset: Any, conditions: Mapping[str, Any]
) -> tuple[Sought | None, list[tuple[str, datetime]]]:
    """The row of a whole table that has some value in a unique column, and the times that others of
    its columns must lie behind; None where anything else is asked.
    """
    found, later = None, []
    for name, value in conditions.items():
        path, _, lookup = name.partition("__")
        column = _column(queryset.model, path)
        if lookup == "gt" and isinstance(column, DateTimeField) and type(value) is datetime:
            later.append((path, value))
        elif found is None and not lookup and column is not None and column.unique:
            found = column, value
        else:
            return None, []
    if found is None or type(found[1]) not in _PLAIN or not _is_whole(queryset):
        return None, []
    column, value = found
    try:
        value = column.to_python(value)
    except ValidationError:
        return None, []
    along = make_hashable(queryset.query.select_related)
    table = Table(type(queryset), queryset.model, queryset.db, column.attname, along)
    return Sought(table, value), later


def _is_later(value: Any, than: datetime) -> bool:
    """Whether it certainly is; times with and without a zone are the database's to compare."""
    return type(value) is datetime and bool(value.tzinfo) == bool(than.tzinfo) and value > than


@cache
def _column(model: Any, name: str) -> "Field[Any, Any] | None":
    """A column of a kind that is Django's own: another kind may find rows by what they do not
    hold.
    """
    try:
        column = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    if not isinstance(column, Field) or not column.concrete:
        return None
    kind = type(getattr(column, "target_field", column))
    return column if kind.__module__.startswith("django.db.models.") else None


def _is_whole(queryset: "QuerySet[Any]") -> bool:
    """Whether a queryset is all of a table, read as Django reads it."""
    query = queryset.query
    return (
        type(query) is Query
        and _reads_as_django_does(type(queryset))
        and _says_no_more(queryset, _ALL_ROWS)
        and _says_no_more(query, _WHOLE_TABLE)
    )


def _says_no_more(question: Any, than: Mapping[str, Any]) -> bool:
    """Whether a question is as it began: not narrowed, sliced, ordered, annotated, or read."""
    return all(
        name in _CHOSEN or (name in than and than[name] == value)
        for name, value in vars(question).items()
    )


@cache
def _reads_as_django_does(kind: Any) -> bool:
    return all(getattr(kind, name) is getattr(QuerySet, name) for name in _READING)
