"""Values that may not be what their type says: they are looked at before GraphQL sees them.

GraphQL makes an error of a value that does not fit. A row is legal in REST whatever stands in it,
so here it becomes null, and the log says so.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLString,
)

from gql_live.schema_builder.shapes import EnumShape, ListOf, Scalar, TypeRef

Fit = Callable[[Any], Any]
# Custom scalars take whatever the REST renderer takes.
_BUILT_IN = {
    scalar.name: scalar
    for scalar in (GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString)
}


class UnfitError(ValueError):
    """A value is not of its type."""


def fitting(type_ref: TypeRef, *, trusted: bool) -> Fit | None:
    """Return what gives back a fitting value and raises UnfitError for another; None: all fit.

    In a list it is the item that becomes null. An enum is never trusted.
    """
    if isinstance(type_ref, EnumShape):
        return _in_enum(type_ref)
    if isinstance(type_ref, ListOf):
        return _list_of(fitting(type_ref.item, trusted=trusted), trusted=trusted)
    if trusted:
        return None
    if isinstance(type_ref, Scalar):
        scalar = _BUILT_IN.get(type_ref.name)
        return None if scalar is None else _of_scalar(scalar.serialize)
    return _dict


def _in_enum(shape: EnumShape) -> Fit:
    known = {member.value for member in shape.members}

    def fit(value: Any) -> Any:
        try:
            if value in known:
                return value
        except TypeError:  # unhashable, so no key of a choice
            pass
        if value == "":
            # A blank choice is no news.
            return None
        raise UnfitError(f"{value!r} is none of the choices")

    return fit


def _of_scalar(serialize: Callable[[Any], Any]) -> Fit:
    def fit(value: Any) -> Any:
        try:
            serialize(value)
        except (GraphQLError, TypeError, ValueError) as error:
            raise UnfitError(str(error)) from error
        return value

    return fit


def _list_of(item: Fit | None, *, trusted: bool) -> Fit | None:
    if item is None and trusted:
        return None

    def fit(values: Any) -> Any:
        if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
            raise UnfitError(f"{values!r} is no list")
        return list(values) if item is None else [_or_null(item, value) for value in values]

    return fit


def _or_null(fit: Fit, value: Any) -> Any:
    try:
        return None if value is None else fit(value)
    except UnfitError:
        return None


def _dict(value: Any) -> Any:
    if not isinstance(value, dict):
        raise UnfitError(f"{value!r} is no object")
    return value
