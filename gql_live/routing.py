"""Routing columns: those that a change tells the values of, so that conditions can be decided
without a query.

Small values whose equality in Python is the database's: keys, numbers, truth values, choices, and
the text that names the row of a generic foreign key. A column of free text is none.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    UUIDField,
)

from gql_live.changes import Value, key_of

_CUSTOMISED: Final = ("from_db_value", "get_prep_value", "get_db_prep_value", "to_python")


class UnroutableError(ValueError):
    """A value that no routing column can be known to hold: an expression, or another type."""


@cache
def routing_columns(model: type[Model]) -> Mapping[str, "Field[Any, Any]"]:
    """The routing columns of a model's own table, by ``attname``, the primary key left out."""
    return MappingProxyType(
        {
            field.attname: field
            for field in model._meta.local_concrete_fields
            if not field.primary_key and _routes(field)
        }
    )


def routing_value(field: "Field[Any, Any]", value: object) -> Value:
    """What ``field`` holds, as it travels and as conditions compare it.

    Raises ``UnroutableError`` for what is no plain value of the column's type: what the database
    makes of that, nobody can say.
    """
    if value is None:
        return None
    stored = _stored(field)
    if isinstance(stored, BooleanField) and isinstance(value, bool):
        return value
    if isinstance(stored, IntegerField) and isinstance(value, int) and not isinstance(value, bool):
        return key_of(value)
    if isinstance(stored, UUIDField) and isinstance(value, UUID):
        return key_of(value)
    if isinstance(stored, CharField) and isinstance(value, str):
        return str(value)
    raise UnroutableError(f"{value!r} in {field}")


def _routes(field: "Field[Any, Any]") -> bool:
    stored = _stored(field)
    if not _is_stock(stored):
        return False
    if isinstance(stored, CharField):
        # A collation of its own may take different texts for equal ones.
        short = bool(field.choices) or stored is not field or _names_any_row(field)
        return short and not stored.db_collation
    return isinstance(stored, (BooleanField, IntegerField, UUIDField))


def _names_any_row(field: "Field[Any, Any]") -> bool:
    """Whether a generic foreign key refers by this column."""
    private = field.model._meta.private_fields
    return any(getattr(each, "fk_field", None) == field.name for each in private)


def _stored(field: "Field[Any, Any]") -> "Field[Any, Any]":
    """The field whose values a column holds: of a reference, what it refers to."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field


def _is_stock(field: "Field[Any, Any]") -> bool:
    """Whether Django alone decides how the column's values are written, read and compared."""
    stock = next(each for each in type(field).__mro__ if each.__module__.startswith("django."))
    return all(
        getattr(type(field), name, None) is getattr(stock, name, None) for name in _CUSTOMISED
    )
