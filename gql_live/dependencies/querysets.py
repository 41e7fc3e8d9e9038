"""What a queryset reads besides the rows of its own table. No query runs.

Joins say themselves which columns they go over. A subquery that is compared with a column of the
query around it is one more hop; the rows of any other one may let any row in or out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql import Query

from gql_live.dependencies.observing import models_in_sql
from gql_live.dependencies.relations import (
    Hops,
    hop_of,
    label,
    longest,
    path,
)
from gql_live.reach import Path

Places = Mapping[str, Hops | None]
"""How each alias of a query is reached from the rows that it is about; None: not over columns."""


@dataclass(frozen=True, slots=True)
class QuerysetReach:
    """What rows of a queryset are filtered, annotated and loaded by.

    ``paths`` lead from its rows to those that it looks at; a change of any row of ``membership``
    models may let rows in or out; one of ``content`` models may change what any row shows.
    """

    paths: frozenset[Path] = field(default_factory=frozenset)
    membership: frozenset[str] = field(default_factory=frozenset)
    content: frozenset[str] = field(default_factory=frozenset)
    prefetched: frozenset[Path] = field(default_factory=frozenset)


def queryset_reach(queryset: QuerySet[Any]) -> QuerysetReach:
    """What ``queryset`` reads besides its own rows."""
    walk = QueryWalk()
    walk.query(queryset.query, (), {})
    root = queryset.model
    return QuerysetReach(
        paths=frozenset(path(root, way) for way in longest(walk.ways)),
        membership=frozenset(walk.membership),
        content=frozenset(walk.content),
    )


class QueryWalk:
    """A way through a query and all that is in it: ``ways`` are hops from the rows it is about."""

    def __init__(self) -> None:
        self.ways: set[Hops] = set()
        self.membership: set[str] = set()
        self.content: set[str] = set()

    def query(self, query: Query, start: Hops, around: Places) -> None:
        """Walk ``query``, whose own rows ``start`` leads to; ``around``: the aliases outside."""
        places = {**around, **self._joined(query, start)}
        self._expression(query.where, places, self.membership)
        for annotation in query.annotations.values():
            self._expression(annotation, places, self.content)

    def _joined(self, query: Query, start: Hops) -> dict[str, Hops | None]:
        places: dict[str, Hops | None] = {}
        aliases: Mapping[str, Any] = query.alias_map
        for alias, join in aliases.items():
            if join.parent_alias is None:
                places[alias] = start
                continue
            before = places.get(join.parent_alias)
            hop = hop_of(join.join_field)
            place = None if before is None or hop is None else (*before, hop)
            places[alias] = place
            # An alias that nobody counts is left over from a join that was trimmed, or compiled.
            if not query.alias_refcount[alias]:
                continue
            if place is None:
                self._any_row_of(models_in_sql(join.table_name))
            else:
                self.ways.add(place)
        return places

    def _any_row_of(self, models: Iterable[str]) -> None:
        self.membership.update(models)
        self.content.update(models)

    def _expression(self, node: Any, places: Places, into: set[str]) -> None:
        if isinstance(node, Query):
            into |= _models_of(node)
            return
        query = getattr(node, "query", None)
        if isinstance(query, Query):
            into |= _models_of(query)
            return
        if isinstance(node, RawSQL):
            into |= models_in_sql(node.sql)
        sources = getattr(node, "get_source_expressions", None)
        for each in sources() if sources is not None else ():
            if each is not None:
                self._expression(each, places, into)


def _models_of(query: Query) -> set[str]:
    walk = QueryWalk()
    walk.query(query, (), {})
    names = {label(query.model)} if query.model else set()
    return names | walk.membership | walk.content | {h.model for w in walk.ways for h in w}
