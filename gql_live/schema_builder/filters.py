"""django-filter's filters to members of the filter object, and back to the query string that they
read.

Rows are keyed by import path: where django-filter is not installed nothing of it is imported
(SCHEMA 10).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from gql_live.schema_builder import columns, enums, naming
from gql_live.schema_builder.descriptions import text
from gql_live.schema_builder.diagnostics import Diagnostics, Place
from gql_live.schema_builder.inputs import joined, repeated, single
from gql_live.schema_builder.inputs import text as written
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.path_table import PathTable
from gql_live.schema_builder.shapes import (
    BIG_INT,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DECIMAL,
    DURATION,
    FLOAT,
    ID,
    INT,
    STRING,
    TIME,
    UUID,
    EnumShape,
    InputShape,
    ListOf,
    Parameter,
    Scalar,
)
from gql_live.schema_builder.sources import query_path

Item = Scalar | EnumShape
_BOUNDS: Mapping[tuple[str, ...], str] = {
    ("min", "max"): "Range",
    ("after", "before"): "Period",
}
_CSV_HELP = "Multiple values may be separated by commas."
_NUMBERS = (INT, BIG_INT, DECIMAL, FLOAT)
_TRANSFORMS = (
    "year",
    "iso_year",
    "month",
    "day",
    "week",
    "week_day",
    "quarter",
    "hour",
    "minute",
    "second",
)


@dataclass(frozen=True)
class FilterContext:
    """What the members of one view's filter object need: ``base`` begins the names of its types."""

    model: type[Model]
    base: str
    place: Place
    enums: enums.Enums
    options: Options
    diagnostics: Diagnostics
    inputs: dict[tuple[str, Item], InputShape]


@dataclass(frozen=True)
class NamedFilter:
    """A filter under the name that its filter set has for it."""

    name: str
    filter: Any

    @property
    def lookups(self) -> tuple[str, ...]:
        """The steps of the lookup expression: ``("year", "gte")``."""
        return tuple(str(self.filter.lookup_expr or "").split("__"))

    def column(self, context: FilterContext) -> Any:
        """Return the column that is compared, or None where that is no column (a transform, a
        method).
        """
        if any(step in _TRANSFORMS for step in self.lookups):
            return None
        field, left_over = query_path(context.model, str(self.filter.field_name or ""))
        return None if left_over else field


Convert = Callable[[NamedFilter, FilterContext], Item]
FILTERS: PathTable[Convert] = PathTable()
_PACKAGE = "django_filters.filters."
_FORMS: PathTable[Scalar] = PathTable()


def filter_parameters(backend: Any, view: Any, context: FilterContext) -> Iterator[Parameter]:
    """Give a member for every filter of the view's filter set, if ``backend`` works with one."""
    find = getattr(backend, "get_filterset_class", None)
    if find is None:
        return
    empty = context.model._default_manager.none()  # Django's documented name
    filterset = backend().get_filterset_class(view, empty)
    if filterset is not None:
        for name, each in filterset.base_filters.items():
            yield from _members(NamedFilter(name, each), context)


def _members(named: NamedFilter, context: FilterContext) -> Iterator[Parameter]:
    """Give the members of one filter; almost always one."""
    name, each = named.name, named.filter
    required = bool(each.extra.get("required"))
    description = text(each.extra.get("help_text"))
    if description == _CSV_HELP:
        # True of the query string, not of a list in GraphQL.
        description = ""
    item = _item(named, context)
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
    return any(
        f"{base.__module__}.{base.__qualname__}" == _PACKAGE + name for base in type(each).__mro__
    )


def _list(item: Item) -> ListOf:
    return ListOf(item, item_non_null=True)


def _suffixes(each: Any) -> tuple[str, ...]:
    widget = getattr(each.field_class, "widget", None)
    return tuple(suffix for suffix in getattr(widget, "suffixes", ()) if suffix)


def _item(named: NamedFilter, context: FilterContext) -> Item:
    """Return the type of one value of a filter."""
    if named.lookups[-1] == "isnull":
        return BOOLEAN
    row = FILTERS.find(type(named.filter))
    return STRING if row is None else row(named, context)


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


def _constant(scalar: Scalar) -> Convert:
    return lambda _named, _context: scalar


for _name, _scalar in {
    "BooleanFilter": BOOLEAN,
    "CharFilter": STRING,
    "DateFilter": DATE,
    "DateTimeFilter": DATE_TIME,
    "TimeFilter": TIME,
    "DurationFilter": DURATION,
    "DateFromToRangeFilter": DATE,
    "DateTimeFromToRangeFilter": DATE_TIME,
    "IsoDateTimeFromToRangeFilter": DATE_TIME,
    "TimeRangeFilter": TIME,
    "AllValuesFilter": STRING,
    "AllValuesMultipleFilter": STRING,
}.items():
    FILTERS.add(_PACKAGE + _name)(_constant(_scalar))

for _name, _scalar in {
    "BooleanField": BOOLEAN,
    "NullBooleanField": BOOLEAN,
    "DateField": DATE,
    "DateTimeField": DATE_TIME,
    "DecimalField": DECIMAL,
    "DurationField": DURATION,
    "FloatField": FLOAT,
    "IntegerField": INT,
    "TimeField": TIME,
    "UUIDField": UUID,
    "Field": STRING,
}.items():
    _FORMS.add("django.forms.fields." + _name)(_scalar)


@FILTERS.add(_PACKAGE + "Filter", _PACKAGE + "LookupChoiceFilter")
def _by_form(named: NamedFilter, _context: FilterContext) -> Item:
    return _FORMS.find(named.filter.field_class) or STRING


@FILTERS.add(_PACKAGE + "NumberFilter", _PACKAGE + "RangeFilter", _PACKAGE + "NumericRangeFilter")
def _number(named: NamedFilter, context: FilterContext) -> Item:
    if any(step in _TRANSFORMS for step in named.lookups):
        return INT
    column = named.column(context)
    if column is None or named.filter.method:
        return FLOAT
    if columns.is_key(column) and context.options.pk == "id":
        return ID
    given = columns.given(column)
    return given if given in _NUMBERS else FLOAT


@FILTERS.add(_PACKAGE + "UUIDFilter")
def _uuid(named: NamedFilter, context: FilterContext) -> Item:
    column = named.column(context)
    return ID if columns.is_key(column) and context.options.pk == "id" else UUID


@FILTERS.add(_PACKAGE + "ModelChoiceFilter", _PACKAGE + "ModelMultipleChoiceFilter")
def _related(named: NamedFilter, context: FilterContext) -> Item:
    to_field = named.filter.extra.get("to_field_name")
    queryset = named.filter.queryset
    # A queryset that depends on the request is not asked for.
    model = None if callable(queryset) else getattr(queryset, "model", None)
    if to_field and model is not None:
        target, _ = query_path(model, to_field)
        if target is not None and not target.primary_key:
            return columns.given(target)
    return columns.key_type(model, context.options)


@FILTERS.add(
    _PACKAGE + "ChoiceFilter", _PACKAGE + "TypedChoiceFilter", _PACKAGE + "MultipleChoiceFilter"
)
def _choices(named: NamedFilter, context: FilterContext) -> Item:
    given = named.filter.extra.get("choices")
    column = named.column(context)
    if given is None or callable(given):
        return _FORMS.find(named.filter.field_class) or STRING
    choices = enums.flatten(given)
    names: tuple[str, ...] = (f"{context.base}Filter{naming.pascal(named.name)}",)
    no_value = named.filter.extra.get("null_label")
    if no_value is None and enums.are_choices_of(column, choices):
        names = enums.wished_names(column, context.options)
    null = None if no_value is None else (getattr(named.filter, "null_value", "null"), "NULL")
    return context.enums.shape(choices, names, null=null)
