"""A way through a Django query, over its joins and subqueries.

A join says itself which columns it goes over. A subquery whose rows are compared with a column of
the query around it is one more hop, from that column. The rows of any other subquery may let any
row in or out.

It relies on ``Query.alias_map``, ``Join.join_field`` and the tree of expressions: not documented,
and the same in Django 4.2 and 5.2.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from django.db.models import F, Model, Q
from django.db.models.expressions import RawSQL
from django.db.models.lookups import In
from django.db.models.sql import Query
from django.db.models.sql.where import ExtraWhere

from gql_live.dependencies.observing import models_in_sql
from gql_live.dependencies.relations import (
    Hops,
    UnknownPathError,
    follow_lookup,
    hop_of,
    label,
)
from gql_live.dependencies.subqueries import Places, compared, correlated

_NOWHERE: Final[Places] = MappingProxyType({})
_MOST_ORDERS: Final = 10  # models that are ordered by each other, in a circle for example


class QueryWalk:
    """What was found on the way through some queries.

    ``ways`` lead from the rows that the walk is about to others; a change of any row of
    ``membership`` models may let rows in or out, one of ``content`` models may change any row.
    """

    def __init__(self) -> None:
        self.ways: set[Hops] = set()
        self.membership: set[str] = set()
        self.content: set[str] = set()

    @property
    def models(self) -> set[str]:
        """All models that were found."""
        return self.membership | self.content | {hop.model for way in self.ways for hop in way}

    def over(self, query: Query, start: Hops = (), around: Places = _NOWHERE) -> None:
        """Walk ``query``, to whose rows ``start`` leads; ``around``: what its subqueries may refer
        to outside.
        """
        for combined in query.combined_queries:
            self.over(combined, start, around)
        places = {**around, **self._joined(query, start)}
        self._expression(query.where, places, shows=False)
        for annotation in query.annotations.values():
            self._expression(annotation, places, shows=True)
        for sql, _params in query.extra.values():
            self._any_row(models_in_sql(sql), shows=True)
        for table in query.extra_tables:
            self._any_row(models_in_sql(table), shows=True)

    def order(self, model: type[Model], terms: Iterable[Any], start: Hops = ()) -> None:
        """Walk what rows of ``model``, to which ``start`` leads, are ordered by."""
        self._order(model, terms, start, _MOST_ORDERS)

    def _order(self, model: type[Model], terms: Iterable[Any], start: Hops, most: int) -> None:
        terms = tuple(terms)
        for term in terms:
            self._expression(term, _NOWHERE, shows=False)
        for lookup in _lookups(terms):
            try:
                hops, reached, rest = follow_lookup(model, lookup)
            except UnknownPathError:  # an annotation, whose joins are the query's own
                continue
            if rest:
                self.ways.add((*start, *hops))
            elif most:
                # By a relation: by what the related rows are ordered by, else by what refers to
                # them.
                self.ways.add((*start, *hops[:-1]))
                self._order(reached, ordering_of(reached), (*start, *hops), most - 1)

    def _joined(self, query: Query, start: Hops) -> dict[str, Hops | None]:
        places: dict[str, Hops | None] = {}
        aliases: Mapping[str, Any] = query.alias_map
        for alias, join in aliases.items():
            if join.parent_alias is None:
                places[alias] = start
                continue
            before, hop = places.get(join.parent_alias), hop_of(join.join_field)
            place = None if before is None or hop is None else (*before, hop)
            places[alias] = place
            # What nobody counts is left over: a join that was trimmed, or made for compiling.
            if query.alias_refcount[alias]:
                if place is None:
                    self._any_row(models_in_sql(join.table_name), shows=True)
                else:
                    self.ways.add(place)
        for alias, join in aliases.items():
            if join.filtered_relation is not None and query.alias_refcount[alias]:
                self._expression(_condition(join.filtered_relation), places, shows=True)
        return places

    def _any_row(self, models: Iterable[str], *, shows: bool) -> None:
        self.membership.update(models)
        if shows:
            self.content.update(models)

    # --- expressions ---

    def _expression(self, node: Any, places: Places, *, shows: bool, negated: bool = False) -> None:
        """Walk an expression that decides on rows, and perhaps is what they show."""
        negated = negated or getattr(node, "negated", False)
        if isinstance(node, In) and isinstance(node.rhs, Query):
            self._expression(node.lhs, places, shows=shows)
            way = compared(node.lhs, node.rhs, places, null_counts=negated or shows)
            self._subquery(node.rhs, way, places, shows=shows)
        elif isinstance(query := _query_of(node), Query):
            self._subquery(query, correlated(query, places), places, shows=shows)
        elif isinstance(node, RawSQL):
            self._any_row(models_in_sql(node.sql), shows=shows)
        elif isinstance(node, ExtraWhere):
            self._any_row(models_in_sql(" ".join(node.sqls)), shows=shows)
        else:
            for each in _parts(node):
                self._expression(each, places, shows=shows, negated=negated)

    def _subquery(self, query: Query, way: Hops | None, places: Places, *, shows: bool) -> None:
        if way is None:
            self._any_row(models_of(query), shows=shows)
            return
        self.ways.add(way)
        self.over(query, way, places)
        if query.is_sliced and query.model is not None:
            self.order(query.model, terms_of(query), way)


def models_of(query: Query) -> set[str]:
    """The models of all tables that a query reads."""
    walk = QueryWalk()
    walk.over(query)
    aliases = query.alias_map.items()
    tables = [join.table_name for alias, join in aliases if query.alias_refcount[alias]]
    models = walk.models.union(*map(models_in_sql, tables), *map(models_of, query.combined_queries))
    if query.model is not None:
        models.add(label(query.model))
        if query.is_sliced or query.distinct_fields:
            walk.order(query.model, terms_of(query))
    return models | walk.models


def terms_of(query: Query) -> Sequence[Any]:
    """What a query is ordered by."""
    if query.order_by or not query.default_ordering or query.model is None:
        return tuple(query.order_by)
    return ordering_of(query.model)


def ordering_of(model: type[Model]) -> Sequence[Any]:
    """What rows of a model are ordered by where nobody says otherwise."""
    return model._meta.ordering or ()


def _lookups(terms: Iterable[Any]) -> Iterator[str]:
    for term in terms:
        if isinstance(term, str):
            yield term.lstrip("+-")
        elif isinstance(term, F):
            yield term.name  # type: ignore[attr-defined]
        else:
            yield from _lookups(each for each in term.get_source_expressions() if each is not None)


def _condition(filtered_relation: Any) -> Any:
    # Django 4.2 keeps what is resolved elsewhere, where its joins are found anyway.
    return getattr(filtered_relation, "resolved_condition", None) or filtered_relation.condition


def _query_of(node: Any) -> Any:
    """The query of a subquery, or of a queryset that is compared with."""
    if isinstance(node, Query):
        return node
    return getattr(node, "query", None) or getattr(node, "query_object", None)


def _parts(node: Any) -> Iterator[Any]:
    """What an expression is made of."""
    if isinstance(node, Q):
        for child in node.children:
            yield child[1] if isinstance(child, tuple) else child
        return
    sources = getattr(node, "get_source_expressions", None)
    yield from (each for each in (sources() if sources is not None else ()) if each is not None)
    values = getattr(node, "rhs", None)
    if isinstance(values, list | tuple):
        yield from (each for each in values if hasattr(each, "as_sql"))
