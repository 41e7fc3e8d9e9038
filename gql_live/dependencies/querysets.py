"""What a queryset reads besides the rows of its own table, and what it loads beside them. No query
runs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Manager, Model, Prefetch, QuerySet
from django.db.models.constants import LOOKUP_SEP

from gql_live.dependencies.queries import QueryWalk, ordering_of, terms_of
from gql_live.dependencies.relations import (
    Hops,
    Relation,
    UnknownPathError,
    columns,
    label,
    longest,
    looked_up,
    parents,
    path,
    relation,
)
from gql_live.dependencies.subqueries import mixes_rows, ranks_rows
from gql_live.reach import Path


@dataclass(frozen=True, slots=True)
class QuerysetReach:
    """What rows of a queryset are filtered, annotated and loaded by.

    ``paths`` lead from its rows to those that it looks at; a change of any row of ``membership``
    models may let rows in or out, one of ``content`` models may change what any row shows.
    ``prefetched`` are the paths to what is loaded beside the rows, and so read without a query.
    ``unfollowed``: something is loaded that no derivation says; watch the queryset being read.
    """

    paths: frozenset[Path] = field(default_factory=frozenset)
    membership: frozenset[str] = field(default_factory=frozenset)
    content: frozenset[str] = field(default_factory=frozenset)
    prefetched: frozenset[Path] = field(default_factory=frozenset)
    unfollowed: bool = False


def queryset_reach(queryset: QuerySet[Any]) -> QuerysetReach:
    """What ``queryset`` reads besides its own rows."""
    root, query = queryset.model, queryset.query
    loading = _Loading()
    loading.of(queryset, ())
    walk = loading.walk
    walk.over(query)
    if mixes_rows(query):
        walk.order(root, terms_of(query))
        walk.membership |= {label(root), *walk.models}
    if ranks_rows(query):
        walk.content |= walk.membership
    return QuerysetReach(
        paths=frozenset(path(root, way) for way in longest(walk.ways)),
        membership=frozenset(walk.membership),
        content=frozenset(walk.content),
        prefetched=frozenset(path(root, way) for way in longest(loading.ways)),
        unfollowed=loading.unfollowed,
    )


def added_names(queryset: QuerySet[Any]) -> frozenset[str]:
    """What a queryset adds to each row besides its columns: annotations, by name."""
    query = queryset.query
    return frozenset({*query.annotation_select, *query.extra_select})


# --- rows of a relation ---


@dataclass(frozen=True, slots=True)
class Choice:
    """What decides which rows a relation gives, and in which order.

    ``ways`` lead from the row that has the relation to others, ``models`` are those any row of
    which counts. ``by_columns``: the related rows themselves decide, by more than their keys.
    """

    ways: frozenset[Hops] = frozenset()
    models: frozenset[str] = frozenset()
    by_columns: bool = False


def rows_of_relation(found: Relation) -> Choice:
    """What decides which rows an attribute of a model gives: the manager through which Django
    reads them.
    """
    model = found.model
    manager: Any = model._default_manager if found.many else model._base_manager
    if type(manager).get_queryset is Manager.get_queryset:
        return _as_ordered(found) if found.many else Choice()
    walk = QueryWalk()
    queryset = manager.get_queryset()
    walk.over(queryset.query, found.hops)
    if found.many:
        walk.order(model, terms_of(queryset.query), found.hops)
    return Choice(frozenset(walk.ways), frozenset(walk.membership | walk.content), by_columns=True)


@cache
def _as_ordered(found: Relation) -> Choice:
    walk = QueryWalk()
    ordering = ordering_of(found.model)
    walk.order(found.model, ordering, found.hops)
    pk = found.model._meta.pk
    keys = {sign + name for sign in ("", "-") for name in ("pk", pk.name, pk.attname)}
    by_columns = not keys.issuperset(map(str, ordering))
    return Choice(frozenset(walk.ways), frozenset(walk.membership), by_columns)


# --- rows that are loaded beside others ---


class _Loading:
    """What querysets load beside their rows.

    ``ways`` lead there; ``walk`` is what decides on what is loaded, of querysets that a
    ``Prefetch`` brings.
    """

    def __init__(self) -> None:
        self.ways: set[Hops] = set()
        self.walk = QueryWalk()
        self.unfollowed = False

    def of(self, queryset: QuerySet[Any], start: Hops) -> None:
        """What ``queryset``, to whose rows ``start`` leads, loads beside them."""
        query = queryset.query
        self.unfollowed |= not _loads_as_django(queryset)
        if query.select_related:
            self.ways.update(_joined_beside(queryset.model, query.select_related, start))
        lookups = queryset._prefetch_related_lookups  # type: ignore[attr-defined]  # noqa: SLF001
        if lookups:
            self._prefetched(queryset.model, lookups, start)

    def _prefetched(self, model: type[Model], lookups: Iterable[Any], start: Hops) -> None:
        known: dict[str, tuple[Hops, type[Model]]] = {}
        for lookup in lookups:
            prefetch = lookup if isinstance(lookup, Prefetch) else Prefetch(lookup)
            place = start, model
            for level, attribute in enumerate(prefetch.prefetch_through.split(LOOKUP_SEP)):
                to = prefetch.get_current_prefetch_to(level)
                if to not in known:
                    found = relation(place[1], attribute)
                    if found is None:
                        self.unfollowed = True
                        break
                    known[to] = (*place[0], *found.hops), found.model
                    chosen = prefetch.queryset if to == prefetch.prefetch_to else None
                    self._load(found, place[0], chosen)
                place = known[to]

    def _load(self, found: Relation, start: Hops, chosen: QuerySet[Any] | None) -> None:
        reached = (*start, *found.hops)
        self.ways |= {reached, *((*reached, *way) for way in parents(found.model))}
        if chosen is None:
            choice = rows_of_relation(found)
            self.walk.ways |= {(*start, *way) for way in choice.ways}
            self.walk.content |= choice.models
        else:
            self._chosen(chosen, reached)
            self.of(chosen, reached)

    def _chosen(self, queryset: QuerySet[Any], reached: Hops) -> None:
        """What decides on rows that are loaded: on what others show, therefore."""
        nested = QueryWalk()
        nested.over(queryset.query, reached)
        nested.order(queryset.model, terms_of(queryset.query), reached)
        if ranks_rows(queryset.query):
            nested.content.add(label(queryset.model))
        self.walk.ways |= nested.ways
        self.walk.content |= nested.content | nested.membership


def _loads_as_django(queryset: Any) -> bool:
    """Whether the rows are read in Django's own way, and not each one by its own type for
    example.
    """
    owner = type(queryset)
    return (
        owner.iterator is QuerySet.iterator
        and owner._fetch_all is QuerySet._fetch_all  # noqa: SLF001
        and queryset._iterable_class.__module__.startswith("django.")  # noqa: SLF001
    )


def _joined_beside(
    model: type[Model], asked: "Mapping[str, Any] | bool", start: Hops, depth: int = 5
) -> Iterator[Hops]:
    """The ways that ``select_related`` goes; ``True`` means every relation that cannot be null."""
    if asked is True:
        relations = {f.name for f in model._meta.fields if f.remote_field and not f.null}
        asked = dict.fromkeys(relations - columns(model), depth > 1)
    for name, below in asked.items() if asked else ():
        try:
            found = looked_up(model, name)
        except UnknownPathError:  # of a FilteredRelation, which is a join of the query
            continue
        if found is not None:
            reached = (*start, *found.hops)
            yield reached
            yield from ((*reached, *way) for way in parents(found.model))
            yield from _joined_beside(found.model, below, reached, depth - 1)
