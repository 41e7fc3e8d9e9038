"""Model columns as GraphQL types: for values taken raw from an attribute, and for input."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import models

from gql_live.schema_builder.options import Options
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
    Scalar,
)

if TYPE_CHECKING:
    ModelField: TypeAlias = models.Field[Any, Any]
else:
    ModelField = models.Field  # generic only for a type checker

_BIG = ("BigAutoField", "BigIntegerField", "PositiveBigIntegerField")
_SMALL = (
    "AutoField",
    "IntegerField",
    "PositiveIntegerField",
    "PositiveSmallIntegerField",
    "SmallAutoField",
    "SmallIntegerField",
)
_TEXT = (
    "CharField",
    "FilePathField",
    "GenericIPAddressField",
    "IPAddressField",
    "SlugField",
    "TextField",
)
_BY_INTERNAL_TYPE: Mapping[str, Scalar] = {
    **dict.fromkeys(_BIG, BIG_INT),
    **dict.fromkeys(_SMALL, INT),
    **dict.fromkeys(_TEXT, STRING),
    "BooleanField": BOOLEAN,
    "DateField": DATE,
    "DateTimeField": DATE_TIME,
    "FloatField": FLOAT,
    "TimeField": TIME,
    "UUIDField": UUID,
}
# A raw Decimal, timedelta or bytes leaves DRF's JSON encoder as a float, as text, as text.
_RAW = {"BinaryField": STRING, "DecimalField": FLOAT, "DurationField": STRING}
_INPUT = {"DecimalField": DECIMAL, "DurationField": DURATION}


def _target(field: Any) -> Any:
    """Return the column that holds the value: a foreign key's is the key that it points at."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if field.get_internal_type() == "GeneratedField":
        return _target(field.output_field)
    return field


def raw(field: ModelField) -> Scalar:
    """Return the type of a column's value as it stands on the instance."""
    name = _target(field).get_internal_type()
    return _RAW.get(name) or _BY_INTERNAL_TYPE.get(name, JSON)


def given(field: ModelField) -> Scalar:
    """Return the type of a value to compare the column with; ``JSON`` where that is unknown."""
    name = _target(field).get_internal_type()
    return _INPUT.get(name) or _BY_INTERNAL_TYPE.get(name, JSON)


def is_big(field: ModelField) -> bool:
    """Whether the column holds integers beyond GraphQL's 32 bits."""
    return raw(field) is BIG_INT


def is_key(field: ModelField | None) -> bool:
    """Whether the column holds a primary key or a reference to a row."""
    if field is None or type(field).__name__ == "CompositePrimaryKey":
        # A key of several columns (Django 5.2) is a list.
        return False
    return field.primary_key or isinstance(field, models.ForeignKey)


def key_type(model: type[models.Model] | None, options: Options) -> Scalar:
    """Return the type of a model's primary key (``ID``, or the key's own type on wish)."""
    if options.pk == "id" or model is None:
        return ID
    native = raw(model._meta.pk)  # Django's documented Model _meta API
    return ID if native is JSON else native
