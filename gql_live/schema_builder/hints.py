"""Python type hints to GraphQL types: what a method field or a property says that it returns (SCHEMA 5)."""

import collections
import datetime
import decimal
import enum
import ipaddress
import types
import typing
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from rest_framework.serializers import BaseSerializer

from gql_live.schema_builder import naming
from gql_live.schema_builder.diagnostics import Place
from gql_live.schema_builder.enums import Enums
from gql_live.schema_builder.options import Options
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

# What DRF's JSON encoder makes of a value that no serializer field has written: a Decimal becomes a float,
# a timedelta its seconds as text.
_SCALARS: Mapping[type, Scalar] = {
    bool: BOOLEAN,
    bytes: STRING,
    datetime.date: DATE,
    datetime.datetime: DATE_TIME,
    datetime.time: TIME,
    datetime.timedelta: STRING,
    decimal.Decimal: FLOAT,
    float: FLOAT,
    ipaddress.IPv4Address: STRING,
    ipaddress.IPv6Address: STRING,
    str: STRING,
    uuid.UUID: UUID,
}
_ANYTHING = (Any, object, dict, collections.OrderedDict, Mapping, collections.abc.MutableMapping)


class Hints:
    """Reads hints; ``serializer_type`` gives the type of a serializer named as a hint."""

    def __init__(
        self,
        options: Options,
        enums: Enums,
        serializer_type: Callable[[Any, Place], TypeRef],
    ) -> None:
        self._options = options
        self._enums = enums
        self._serializer_type = serializer_type
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
        hint = _plain(hint)
        if isinstance(hint, type) and not isinstance(hint, types.GenericAlias):
            return self._class(hint, place)
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Literal:
            choices = {each: str(each) for each in arguments if each is not None}
            return self._enums.shape(choices, names)
        if origin in (typing.Union, types.UnionType):
            return JSON
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return JSON
        if isinstance(origin, type) and issubclass(origin, Iterable):
            return self._list(origin, arguments, place, names)
        return JSON if hint in (Any, object) else None

    def _list(
        self, origin: type, arguments: tuple[Any, ...], place: Place, names: tuple[str, ...]
    ) -> TypeRef:
        items = [each for each in arguments if each is not Ellipsis]
        if issubclass(origin, tuple) and len(set(items)) > 1:
            return ListOf(JSON)
        item = self.type_of(items[0], place, names) if items else None
        return ListOf(item or JSON)

    def _class(self, hint: type, place: Place) -> TypeRef | None:
        if hint is int:
            return BIG_INT if self._options.plain_integers == "bigint" else INT
        if issubclass(hint, enum.Enum):
            choices = {member: member.name for member in hint}
            path = f"{hint.__module__}.{hint.__qualname__}"
            name = self._options.names.get(path, naming.pascal(hint.__qualname__))
            return self._enums.shape(choices, (name, naming.pascal(hint.__module__) + name))
        if hint in _SCALARS:
            return _SCALARS[hint]
        if typing.is_typeddict(hint):
            return self._typed_dict(hint, place)
        if issubclass(hint, BaseSerializer):
            return self._serializer_type(hint, place)
        if issubclass(hint, (list, set, frozenset, tuple)) or hint in (Collection, Iterable):
            return ListOf(JSON)
        if hint in _ANYTHING or issubclass(hint, Mapping):
            return JSON
        # A str or int of a project's own is still written as one.
        return next((_SCALARS[base] for base in hint.__mro__ if base in _SCALARS), None)

    def _typed_dict(self, hint: type, place: Place) -> ObjectShape:
        shape = self._typed_dicts.get(hint)
        if shape is None:
            name = naming.pascal(hint.__qualname__)
            shape = ObjectShape((name, naming.pascal(hint.__module__) + name))
            self._typed_dicts[hint] = shape
            for key, value in typing.get_type_hints(hint, include_extras=True).items():
                item = self.type_of(value, place / key, (name + naming.pascal(key),))
                shape.fields.append(FieldShape(key, item or JSON))
        return shape


def _plain(hint: Any) -> Any:
    """Take off what does not change the type: ``Annotated``, aliases, ``Required``, ``NewType``, ``Optional``."""
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
