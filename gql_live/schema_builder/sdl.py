"""Shapes with names to SDL text: the same text for the same schema, whatever order it was built
in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql.language.block_string import print_block_string

from gql_live.schema_builder.scalars import CUSTOM
from gql_live.schema_builder.shapes import (
    EnumShape,
    InputShape,
    ListOf,
    NamedShape,
    Scalar,
    TypeRef,
)


@dataclass(frozen=True)
class ArgumentText:
    """An argument or an input field as it will stand in the SDL; ``type`` with its ``!``."""

    name: str
    type: str
    default: str = ""
    description: str = ""


@dataclass(frozen=True)
class FieldText:
    """A field as it will stand in the SDL."""

    name: str
    type: str
    arguments: tuple[ArgumentText, ...] = ()
    description: str = ""
    deprecated: bool = False


def reference(
    type_ref: TypeRef | InputShape, names: Mapping[NamedShape, str], *, non_null: bool = False
) -> str:
    """Write a reference to a type: ``[Task!]!``."""
    bang = "!" if non_null else ""
    if isinstance(type_ref, Scalar):
        return type_ref.name + bang
    if isinstance(type_ref, ListOf):
        return f"[{reference(type_ref.item, names, non_null=type_ref.item_non_null)}]{bang}"
    return names[type_ref] + bang


def scalar_type(name: str) -> str:
    """Write a custom scalar."""
    return f"{_described(CUSTOM[name].description)}scalar {name}"


def enum_type(name: str, shape: EnumShape) -> str:
    """Write an enum."""
    values = [f"{_described(each.description, '  ')}  {each.name}" for each in shape.members]
    return f"{_described(shape.description)}enum {name} {{\n" + "\n".join(values) + "\n}"


def object_type(
    name: str, fields: Iterable[FieldText], description: str = "", interfaces: Iterable[str] = ()
) -> str:
    """Write an object type."""
    implemented = " & ".join(interfaces)
    head = f"type {name} implements {implemented}" if implemented else f"type {name}"
    return _block(head, fields, description)


def interface_type(name: str, fields: Iterable[FieldText], description: str = "") -> str:
    """Write an interface."""
    return _block(f"interface {name}", fields, description)


def _block(head: str, fields: Iterable[FieldText], description: str) -> str:
    return f"{_described(description)}{head} {{\n" + "\n".join(map(_field, fields)) + "\n}"


def input_type(name: str, members: Iterable[ArgumentText], description: str = "") -> str:
    """Write an input object type."""
    lines = [_described(each.description, "  ") + "  " + _argument(each) for each in members]
    return f"{_described(description)}input {name} {{\n" + "\n".join(lines) + "\n}"


def _field(field: FieldText) -> str:
    arguments = ""
    if any(each.description for each in field.arguments):
        lines = [
            _described(each.description, "    ") + "    " + _argument(each)
            for each in field.arguments
        ]
        arguments = "(\n" + "\n".join(lines) + "\n  )"
    elif field.arguments:
        arguments = "(" + ", ".join(map(_argument, field.arguments)) + ")"
    deprecated = " @deprecated" if field.deprecated else ""
    return (
        f"{_described(field.description, '  ')}  {field.name}{arguments}: {field.type}{deprecated}"
    )


def _argument(argument: ArgumentText) -> str:
    default = f" = {argument.default}" if argument.default else ""
    return f"{argument.name}: {argument.type}{default}"


def _described(description: str, indent: str = "") -> str:
    if not description:
        return ""
    block = print_block_string(description).replace("\n", f"\n{indent}")
    return f"{indent}{block}\n"
