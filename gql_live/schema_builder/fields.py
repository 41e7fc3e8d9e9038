"""Serializer fields to GraphQL types: one row per field class (SCHEMA 1)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from rest_framework import serializers
from rest_framework.settings import api_settings

from gql_live.schema_builder import columns, enums, spectacular, spectacular_extensions
from gql_live.schema_builder.columns import ModelField
from gql_live.schema_builder.diagnostics import UNKNOWN_TYPE, Diagnostics, Place
from gql_live.schema_builder.hints import Hints
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
    ListOf,
    Scalar,
    TypeRef,
)
from gql_live.schema_builder.sources import NO_HINT, UNKNOWN, Source, follow, return_hint

_INT_32 = range(-(2**31), 2**31)


@dataclass(frozen=True)
class Output:
    """What a field gives: its type, and whether non-null may be proven from the models at all.

    ``fits``: whether each of its values is one that GraphQL's type can hold.
    """

    type: TypeRef
    provable: bool = True
    fits: bool = True


class SerializerTypes(Protocol):
    """What knows the object types."""

    def of(self, serializer: Any, place: Place) -> Output:
        """Return what a nested serializer gives."""


@dataclass(frozen=True)
class FieldContext:
    """Where a field stands, and what the builder knows.

    ``annotation``: the output field of the queryset annotation that the source names, if it does.
    ``wished_names``: for an enum or object of the field's own.
    """

    place: Place
    source: Source
    annotation: ModelField | None
    wished_names: tuple[str, ...]
    types: SerializerTypes
    enums: enums.Enums
    hints: Hints
    options: Options
    diagnostics: Diagnostics

    def of_hint(self, hint: Any) -> Output:
        """Return what a Python type says: a ``TypedDict`` is an object type. Values are checked."""
        known = self.hints.type_of(hint, self.place, self.wished_names)
        return Output(known or JSON, provable=False)

    def unknown(self, message: str, remedy: str) -> Output:
        """Report that a type had to be guessed, and guess ``JSON``: it takes every value."""
        self.diagnostics.add(UNKNOWN_TYPE, self.place, f"{message}, JSON is assumed", remedy)
        return Output(JSON, provable=False)


Convert = Callable[[Any, FieldContext], Output]
FIELDS: PathTable[Convert] = PathTable()
_FIELDS = "rest_framework.fields."
_RELATIONS = "rest_framework.relations."


def convert(field: Any, context: FieldContext) -> Output:
    """Return what ``field`` gives; a class that writes its value itself keeps no promise of its
    base's.
    """
    told = spectacular.declared(field)
    if told is not None and not isinstance(field, serializers.BaseSerializer):
        return context.of_hint(told)
    row = _row(field)
    if row is not None:
        return row(field, context)
    if isinstance(field, serializers.BaseSerializer):
        return context.types.of(field, context.place)
    hint = return_hint(type(field).to_representation)
    known = context.hints.type_of(hint, context.place, context.wished_names)
    if known is not None:
        return Output(known, provable=False)
    return context.unknown(
        f"{type(field).__name__} writes its own value",
        f"annotate the return type of {type(field).__name__}.to_representation()",
    )


def _row(field: Any) -> Convert | None:
    """Return the row of a field: of the project's or package's class before what it inherits."""
    owner = type(field)
    own = FIELDS.find(owner, unless_overridden="to_representation", outside="rest_framework")
    told = None
    if own is None and not owner.__module__.startswith("rest_framework."):
        told = spectacular_extensions.of_field(field)
    if told is None:
        return own or FIELDS.find(owner, unless_overridden="to_representation")
    return lambda _field, context: context.of_hint(told)


def is_hidden(field: Any) -> bool:
    """Whether a field was annotated to be left out of the schema."""
    told = spectacular.declared(field)
    if told is None and isinstance(field, serializers.SerializerMethodField):
        told = spectacular.declared(getattr(type(field.parent), str(field.method_name), None))
    return told is not None and told.payload is None


def _constant(scalar: Scalar) -> Convert:
    return lambda _field, _context: Output(scalar)


def _key(scalar: Scalar, context: FieldContext) -> Output:
    """Primary keys and foreign keys are keys, whatever type they are stored as."""
    is_key = context.source.kind == "column" and columns.is_key(context.source.field)
    return Output(ID if is_key and context.options.pk == "id" else scalar)


FIELDS.add(_FIELDS + "BooleanField", _FIELDS + "NullBooleanField")(_constant(BOOLEAN))
FIELDS.add(_FIELDS + "FloatField")(_constant(FLOAT))
FIELDS.add(
    _FIELDS + "FilePathField",
    _FIELDS + "FileField",
    _FIELDS + "IPAddressField",
    _RELATIONS + "StringRelatedField",
    _RELATIONS + "HyperlinkedRelatedField",
)(_constant(STRING))
FIELDS.add(_FIELDS + "DictField", _FIELDS + "_UnvalidatedField")(_constant(JSON))


@FIELDS.add(_FIELDS + "CharField")
def _text(_field: Any, context: FieldContext) -> Output:
    return _key(STRING, context)


@FIELDS.add(_FIELDS + "UUIDField")
def _uuid(field: Any, context: FieldContext) -> Output:
    return _key(UUID if field.uuid_format == "hex_verbose" else STRING, context)


@FIELDS.add(_FIELDS + "IntegerField", _FIELDS + "BigIntegerField")
def _integer(field: Any, context: FieldContext) -> Output:
    # The width is the column's: before DRF 3.17 a 64-bit column has a plain IntegerField.
    column = context.source.field if context.source.kind == "column" else None
    big = type(field).__name__ == "BigIntegerField" or (
        column is not None and columns.is_big(column)
    )
    limits = [limit for limit in (field.min_value, field.max_value) if limit is not None]
    if column is None:
        big = big or any(limit not in _INT_32 for limit in limits)
        big = big or (not limits and context.options.plain_integers == "bigint")
    # Only a column keeps values to its width; limits are asked of input, if at all.
    fits = big or column is not None
    return replace(_key(BIG_INT if big else INT, context), fits=fits)


@FIELDS.add(_FIELDS + "DecimalField")
def decimal(field: Any, _context: FieldContext) -> Output:
    """Return what a decimal field gives: text, or a float where a project asks for numbers."""
    as_text = getattr(field, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING)
    if field.localize:
        return Output(STRING)
    return Output(DECIMAL if as_text else FLOAT)


def _moment(scalar: Scalar, default: str) -> Convert:
    def row(field: Any, _context: FieldContext) -> Output:
        written = getattr(field, "format", getattr(api_settings, default))
        standard = written is None or written.lower() == "iso-8601"
        return Output(scalar if standard else STRING)

    return row


FIELDS.add(_FIELDS + "DateField")(_moment(DATE, "DATE_FORMAT"))
FIELDS.add(_FIELDS + "DateTimeField")(_moment(DATE_TIME, "DATETIME_FORMAT"))
FIELDS.add(_FIELDS + "TimeField")(_moment(TIME, "TIME_FORMAT"))


@FIELDS.add(_FIELDS + "DurationField")
def _duration(field: Any, _context: FieldContext) -> Output:
    # The formats came with DRF 3.17; before, and by default, it is Django's own notation.
    written = getattr(field, "format", getattr(api_settings, "DURATION_FORMAT", "django"))
    return Output(DURATION if written is not None and written.lower() == "iso-8601" else STRING)


@FIELDS.add(_FIELDS + "ChoiceField")
def _choice(field: Any, context: FieldContext) -> Output:
    names = context.wished_names
    column = context.source.field if context.source.kind == "column" else None
    fixed = column is None or not enums.is_made_later(column.choices)
    if fixed and enums.are_choices_of(column, field.choices):
        names = enums.wished_names(column, context.options)
    shape = context.enums.shape(field.choices, names, fixed=fixed)
    # Nothing keeps the database from holding what is no choice: null is what an enum has for it.
    return Output(shape, provable=False)


@FIELDS.add(_FIELDS + "MultipleChoiceField")
def _choices(field: Any, context: FieldContext) -> Output:
    return Output(ListOf(_choice(field, context).type), provable=False)


@FIELDS.add(_FIELDS + "ListField")
def _list(field: Any, context: FieldContext) -> Output:
    column = context.source.field if context.source.kind == "column" else None
    item = getattr(column, "base_field", None)
    source = UNKNOWN if item is None else Source("column", field=item, proven=not item.null)
    child = convert(field.child, replace(context, source=source))
    return Output(
        ListOf(child.type, item_non_null=child.provable and source.proven), fits=child.fits
    )


@FIELDS.add(_FIELDS + "JSONField")
def _json(field: Any, _context: FieldContext) -> Output:
    return Output(STRING if field.binary else JSON)


@FIELDS.add(_FIELDS + "ModelField")
def _model_field(field: Any, _context: FieldContext) -> Output:
    scalar = columns.raw(field.model_field)
    ranged = type(field.model_field).__name__.endswith("RangeField")
    return Output(STRING if ranged else scalar)


@FIELDS.add(_FIELDS + "ReadOnlyField")
def _read_only(_field: Any, context: FieldContext) -> Output:
    return raw_value(context.source, context)


def raw_value(source: Source, context: FieldContext) -> Output:
    """Return the type of an attribute that is written as it stands."""
    if source.kind == "column" and source.field is not None:
        return _key(columns.raw(source.field), replace(context, source=source))
    known = context.hints.type_of(source.hint, context.place, context.wished_names)
    if known is None and context.annotation is not None:
        known = columns.raw(context.annotation)
    if known is not None:
        return Output(known, provable=False)
    return context.unknown(
        "the type of this attribute is not known",
        "annotate the return type of the property or method",
    )


@FIELDS.add(_FIELDS + "SerializerMethodField")
def _method(field: Any, context: FieldContext) -> Output:
    method = getattr(type(field.parent), field.method_name, None)
    hint = NO_HINT if method is None else return_hint(method)
    known = context.hints.type_of(hint, context.place, context.wished_names)
    if known is not None:
        return Output(known, provable=False)
    return context.unknown(
        f"{field.method_name}() does not say what it returns",
        f"annotate the return type of {type(field.parent).__name__}.{field.method_name}()",
    )


@FIELDS.add(_RELATIONS + "PrimaryKeyRelatedField")
def _primary_key(field: Any, context: FieldContext) -> Output:
    if field.pk_field is not None and context.options.pk == "native":
        return convert(field.pk_field, context)
    return Output(columns.key_type(_related_model(field, context), context.options))


@FIELDS.add(_RELATIONS + "SlugRelatedField")
def _slug(field: Any, context: FieldContext) -> Output:
    model = _related_model(field, context)
    target = follow(model, field.slug_field.split("__"))
    output = raw_value(target, replace(context, source=target))
    return replace(output, provable=output.provable and target.proven)


@FIELDS.add(_RELATIONS + "ManyRelatedField")
def _many(field: Any, context: FieldContext) -> Output:
    child = convert(field.child_relation, context)
    return Output(ListOf(child.type, item_non_null=child.provable and context.source.proven))


def _related_model(field: Any, context: FieldContext) -> Any:
    queryset = getattr(field, "queryset", None)
    if context.source.model is not None or queryset is None:
        return context.source.model
    return queryset.model
