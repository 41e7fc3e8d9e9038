"""Python type hints to GraphQL types: what a method field or a property says that it returns
(SCHEMA 5).
"""

import datetime
import decimal
import enum
import ipaddress
import typing
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer

from gql_live.schema_builder import naming
from gql_live.schema_builder.descriptions import docstring
from gql_live.schema_builder.diagnostics import Place
from gql_live.schema_builder.enums import Enums
from gql_live.schema_builder.json_schema import JsonSchemas
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.path_table import path_of
from gql_live.schema_builder.shapes import (
    BIG_INT,
    BOOLEAN,
    DATE,
    DATE_TIME,
    FLOAT,
    INT,
    JSON,
    STRING,
    TIME,
    UUID,
    FieldShape,
    ListOf,
    ObjectShape,
    Scalar,
    TypeRef,
)
from gql_live.schema_builder.sources import NO_HINT, optional
from gql_live.schema_builder.spectacular import Declared, open_api_scalar

# What DRF's JSON encoder makes of a value that no serializer field has written: a Decimal becomes
# a float, a timedelta its seconds as text.
_SCALARS: Mapping[type, Scalar] = {
    bool: BOOLEAN,
    bytes: STRING,
    datetime.date: DATE,
    datetime.datetime: DATE_TIME,
    datetime.time: TIME,
    datetime.timedelta: STRING,
    decimal.Decimal: FLOAT,
    float: FLOAT,
    int: INT,
    ipaddress.IPv4Address: STRING,
    ipaddress.IPv6Address: STRING,
    str: STRING,
    uuid.UUID: UUID,
}


class Hints:
    """Reads hints.

    ``serializer_type`` and ``field_type`` give the type of a serializer or a serializer field that
    stands as a hint, as a class or an instance.
    """

    def __init__(
        self,
        options: Options,
        enums: Enums,
        serializer_type: Callable[[Any, Place], TypeRef],
        field_type: Callable[[Any, Place], TypeRef],
    ) -> None:
        self._options = options
        self._enums = enums
        self._serializer_type = serializer_type
        self._field_type = field_type
        self._schemas = JsonSchemas(enums)
        self._typed_dicts: dict[type, ObjectShape] = {}

    @property
    def shapes(self) -> Iterable[ObjectShape]:
        """The object types that came from hints."""
        return self._typed_dicts.values()

    def type_of(self, hint: Any, place: Place, names: tuple[str, ...]) -> TypeRef | None:
        """Return the type that ``hint`` promises, or None where it promises none.

        ``names``: the names to wish for an enum that is written in place (``Literal``).
        """
        if hint is NO_HINT or isinstance(hint, (str, typing.ForwardRef, typing.TypeVar)):
            return None
        if isinstance(hint, Declared):
            return self._declared(hint.payload, place, names)
        hint = _plain(hint)
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if isinstance(hint, type) and origin is None:
            return self._class(hint, place)
        if origin is typing.Literal:
            choices = {each: str(each) for each in arguments if each is not None}
            return self._enums.shape(choices, names)
        if _is_list(origin):
            return self._list(origin, arguments, place, names)
        # A union of several types, a mapping, Any: everything goes.
        return JSON

    def _list(
        self, origin: type, arguments: tuple[Any, ...], place: Place, names: tuple[str, ...]
    ) -> TypeRef:
        items = [each for each in arguments if each is not Ellipsis]
        if issubclass(origin, tuple) and len(set(items)) > 1:
            return ListOf(JSON)
        item = self.type_of(items[0], place, names) if items else None
        return ListOf(item or JSON)

    def _class(self, hint: type, place: Place) -> TypeRef | None:
        if issubclass(hint, enum.Enum):
            return self._enum(hint)
        if typing.is_typeddict(hint):
            return self._typed_dict(hint, place)
        if issubclass(hint, Field):
            return self._declared(hint, place, ())
        if _is_list(hint) and hint not in _SCALARS:
            return ListOf(JSON)
        if hint in (object, Any) or issubclass(hint, Mapping):
            return JSON
        # A str or int of a project's own is still written as one.
        scalar = next((_SCALARS[base] for base in hint.__mro__ if base in _SCALARS), None)
        big = scalar is INT and self._options.plain_integers == "bigint"
        return BIG_INT if big else scalar

    def _declared(self, payload: Any, place: Place, names: tuple[str, ...]) -> TypeRef | None:
        """Return the type of what an annotation was given instead of a hint."""
        scalar = open_api_scalar(payload)
        if scalar is not None:
            return scalar
        if isinstance(payload, Mapping):
            return self._schemas.type_of(payload, names)
        kind = payload if isinstance(payload, type) else type(payload)
        if issubclass(kind, BaseSerializer):
            return self._serializer_type(payload, place)
        if issubclass(kind, Field):
            return self._field_type(payload, place)
        return JSON if payload is None else self.type_of(payload, place, names)

    def _enum(self, hint: type[enum.Enum]) -> TypeRef:
        choices = {member: member.name for member in hint}
        explicit = self._options.names.get(path_of(hint))
        name = naming.pascal(hint.__qualname__)
        names = (explicit,) if explicit else (name, naming.pascal(hint.__module__) + name)
        return self._enums.shape(choices, names)

    def _typed_dict(self, hint: type, place: Place) -> ObjectShape:
        shape = self._typed_dicts.get(hint)
        if shape is None:
            name = naming.pascal(hint.__qualname__)
            names = (name, naming.pascal(hint.__module__) + name)
            shape = ObjectShape(names, description=docstring(hint))
            self._typed_dicts[hint] = shape
            for key, value in typing.get_type_hints(hint, include_extras=True).items():
                item = self.type_of(value, place / key, (name + naming.pascal(key),))
                shape.fields.append(FieldShape(key, item or JSON, trusted=False))
        return shape


def _is_list(origin: Any) -> bool:
    """Whether a class is written as a JSON list: a collection, neither text nor mapping."""
    return (
        isinstance(origin, type)
        and issubclass(origin, Iterable)
        and not issubclass(origin, (str, bytes, Mapping))
    )


def _plain(hint: Any) -> Any:
    """Take off what does not change the type: ``Annotated``, aliases, ``Required``, ``NewType``,
    ``Optional``.
    """
    while True:
        inner = optional(hint)
        origin = typing.get_origin(inner)
        if origin in (typing.Annotated, typing.Required, typing.NotRequired, typing.Final):
            inner = typing.get_args(inner)[0]
        elif hasattr(inner, "__supertype__"):
            inner = inner.__supertype__
        elif type(inner).__name__ == "TypeAliasType":
            inner = inner.__value__
        if inner is hint:
            return hint
        hint = inner
