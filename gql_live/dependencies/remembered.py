"""The columns of which a write has to find out what they held before: where rows of other tables
say there which row shows them, the one that they leave changes too.

Views are asked before anybody subscribes, without a request. What they do not say so costs
precision, and no more: where a column's old value is not known, any row counts.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.db.models import Model

from gql_live.dependencies.asking import ask
from gql_live.dependencies.content import content_reach
from gql_live.dependencies.querysets import queryset_reach
from gql_live.dependencies.relations import UnknownPathError, follow_lookup, path
from gql_live.reach import Direction, Path
from gql_live.schema_builder.probe import no_queries
from gql_live.wanted import EVERYTHING


def remembered(view_class: Any) -> set[tuple[type[Model], str]]:
    """The columns, by model and ``attname``, whose old values lead to rows of a view.

    As far as it can be said without a request; what a view raises is passed over.
    """
    found: set[tuple[type[Model], str]] = set()
    with no_queries():
        for each in _paths(view_class):
            found.update(columns_of(each))
    return found


def columns_of(found: Path) -> Iterator[tuple[type[Model], str]]:
    """The columns, by model and ``attname``, whose old values lead back along a path."""
    for hop in found.hops:
        model = apps.get_model(hop.model)
        reverse = hop.direction is Direction.REVERSE
        for name in (hop.column, hop.type_column) if reverse else (hop.target,):
            if name is not None and name != model._meta.pk.attname:
                yield model, name


def _paths(view_class: Any) -> Iterator[Path]:
    model = view_class.queryset.model
    for lookup in _filtered_by(view_class):
        with suppress(UnknownPathError):
            yield path(model, follow_lookup(model, lookup)[0])
    for view in ask(view_class):
        for said in (_content, _rows):
            with suppress(Exception):  # a project's view may do anything
                yield from said(view)


def _content(view: Any) -> Iterable[Path]:
    serializer, declared = view.get_serializer(), view.realtime_depends_on
    return content_reach(serializer, EVERYTHING, declared, view.queryset.model).paths


def _rows(view: Any) -> Iterable[Path]:
    reach = queryset_reach(view.get_queryset())
    return reach.paths | reach.prefetched


def _filtered_by(view_class: Any) -> Iterator[str]:
    """The lookups that a view's search and filters may take."""
    for each in getattr(view_class, "search_fields", None) or ():
        yield str(each).lstrip("^=@$")
    fields = getattr(view_class, "filterset_fields", None)
    yield from (fields if isinstance(fields, (dict, list, tuple)) else ())
    filters = getattr(getattr(view_class, "filterset_class", None), "base_filters", {})
    yield from (each.field_name for each in filters.values() if each.field_name)
