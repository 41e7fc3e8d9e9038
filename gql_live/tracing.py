"""From changed rows back to the rows that show them or are filtered by them. Blocks: it asks the
database, one query for each hop of a path and ``CHUNK`` rows, whatever the number of changes.

What is read is the present state: where a row refers to elsewhere by now, that was a change of its
own, which says where it referred to before.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import router
from django.db.models import Field, Model, QuerySet

from gql_live.changes import Change, Value, key_of
from gql_live.reach import Direction, Hop, Path
from gql_live.routing import routing_value

Key = int | str

MOST: Final = 10_000
"""Keys in one place of a path: where there are more, any row may be concerned."""

CHUNK: Final = 2000


def trace(changes: Sequence[Change], paths: Collection[Path]) -> dict[Path, set[Key] | None]:
    """The keys of the root rows that each path leads back to from ``changes``; None where it cannot
    be said, or where they are more than ``MOST``: any row.

    A change counts wherever its model stands on the path, the root itself left out.
    """
    by_model: dict[str, list[Change]] = {}
    for change in changes:
        by_model.setdefault(change.model, []).append(change)
    walk = _Walk(by_model)
    return {path: walk.back(path) for path in paths}


def values_of(
    model: str, keys: Collection[Key], columns: Collection[str]
) -> dict[Key, dict[str, Value]]:
    """What routing columns (by ``attname``) of the rows of ``model`` with these keys hold now. Rows
    that are gone are missing.
    """
    rows = _rows(model)
    fields = {column: _column(rows.model, column) for column in columns}
    held: dict[Key, dict[str, Value]] = {}
    for chunk in _chunks(keys):
        for pk, *values in rows.filter(pk__in=chunk).values_list("pk", *columns):
            held[key_of(pk)] = {
                column: routing_value(fields[column], value)
                for column, value in zip(columns, values, strict=True)
            }
    return held


class _AnyRow(Exception):
    """It cannot be said which rows are concerned."""


class _Walk:
    """The ways back of some changes. Paths share their beginnings, so each is walked once."""

    def __init__(self, changes: Mapping[str, Sequence[Change]]) -> None:
        self._changes = changes
        self._crossed: dict[tuple[str, Hop, frozenset[Key]], set[Key]] = {}

    def back(self, path: Path) -> set[Key] | None:
        nearer = (path.root, *path.models)
        keys: set[Key] = set()
        try:
            for model, hop in reversed(list(zip(nearer, path.hops, strict=False))):
                keys = self._cross(model, hop, keys)
                if len(keys) > MOST:
                    return None
        except (_AnyRow, ObjectDoesNotExist, ValidationError, ValueError, TypeError):
            # A content type that is not there yet; a key that its column cannot read from text.
            return None
        return keys

    def _cross(self, nearer: str, hop: Hop, keys: set[Key]) -> set[Key]:
        """The keys of nearer rows, for the farther ones with ``keys`` and those that changed."""
        changed = self._changes.get(hop.model, ())
        if not keys and not changed:
            return set()
        crossing = (nearer, hop, frozenset(keys))
        if crossing not in self._crossed:
            if any(change.pk is None for change in changed):
                raise _AnyRow
            self._crossed[crossing] = (
                _holding(nearer, hop.column, _targets(hop, keys, changed))
                if hop.direction is Direction.FORWARD
                else _holding(nearer, hop.target, _references(hop, keys, changed))
            )
        return self._crossed[crossing]


# --- forward: the nearer row refers to the farther one ---


def _targets(hop: Hop, keys: set[Key], changed: Sequence[Change]) -> set[Any]:
    """What nearer rows may hold that refer to the farther ones."""
    if _is_key(hop.model, hop.target):
        return keys | {change.pk for change in changed}
    telling = [change for change in changed if hop.target in change.values]
    silent = {change.pk for change in changed if hop.target not in change.values}
    held = _held(hop.model, hop.target, silent)
    if len(held) < len(silent):
        # A row is gone, and nobody knows under which value it was referred to.
        raise _AnyRow
    return held | _told(hop.model, hop.target, telling) | _held(hop.model, hop.target, keys)


# --- reverse: the farther row refers to the nearer one ---


def _references(hop: Hop, keys: set[Key], changed: Sequence[Change]) -> set[Any]:
    """What the farther rows hold, and those that changed held, that refers to nearer ones."""
    if hop.type_column is None:
        return _told(hop.model, hop.column, changed) | _held(hop.model, hop.column, keys)
    of_type = {hop.type_column: _content_type(hop)}
    generic = [
        change
        for change in changed
        if not _tells(change, hop.type_column)
        or of_type[hop.type_column] in change.values[hop.type_column]
    ]
    return _told(hop.model, hop.column, generic) | _held(hop.model, hop.column, keys, of_type)


def _told(model: str, column: str, changed: Sequence[Change]) -> set[Any]:
    """What rows that changed hold and held in a column, null left out: it refers to nothing."""
    if _is_key(model, column):
        return {change.pk for change in changed}
    if not all(_tells(change, column) for change in changed):
        raise _AnyRow
    return {value for change in changed for value in change.values[column]} - {None}


def _tells(change: Change, column: str) -> bool:
    return column in change.values and column not in change.moved


def _content_type(hop: Hop) -> Any:
    # By its name: it can be imported only where it is installed, as it is where this is asked. Its
    # manager remembers what it read.
    types: Any = apps.get_model("contenttypes", "ContentType").objects
    return types.get_by_natural_key(*(hop.content_type or "").split(".")).pk


# --- rows ---


def _held(
    model: str, column: str, keys: set[Any], also: Mapping[str, Any] | None = None
) -> set[Any]:
    """What the rows with these keys hold in a column, null left out."""
    if _is_key(model, column) and not also:
        return set(keys)
    held: set[Any] = set()
    rows = _rows(model).filter(**(also or {}))
    for chunk in _chunks(keys):
        held.update(rows.filter(pk__in=chunk).values_list(column, flat=True))
    return held - {None}


def _holding(model: str, column: str, values: set[Any]) -> set[Key]:
    """The keys of the rows that hold one of ``values`` in a column."""
    if _is_key(model, column):
        return _keys(model, values)
    found: set[Key] = set()
    rows = _rows(model)
    for chunk in _chunks(values):
        matching = rows.filter(**{f"{column}__in": chunk}).values_list("pk", flat=True)
        found.update(map(key_of, matching[: MOST + 1]))
        if len(found) > MOST:
            raise _AnyRow
    return found


def _keys(model: str, values: Iterable[Any]) -> set[Key]:
    """Values of a primary key as they travel, though a column of another type may have held
    them.
    """
    pk = apps.get_model(model)._meta.pk
    return {key_of(pk.to_python(value)) for value in values}


@cache
def _is_key(model: str, column: str) -> bool:
    pk: str = apps.get_model(model)._meta.pk.attname
    return pk == column


def _column(model: type[Model], attname: str) -> "Field[Any, Any]":
    return next(each for each in model._meta.concrete_fields if each.attname == attname)


def _rows(model: str) -> QuerySet[Any]:
    """The rows of a model past its managers, which may hide some; not of a replica, which may not
    know yet what was committed.
    """
    found = apps.get_model(model)
    return QuerySet(found, using=router.db_for_write(found))


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    waiting = iter(values)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk
