"""Choices become enums; what cannot be an enum safely keeps the type of its keys."""

import enum
import sys
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeGuard

from django.db import models

from gql_live.schema_builder import naming
from gql_live.schema_builder.columns import ModelField
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.path_table import path_of
from gql_live.schema_builder.shapes import (
    BIG_INT,
    BOOLEAN,
    FLOAT,
    INT,
    JSON,
    STRING,
    EnumMember,
    EnumShape,
    Scalar,
)

Pair = tuple[Any, str]
_INT_32 = range(-(2**31), 2**31)
_KEY_TYPES: Mapping[type, Scalar] = {str: STRING, bool: BOOLEAN, int: INT, float: FLOAT}


class Enums:
    """All enums of one schema: equal choices under one wished name are one enum."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._shapes: dict[Hashable, EnumShape] = {}

    def shape(
        self,
        choices: Mapping[Any, Any],
        names: tuple[str, ...],
        *,
        null: tuple[str, str] | None = None,
        fixed: bool = True,
    ) -> EnumShape | Scalar:
        """Return the enum of ``choices`` (key to label), or the scalar that its keys have.

        ``names``: the wished names, first choice first. ``null``: the key and name of a further
        member that asks for rows without a value (filters). ``fixed``: these choices, and no
        others later.
        """
        pairs = _pairs(choices)
        scalar = self._degraded(pairs, fixed=fixed)
        if scalar is not None:
            return scalar
        if self._options.blank_enum == "member" and any(key == "" for key in choices):
            pairs.append(("", ""))
        members = _members(pairs)
        if null is not None:
            members = (*members, EnumMember(null[1], null[0], "No value."))
        key = (names, members)
        if key not in self._shapes:
            self._shapes[key] = EnumShape(names, members)
        return self._shapes[key]

    def _degraded(self, pairs: list[Pair], *, fixed: bool) -> Scalar | None:
        """Return the type of the keys where they should or cannot be an enum, else None."""
        types = {type(key) for key, _ in pairs}
        if not types:
            return STRING
        if len(types) > 1:
            return JSON
        key_type = types.pop()
        enumerable = key_type is str or (
            key_type is int and self._options.integer_choices == "enum"
        )
        if enumerable and fixed and len(pairs) <= self._options.max_enum_values:
            return None
        wide = key_type is int and any(key not in _INT_32 for key, _ in pairs)
        return BIG_INT if wide else _KEY_TYPES.get(key_type, JSON)


def _pairs(choices: Mapping[Any, Any]) -> list[Pair]:
    found: dict[Any, str] = {}
    for key, label in choices.items():
        value = key.value if isinstance(key, enum.Enum) else key
        if value is not None and value != "":
            found.setdefault(value, str(label))
    return list(found.items())


def _members(pairs: Iterable[Pair]) -> tuple[EnumMember, ...]:
    pairs = list(pairs)
    names = naming.distinct(
        "BLANK" if value == "" else naming.enum_member(value) for value, _ in pairs
    )
    return tuple(
        EnumMember(name, value, label if label != value else "")
        for name, (value, label) in zip(names, pairs, strict=True)
    )


def is_made_later(choices: Any) -> bool:
    """Whether choices are a callable's, which may give others tomorrow."""
    # Django 5.0 wraps the callable of a model field.
    return type(choices).__name__ == "CallableChoiceIterator"


def flatten(choices: Iterable[Any]) -> dict[Any, Any]:
    """Return the pairs of a choices list, groups opened, as a mapping."""
    flat: dict[Any, Any] = {}
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            flat.update(label)
        else:
            flat[key] = label
    return flat


def are_choices_of(field: ModelField | None, choices: Iterable[Any]) -> TypeGuard[ModelField]:
    """Whether ``choices`` are the keys that a model field has, in its order."""
    if field is None or not field.choices:
        return False
    return [*flatten(field.choices)] == [*choices]


def wished_names(field: ModelField, options: Options) -> tuple[str, ...]:
    """Return the names that fit the choices of a model field, whatever else is in the schema.

    The ``Choices`` class, where one with these choices stands in the model or its module
    (``Task.Priority`` gives ``TaskPriority``), else model and field.
    """
    model: Any = field.model
    label = naming.pascal(model._meta.app_label)  # Django's documented Model _meta API
    own = model.__name__ + naming.pascal(field.name)
    found = _choices_class(model, list(field.choices or ()))
    if found is None:
        return own, label + own
    explicit = options.names.get(path_of(found))
    if explicit is not None:
        return (explicit,)
    name = naming.pascal(found.__qualname__)
    return name, label + name


def _choices_class(model: type[models.Model], choices: list[Any]) -> type | None:
    module = sys.modules.get(model.__module__)
    for owner in (model, module):
        for member in vars(owner).values() if owner is not None else ():
            if (
                isinstance(member, type)
                and issubclass(member, models.Choices)
                and list(member.choices) == choices
            ):
                return member
    return None
