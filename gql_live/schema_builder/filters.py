"""A filter set's filters to members of the filter object, and back to the query string that
django-filter reads.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gql_live.schema_builder import naming
from gql_live.schema_builder.descriptions import text
from gql_live.schema_builder.diagnostics import UNKNOWN_FILTER
from gql_live.schema_builder.filter_types import (
    PACKAGE,
    FilterContext,
    Item,
    NamedFilter,
    item_type,
)
from gql_live.schema_builder.inputs import joined, repeated, single
from gql_live.schema_builder.inputs import text as written
from gql_live.schema_builder.path_table import path_of
from gql_live.schema_builder.shapes import STRING, InputShape, ListOf, Parameter, Scalar

_BOUNDS: Mapping[tuple[str, ...], str] = {
    ("min", "max"): "Range",
    ("after", "before"): "Period",
}
_CSV_HELP = "Multiple values may be separated by commas."


def filter_parameters(backend: Any, view: Any, context: FilterContext) -> Iterator[Parameter]:
    """Give a member for every filter of the filter set that ``backend`` has for a view.

    A filter that cannot be read is reported, and takes text.
    """
    filterset = backend().get_filterset_class(view, context.model._default_manager.none())
    if filterset is None:
        return
    for name, each in filterset.base_filters.items():
        try:
            members = [*_members(NamedFilter(name, each, filterset), context)]
        except Exception as error:  # a project's filter may do anything
            context.diagnostics.add(
                UNKNOWN_FILTER,
                context.place / f"{filterset.__name__}" / name,
                f"the filter cannot be read ({type(error).__name__}: {error}), text is assumed",
                "register its type: schema_builder.extensions.filter_type",
            )
            members = [Parameter(name, STRING, single(name), ((name, ""),))]
        yield from members


def _members(named: NamedFilter, context: FilterContext) -> Iterator[Parameter]:
    """Give the members of one filter; almost always one."""
    name, each = named.name, named.filter
    required = bool(each.extra.get("required"))
    description = text(each.extra.get("help_text"))
    if description == _CSV_HELP:
        # True of the query string, not of a list in GraphQL.
        description = ""
    item = item_type(named, context)
    if _is(each, "BaseRangeFilter"):
        yield _range(named, item, context, joined(name), required, description)
    elif _is(each, "BaseCSVFilter"):
        yield Parameter(name, _list(item), joined(name), ((name, ""),), required, description)
    elif _is(each, "MultipleChoiceFilter"):
        yield Parameter(name, _list(item), repeated(name), ((name, ""),), required, description)
    elif _suffixes(each):
        yield _range(named, item, context, None, required, description)
    else:
        yield Parameter(name, item, single(name), ((name, ""),), required, description)
        if _is(each, "LookupChoiceFilter"):
            lookup = f"{name}_lookup"
            yield Parameter(lookup, STRING, single(lookup), ((lookup, ""),))


def _is(each: Any, name: str) -> bool:
    return any(path_of(base) == PACKAGE + name for base in type(each).__mro__)


def _list(item: Item) -> ListOf:
    return ListOf(item, item_non_null=True)


def _suffixes(each: Any) -> tuple[str, ...]:
    widget = getattr(each.field_class, "widget", None)
    return tuple(suffix for suffix in getattr(widget, "suffixes", ()) if suffix)


def _range(
    named: NamedFilter,
    item: Item,
    context: FilterContext,
    both: Callable[[Any], list[tuple[str, str]]] | None,
    required: bool,
    description: str,
) -> Parameter:
    """Return a member for two bounds: both in one parameter, or each in its own with a suffix."""
    suffixes = ("min", "max") if both else _suffixes(named.filter)
    scalar = item.name if isinstance(item, Scalar) else context.base + naming.pascal(named.name)
    kind = _BOUNDS.get(suffixes)
    name = f"{scalar}{kind}" if kind else f"{context.base}Filter{naming.pascal(named.name)}"
    bounds = tuple(Parameter(naming.sanitize(each), item, None, ()) for each in suffixes)
    params: tuple[tuple[str, str], ...] = ((named.name, ""),)
    if not both:
        params += tuple((f"{named.name}_{each}", naming.sanitize(each)) for each in suffixes)
    return Parameter(
        named.name,
        context.inputs.setdefault((name, item), InputShape((name,), bounds)),
        _joined_bounds(suffixes, both) if both else _suffixed(named.name, suffixes),
        params,
        required,
        description,
    )


def _joined_bounds(
    suffixes: Iterable[str], join: Callable[[Any], list[tuple[str, str]]]
) -> Callable[[Any], list[tuple[str, str]]]:
    def encode(value: Mapping[str, Any]) -> list[tuple[str, str]]:
        bounds = [value.get(suffix) for suffix in suffixes]
        if None in bounds:
            raise ValueError("This range needs both bounds.")
        return join(bounds)

    return encode


def _suffixed(name: str, suffixes: Iterable[str]) -> Callable[[Any], list[tuple[str, str]]]:
    def encode(value: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [
            (f"{name}_{suffix}", written(value[naming.sanitize(suffix)]))
            for suffix in suffixes
            if value.get(naming.sanitize(suffix)) is not None
        ]

    return encode
