"""A project's own type definitions, made to stand beside the generated ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import (
    DefinitionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    TypeDefinitionNode,
    parse,
)

_ROOTS = ("Query", "Subscription")


@dataclass(frozen=True)
class OwnTypes:
    """A project's definitions, and the type names that they take."""

    definitions: tuple[DefinitionNode, ...]
    names: frozenset[str]


def merged(type_defs: Sequence[str]) -> OwnTypes:
    """Read a project's type definitions; its ``type Query`` extends the generated one."""
    nodes = [node for text in type_defs for node in parse(text).definitions]
    names = {node.name.value for node in nodes if isinstance(node, TypeDefinitionNode)}
    return OwnTypes(tuple(map(_extending, nodes)), frozenset(names - set(_ROOTS)))


def _extending(node: DefinitionNode) -> DefinitionNode:
    if isinstance(node, ObjectTypeDefinitionNode) and node.name.value in _ROOTS:
        return ObjectTypeExtensionNode(
            name=node.name,
            directives=node.directives,
            interfaces=node.interfaces,
            fields=node.fields,
        )
    return node
