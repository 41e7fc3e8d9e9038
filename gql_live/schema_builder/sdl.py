"""Shapes with names to the syntax tree of their SDL: the same tree for the same schema, whatever
order it was built in.

A tree needs no parsing, so a server that starts never writes the text.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from graphql import (
    ConstDirectiveNode,
    ConstValueNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    StringValueNode,
    TypeNode,
)

from gql_live.schema_builder.scalars import CUSTOM
from gql_live.schema_builder.shapes import (
    EnumShape,
    InputShape,
    ListOf,
    NamedShape,
    Scalar,
    TypeRef,
)

_DEPRECATED = (ConstDirectiveNode(name=NameNode(value="deprecated"), arguments=()),)


def reference(
    type_ref: TypeRef | InputShape, names: Mapping[NamedShape, str], *, non_null: bool = False
) -> TypeNode:
    """Return a reference to a type: ``[Task!]!``."""
    node: NamedTypeNode | ListTypeNode
    if isinstance(type_ref, ListOf):
        item = reference(type_ref.item, names, non_null=type_ref.item_non_null)
        node = ListTypeNode(type=item)
    else:
        node = _named(type_ref.name if isinstance(type_ref, Scalar) else names[type_ref])
    return NonNullTypeNode(type=node) if non_null else node


def scalar_type(name: str) -> ScalarTypeDefinitionNode:
    """Return the definition of a custom scalar."""
    return ScalarTypeDefinitionNode(
        name=NameNode(value=name),
        description=_described(CUSTOM[name].description),
        directives=(),
    )


def enum_type(name: str, shape: EnumShape) -> EnumTypeDefinitionNode:
    """Return the definition of an enum."""
    values = tuple(
        EnumValueDefinitionNode(
            name=NameNode(value=each.name),
            description=_described(each.description),
            directives=(),
        )
        for each in shape.members
    )
    return EnumTypeDefinitionNode(
        name=NameNode(value=name),
        description=_described(shape.description),
        values=values,
        directives=(),
    )


def object_type(
    name: str,
    fields: Iterable[FieldDefinitionNode],
    description: str = "",
    interfaces: Iterable[str] = (),
) -> ObjectTypeDefinitionNode:
    """Return the definition of an object type."""
    return ObjectTypeDefinitionNode(
        name=NameNode(value=name),
        description=_described(description),
        interfaces=tuple(map(_named, interfaces)),
        fields=tuple(fields),
        directives=(),
    )


def interface_type(
    name: str, fields: Iterable[FieldDefinitionNode], description: str = ""
) -> InterfaceTypeDefinitionNode:
    """Return the definition of an interface."""
    return InterfaceTypeDefinitionNode(
        name=NameNode(value=name),
        description=_described(description),
        interfaces=(),
        fields=tuple(fields),
        directives=(),
    )


def input_type(
    name: str, members: Iterable[InputValueDefinitionNode], description: str = ""
) -> InputObjectTypeDefinitionNode:
    """Return the definition of an input object type."""
    return InputObjectTypeDefinitionNode(
        name=NameNode(value=name),
        description=_described(description),
        fields=tuple(members),
        directives=(),
    )


def field(
    name: str,
    type_node: TypeNode,
    *,
    arguments: Iterable[InputValueDefinitionNode] = (),
    description: str = "",
    deprecated: bool = False,
) -> FieldDefinitionNode:
    """Return the definition of a field."""
    return FieldDefinitionNode(
        name=NameNode(value=name),
        description=_described(description),
        arguments=tuple(arguments),
        type=type_node,
        directives=_DEPRECATED if deprecated else (),
    )


def argument(
    name: str,
    type_node: TypeNode,
    *,
    default: ConstValueNode | None = None,
    description: str = "",
) -> InputValueDefinitionNode:
    """Return the definition of an argument, or of a field of an input object."""
    return InputValueDefinitionNode(
        name=NameNode(value=name),
        description=_described(description),
        type=type_node,
        default_value=default,
        directives=(),
    )


@lru_cache(maxsize=4096)
def _named(name: str) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=name))


def _described(description: str) -> StringValueNode | None:
    return StringValueNode(value=description, block=True) if description else None
