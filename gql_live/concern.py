"""Whom changes concern: at once where the changes tell enough, after a look into the database where
they do not.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeGuard

from django.apps import apps
from django.db import connections

from gql_live.audience import Audience, Key
from gql_live.changes import Change, ChangeKind, Value
from gql_live.index import Index
from gql_live.instruments import counting_queries
from gql_live.predicates import Fingerprint
from gql_live.reach import Path
from gql_live.shapes import visible_to
from gql_live.tracing import trace, values_of

_CROWD: Final = 20
"""Audiences that may be concerned by one row, from which on the database is asked which are: the
statement costs as much as evaluating a few (docs/benchmarks.md)."""

_MOST_ROWS: Final = 10
"""Rows for which that is asked; where more have changed, most audiences are concerned by one."""

_Row = tuple[str, Key]


@dataclass(frozen=True, slots=True)
class Unknown:
    """What has to be looked up before it is known whom ``changes`` concern.

    ``paths`` lead from the changed rows back to those that show them; ``columns`` are, by model,
    those whose values decide.
    """

    changes: Sequence[Change]
    paths: frozenset[Path]
    columns: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """Changes with all the values that decide whom they concern.

    ``derived`` are, by path, changes of the rows that the path leads back to: None for any row.
    ``unseen`` are, by row, questions that do not show it.
    """

    changes: Sequence[Change]
    derived: Mapping[Path, Sequence[Change] | None] = field(default_factory=dict)
    unseen: "Mapping[_Row, Collection[Hashable]]" = field(default_factory=dict)

    def rows(self) -> Iterator[Change]:
        """All the changes of which it is known which row they are of."""
        for changes in (self.changes, *self.derived.values()):
            yield from (change for change in changes or () if change.pk is not None)


def unknown_of(changes: Sequence[Change], index: Index, only: Audience | None) -> Unknown | None:
    """What is not known of ``changes``; None where all is. ``only``: as far as it concerns this
    audience.
    """
    reach = only.known.reach if only is not None else None
    models = {change.model for change in changes}
    paths = frozenset(path for model in models for path in index.paths(model))
    if only is not None:
        paths &= reach.paths if reach is not None else frozenset()
    roots = models | {path.root for path in paths}
    columns = {model: frozenset(index.columns(model)) for model in roots}
    if not paths and all(_tells(change, columns[change.model]) for change in changes):
        return None
    return Unknown(changes, paths, columns)


def _tells(change: Change, columns: frozenset[str]) -> bool:
    return change.pk is None or columns <= change.values.keys()


def look_up(unknown: Unknown) -> Found:
    """Ask the database, a few queries whatever the number of changes. Blocks."""
    with counting_queries(connections.all()):
        return _found(unknown)


def _found(unknown: Unknown) -> Found:
    traced = trace(unknown.changes, unknown.paths) if unknown.paths else {}
    wanted: dict[str, dict[Key, None]] = {}
    for change in unknown.changes:
        if change.pk is not None and not _tells(change, unknown.columns[change.model]):
            wanted.setdefault(change.model, {})[change.pk] = None
    for path, keys in traced.items():
        wanted.setdefault(path.root, {}).update(dict.fromkeys(keys or ()))
    held = {
        model: values_of(model, keys, unknown.columns[model]) if unknown.columns[model] else {}
        for model, keys in wanted.items()
    }
    return Found(
        [_completed(change, unknown, held) for change in unknown.changes],
        {path: _derived(path.root, keys, unknown, held) for path, keys in traced.items()},
    )


_Held = Mapping[str, Mapping[Key, Mapping[str, Value]]]


def _completed(change: Change, unknown: Unknown, held: _Held) -> Change:
    if change.pk is None or _tells(change, unknown.columns[change.model]):
        return change
    values = _values(change.model, change.pk, unknown, held)
    return replace(change, values={**values, **change.values})


def _derived(
    root: str, keys: Collection[Key] | None, unknown: Unknown, held: _Held
) -> Sequence[Change] | None:
    if keys is None:
        return None
    return [
        Change(root, key, ChangeKind.UPDATED, _values(root, key, unknown, held)) for key in keys
    ]


def _values(model: str, key: Key, unknown: Unknown, held: _Held) -> Mapping[str, tuple[Value, ...]]:
    """What the columns that decide hold now. Of a row that is gone, nothing: nobody sees it."""
    row = held[model].get(key)
    return {
        column: () if row is None else (row[column],)
        for column in unknown.columns[model]
        if row is None or column in row
    }


def crowds_of(found: Found, index: Index) -> Mapping[_Row, Sequence[Fingerprint]]:
    """The questions, by row, of audiences that the index cannot tell apart, where they are many."""
    rows = list(found.rows())
    if len(rows) > _MOST_ROWS:
        return {}
    crowds: dict[_Row, Sequence[Fingerprint]] = {}
    for change in rows:
        assert change.pk is not None
        questions = (each.known.fingerprint for each in index.rooted(change))
        asked = list(dict.fromkeys(filter(_can_be_asked, questions)))
        if len(asked) >= _CROWD:
            crowds[change.model, change.pk] = asked
    return crowds


def _can_be_asked(question: Hashable) -> TypeGuard[Fingerprint]:
    return isinstance(question, Fingerprint) and question.narrowed is not None


def ask(crowds: Mapping[_Row, Sequence[Fingerprint]]) -> Mapping[_Row, Collection[Hashable]]:
    """Of each crowd, the questions that do not show the row. Blocks."""
    unseen = {}
    with counting_queries(connections.all()):
        for (model, key), asked in crowds.items():
            shown = zip(asked, visible_to(apps.get_model(model), key, asked), strict=True)
            unseen[model, key] = {each for each, shows in shown if not shows}
    return unseen


def mark(found: Found, index: Index, only: Audience | None) -> Collection[Audience]:
    """Note with each audience what it has to look at; those that have to. ``only``: with no other
    one.
    """
    concerned = {
        audience: None
        for audience, note in _notes(found, index)
        if (only is None or audience is only) and note()
    }
    return concerned.keys()


_Note = Callable[[], bool]


def _notes(found: Found, index: Index) -> Iterator[tuple[Audience, _Note]]:
    """Each audience that may be concerned, with what notes it; false where it is not."""
    for change in found.changes:
        for audience in index.rooted(change):
            yield audience, partial(_row, found, audience, change)
        for audience in index.by_membership(change.model):
            yield audience, audience.reconsider
        for audience in index.by_content(change.model):
            yield audience, audience.refresh
    for path, changes in found.derived.items():
        on_path = index.on_path(path)
        for audience in on_path if changes is None else ():
            yield audience, audience.refresh
        for change in changes or ():
            for audience in index.rooted(change):
                if audience in on_path:
                    yield audience, partial(_row, found, audience, change)


def _row(found: Found, audience: Audience, change: Change) -> bool:
    if change.pk is None:
        return audience.refresh()
    unseen = found.unseen.get((change.model, change.pk), ())
    known = audience.known
    # Others may ask the same, and of these alone the database was asked.
    asked = known.fingerprint in unseen and _can_be_asked(known.fingerprint)
    if asked and change.pk not in (known.members or ()):
        return False
    return audience.concern(change.pk)
