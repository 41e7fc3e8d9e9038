"""Serializers that write rows of several types: an interface, and an object type for each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gql_live.schema_builder import naming
from gql_live.schema_builder.diagnostics import Place
from gql_live.schema_builder.fields import Output
from gql_live.schema_builder.shapes import (
    STRING,
    FieldShape,
    InterfaceShape,
    NamedShape,
    ObjectShape,
)
from gql_live.schema_builder.types import SERIALIZERS, ObjectTypes


@SERIALIZERS.add(
    "polymorphic.contrib.drf.serializers.PolymorphicSerializer",
    "rest_polymorphic.serializers.PolymorphicSerializer",
)
def _polymorphic(serializer: Any, place: Place, types: ObjectTypes) -> Output:
    by_value = {
        value: serializer.model_serializer_mapping[model]
        for value, model in serializer.resource_type_model_mapping.items()
    }
    key = serializer.resource_type_field_name
    return interface_of(by_value, key, type(serializer).__name__, place, types)


@SERIALIZERS.add("drf_spectacular.utils.PolymorphicProxySerializer")
def _proxy(serializer: Any, place: Place, types: ObjectTypes) -> Output:
    key = serializer.resource_type_field_name
    by_value = None if key is None else _by_value(serializer.serializers, key)
    if by_value is None:
        return types.unknown(place, "nothing tells the types of its rows apart")
    return interface_of(by_value, key, serializer.component_name, place, types)


def _by_value(given: Any, key: str) -> Mapping[str, Any] | None:
    """Return the serializers of a proxy by the value under ``key``.

    In a list, each writes its own there whatever the row; None where that does not tell them apart.
    """
    if isinstance(given, Mapping):
        return {value: _made(each) for value, each in given.items()}
    serializers = [_made(each) for each in given]
    try:
        values = [str(each.fields[key].to_representation(None)) for each in serializers]
    except Exception:  # a field of the project's own, which may want a row
        return None
    return dict(zip(values, serializers, strict=True)) if len({*values}) == len(values) else None


def _made(serializer: Any) -> Any:
    return serializer() if isinstance(serializer, type) else serializer


def interface_of(
    by_value: Mapping[str, Any], key: str, name: str, place: Place, types: ObjectTypes
) -> Output:
    """Return the interface of serializers that are told apart by the value under ``key``.

    ``JSON`` where one of them does not give an object.
    """
    members: dict[str, ObjectShape] = {}
    for value, serializer in by_value.items():
        given = types.of(serializer, place).type
        if not isinstance(given, ObjectShape):
            return types.unknown(place, f"{type(serializer).__name__} gives no object")
        members[str(value)] = given
    base = naming.sanitize(name.removesuffix("Serializer")) or "Object"
    names = (base, f"{base}Interface")
    return Output(types.interface(names, key, members), provable=False)


def settle(shapes: Iterable[NamedShape]) -> None:
    """Write the fields of every interface in ``shapes``, now that its members are complete.

    What all members have under one name with one type is the interface's. The rules of GraphQL
    (5.3.2, Field Selection Merging) forbid to select a field of two members beside each other when
    one says non-null and the other does not, so a promise that not all of them give is taken back.
    """
    marks: set[tuple[ObjectShape, str]] = set()
    for shape in shapes:
        if isinstance(shape, InterfaceShape):
            members = list({id(each): each for each in shape.members.values()}.values())
            marks.update((member, shape.key) for member in members if _mark(member, shape))
            _harmonise(members)
            shape.fields[:] = [
                replace(field, non_null=False)
                for field in members[0].fields
                if all(_has(member, field) for member in members)
                # What tells the types apart elsewhere is nothing to be had here.
                and (field.key == shape.key or (members[0], field.key) not in marks)
            ]
            shape.fallback.fields[:] = shape.fields


def _mark(member: ObjectShape, interface: InterfaceShape) -> bool:
    """Make ``member`` one of the interface's; whether it had to be given the interface's key."""
    if interface not in member.interfaces:
        member.interfaces.append(interface)
    if any(each.key == interface.key for each in member.fields):
        return False
    member.fields.insert(0, FieldShape(interface.key, STRING))
    return True


def _harmonise(members: Iterable[ObjectShape]) -> None:
    promises: dict[str, set[tuple[bool, bool]]] = defaultdict(set)
    for member in members:
        for field in member.fields:
            trusted = field.trusted and member.sure
            promises[field.key].add((field.non_null and member.sure, trusted))
    for member in members:
        member.fields[:] = [
            replace(field, non_null=False, trusted=False) if len(promises[field.key]) > 1 else field
            for field in member.fields
        ]


def _has(member: ObjectShape, field: FieldShape) -> bool:
    return any(each.key == field.key and each.type == field.type for each in member.fields)
