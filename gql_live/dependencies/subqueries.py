"""Which rows a subquery decides on: those that a column of it is compared with, or any."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models.expressions import Col
from django.db.models.lookups import Exact
from django.db.models.sql import Query
from django.db.models.sql.where import AND

from gql_live.dependencies.relations import Hops, label
from gql_live.reach import Direction, Hop

Places = Mapping[str, Hops | None]
"""By alias, the way there from the rows that a walk is about; None: it cannot be said."""


def mixes_rows(query: Query) -> bool:
    """Whether it depends on others whether a row is in: the first ten, one of each kind."""
    return bool(
        query.is_sliced
        or query.distinct_fields
        or isinstance(query.group_by, tuple)
        or ranks_rows(query)
        or any(each.values_select or mixes_rows(each) for each in query.combined_queries)
    )


def ranks_rows(query: Query) -> bool:
    """Whether it depends on others what a row shows: a window, a group."""
    return isinstance(query.group_by, tuple) or any(
        getattr(each, "contains_over_clause", False)
        for each in (query.where, *query.annotations.values())
    )


def compared(outer: Any, query: Query, places: Places, *, null_counts: bool) -> Hops | None:
    """The way to the rows of ``query``, of which ``outer`` has to be one: ``outer IN (…)``; None
    where other rows decide which those are.

    ``null_counts``: it is asked whether it is none of them, or whether nobody knows.
    """
    if mixes_rows(query) or query.combinator or len(query.select) != 1 or query.annotation_select:
        return None
    inner: Any = query.select[0]
    if null_counts and getattr(inner.target, "null", True):
        # Where one of the values is null, no row at all is known to be none of them.
        return None
    return _way(outer, inner, query, places)


def correlated(query: Query, places: Places) -> Hops | None:
    """The way to the rows of a subquery that looks only at rows with ``column = outer column``."""
    if query.combinator:
        return None
    for each in _required(query.where):
        if isinstance(each, Exact):
            way = _way(each.rhs, each.lhs, query, places) or _way(each.lhs, each.rhs, query, places)
            if way is not None:
                return way
    return None


def _required(node: Any) -> Iterator[Any]:
    """The conditions that all rows meet."""
    if node.connector == AND and not node.negated:
        for child in node.children:
            if hasattr(child, "connector"):
                yield from _required(child)
            else:
                yield child


def _way(outer: Any, inner: Any, query: Query, places: Places) -> Hops | None:
    """The way over ``outer = inner``, two columns of which one is of the query's own table."""
    if not isinstance(outer, Col) or not isinstance(inner, Col):
        return None
    before = places.get(outer.alias)
    own = next((alias for alias in query.alias_map if query.alias_refcount[alias]), None)
    if before is None or inner.alias != own:
        return None
    near, far = outer.target, inner.target
    if far.primary_key:
        hop = Hop(label(far.model), Direction.FORWARD, near.attname, far.attname)
    else:
        hop = Hop(label(far.model), Direction.REVERSE, far.attname, near.attname)
    return (*before, hop)
