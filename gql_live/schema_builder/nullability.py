"""Output nullability: a field is non-null only where that is proven (SCHEMA 3).

``allow_null`` is an input property: the serializer writes null whenever the attribute is None. A
null in a non-null position destroys the whole object, so what is not proven is nullable.
"""

from typing import Any

from django.db import models
from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer

from gql_live.schema_builder.columns import ModelField
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.overriding import overrides
from gql_live.schema_builder.sources import Source

_SHAPING = (
    "__init__",
    "_readable_fields",
    "data",
    "fields",
    "get_field_names",
    "get_fields",
    "to_representation",
)


def is_static(serializer: type) -> bool:
    """Whether every instance of a serializer class has the same fields, all of them always
    written.
    """
    return not overrides(serializer, *_SHAPING)


def said(field: "Field[Any, Any, Any, Any]", parent: "BaseSerializer[Any]") -> bool | None:
    """Return whether the serializer's ``Meta`` says that a field is non-null, or None.

    ``gql_nonnull`` and ``gql_nullable`` are lists of field names.
    """
    meta = getattr(parent, "Meta", None)
    if field.field_name in getattr(meta, "gql_nullable", ()):
        return False
    return True if field.field_name in getattr(meta, "gql_nonnull", ()) else None


def proves(
    field: "Field[Any, Any, Any, Any]",
    parent: "BaseSerializer[Any]",
    source: Source,
    options: Options,
) -> bool:
    """Whether the value that ``field`` gives can be neither null nor left out."""
    meta = getattr(parent, "Meta", None)
    if field.allow_null or not is_static(type(parent)) or overrides(type(field), "get_attribute"):
        return False
    if getattr(meta, "model", None) is None:
        return options.plain_serializers == "declared" and (field.required or field.read_only)
    return source.proven and not _may_be_empty(source.field)


def _may_be_empty(field: ModelField | None) -> bool:
    """Whether a column that is not null can still be written as null."""
    if field is None:
        return False
    if isinstance(field, models.FileField):
        return bool(field.blank)
    # What the database computes may be null whatever it is computed from.
    return isinstance(field, models.JSONField) or getattr(field, "generated", False)
