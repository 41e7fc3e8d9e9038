"""What one value of a filter is: a row for each of django-filter's classes (SCHEMA 10).

Rows are keyed by import path: where django-filter is not installed nothing of it is imported.
"""

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from gql_live.schema_builder import columns, enums, naming
from gql_live.schema_builder.diagnostics import Diagnostics, Place
from gql_live.schema_builder.hints import Hints
from gql_live.schema_builder.json_schema import JsonSchemas
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
    JSON,
    STRING,
    TIME,
    UUID,
    EnumShape,
    InputShape,
    ListOf,
    Scalar,
)
from gql_live.schema_builder.sources import query_path
from gql_live.schema_builder.spectacular import declared

Item = Scalar | EnumShape
PACKAGE = "django_filters.filters."
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
    hints: Hints
    schemas: JsonSchemas
    inputs: dict[tuple[str, Item], InputShape]


@dataclass(frozen=True)
class NamedFilter:
    """A filter under the name that its filter set has for it."""

    name: str
    filter: Any
    filterset: Any

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
_FORMS: PathTable[Scalar] = PathTable()


def item_type(named: NamedFilter, context: FilterContext) -> Item:
    """Return the type of one value of a filter."""
    if named.lookups[-1] == "isnull":
        return BOOLEAN
    told = _told(named, context)
    if told is not None:
        return told
    row = FILTERS.find(type(named.filter))
    return STRING if row is None else row(named, context)


def _told(named: NamedFilter, context: FilterContext) -> Item | None:
    """Return what an annotation of the filter, or the method that it calls, says that it takes."""
    method = named.filter.method
    function = getattr(named.filterset, method, None) if isinstance(method, str) else method
    hint: Any = declared(named.filter) or (function and declared(function))
    if hint is None and function is not None:
        hint = _value_hint(function)
    names = (f"{context.base}Filter{naming.pascal(named.name)}",)
    known = None if hint is None else context.hints.type_of(hint, context.place, names)
    while isinstance(known, ListOf):
        known = known.item
    return known if isinstance(known, (Scalar, EnumShape)) and known != JSON else None


def _value_hint(function: Any) -> Any:
    """Return the hint of the last parameter of ``method(queryset, name, value)``."""
    try:
        hints = typing.get_type_hints(function)
        *_, last = inspect.signature(function).parameters
    except (NameError, TypeError, ValueError):
        return None
    return hints.get(last)


def _constant(scalar: Scalar) -> Convert:
    return lambda _named, _context: scalar


for _name, _scalar in {
    "BooleanFilter": BOOLEAN,
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
    FILTERS.add(PACKAGE + _name)(_constant(_scalar))

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


@FILTERS.add(PACKAGE + "Filter", PACKAGE + "LookupChoiceFilter")
def _by_form(named: NamedFilter, _context: FilterContext) -> Item:
    return _FORMS.find(named.filter.field_class) or STRING


@FILTERS.add(PACKAGE + "CharFilter")
def _text(named: NamedFilter, context: FilterContext) -> Item:
    return _one_of_choices(named, context) or STRING


def _one_of_choices(named: NamedFilter, context: FilterContext) -> EnumShape | None:
    """Return the enum of a column whose choices are asked for by ``in``: django-filter makes a
    choice filter for ``exact`` only.
    """
    column = named.column(context)
    if column is None or named.lookups != ("in",) or enums.is_made_later(column.choices):
        return None
    choices = enums.flatten(column.choices or ())
    found = context.enums.shape(choices, enums.wished_names(column, context.options))
    return found if isinstance(found, EnumShape) else None


@FILTERS.add(PACKAGE + "NumberFilter", PACKAGE + "RangeFilter", PACKAGE + "NumericRangeFilter")
def _number(named: NamedFilter, context: FilterContext) -> Item:
    if any(step in _TRANSFORMS for step in named.lookups):
        return INT
    chosen = _one_of_choices(named, context)
    if chosen is not None:
        return chosen
    column = named.column(context)
    if column is None or named.filter.method:
        return FLOAT
    if columns.is_key(column) and context.options.pk == "id":
        return ID
    given = columns.given(column)
    return given if given in _NUMBERS else FLOAT


@FILTERS.add(PACKAGE + "UUIDFilter")
def _uuid(named: NamedFilter, context: FilterContext) -> Item:
    column = named.column(context)
    return ID if columns.is_key(column) and context.options.pk == "id" else UUID


@FILTERS.add(PACKAGE + "ModelChoiceFilter", PACKAGE + "ModelMultipleChoiceFilter")
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
    PACKAGE + "ChoiceFilter", PACKAGE + "TypedChoiceFilter", PACKAGE + "MultipleChoiceFilter"
)
def _choices(named: NamedFilter, context: FilterContext) -> Item:
    given = named.filter.extra.get("choices")
    column = named.column(context)
    if given is None or callable(given) or enums.is_made_later(given):
        return _FORMS.find(named.filter.field_class) or STRING
    choices = enums.flatten(given)
    names: tuple[str, ...] = (f"{context.base}Filter{naming.pascal(named.name)}",)
    no_value = named.filter.extra.get("null_label")
    if no_value is None and enums.are_choices_of(column, choices):
        names = enums.wished_names(column, context.options)
    null = None if no_value is None else (getattr(named.filter, "null_value", "null"), "NULL")
    return context.enums.shape(choices, names, null=null)
