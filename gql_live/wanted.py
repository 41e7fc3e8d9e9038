"""What operations want of a row: the keys of the serializer's data that they select. Sans-I/O.

Wanting too much costs time, wanting too little gives a wrong value: whatever is not certain is
wanted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
)

RESPONSE_KEYS: Final = "gql_live"
"""Where a schema holds its types' keys in the serializers' data: ``schema.extensions``."""

_MOST_KEYS: Final = 5000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The wanted keys of a serializer's data, each with what is wanted below it; None: all."""

    keys: "Mapping[str, Wanted] | None" = None

    def __or__(self, other: "Wanted") -> "Wanted":
        """What either wants."""
        if self.keys is None or other.keys is None:
            return EVERYTHING
        both = {
            key: self.keys.get(key, NOTHING) | other.keys.get(key, NOTHING)
            for key in (*self.keys, *other.keys)
        }
        return Wanted(both)


EVERYTHING: Final = Wanted()
NOTHING: Final = Wanted({})


def union(wants: Iterable[Wanted]) -> Wanted:
    """What any of ``wants`` wants."""
    everybody = NOTHING
    for each in wants:
        everybody |= each
    return everybody


# --- of selection sets ---

Fragments = Mapping[str, FragmentDefinitionNode]


def fragments_of(document: DocumentNode) -> Fragments:
    """The fragments of a document, by name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def selected(
    sets: Iterable[SelectionSetNode | None], fragments: Fragments, variables: Any
) -> Iterator[FieldNode]:
    """The fields that ``sets`` select of one object, fragments followed, ``@skip`` and ``@include``
    obeyed (GraphQL §6.3.2).

    A fragment is followed once, as there, or a document could make it work without end. Type
    conditions are not looked at. ``variables`` are coerced.
    """
    followed: set[str] = set()
    waiting = [node for each in sets if each for node in each.selections]
    waiting.reverse()
    while waiting:
        node = waiting.pop()
        if not _included(node, variables):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            waiting += reversed(node.selection_set.selections)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in followed:
            followed.add(node.name.value)
            waiting += reversed(fragments[node.name.value].selection_set.selections)


def _included(node: SelectionNode, variables: Any) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])


# --- of rows ---


def wanted_by_query(info: GraphQLResolveInfo[Any]) -> Wanted:
    """What the selection of a root field of ``Query`` wants of every row."""
    definition = info.parent_type.fields[info.field_name]
    return wanted_of_rows(
        info.schema, definition, info.field_nodes, info.fragments, info.variable_values
    )


def wanted_of_rows(
    schema: GraphQLSchema,
    definition: GraphQLField,
    nodes: Sequence[FieldNode],
    fragments: Fragments,
    variables: Any,
) -> Wanted:
    """What ``nodes``, which select the root field of ``definition``, want of every row of its view.

    The rows are what the root field gives, or what its page or its change holds. ``variables`` are
    coerced.
    """
    row_type = _row_type(schema, nodes[0].name.value)
    if row_type is None or not _is_ours(definition):
        return EVERYTHING
    try:
        return _Walk(schema, row_type, fragments, variables).rows(definition.type, nodes)
    except _TooManyError:
        return EVERYTHING


def _row_type(schema: GraphQLSchema, root_field: str) -> GraphQLNamedType | None:
    """What the changes of a root field's rows hold."""
    subscription = schema.subscription_type
    definition = subscription.fields.get(root_field) if subscription else None
    change = get_named_type(definition.type) if definition else None
    if not isinstance(change, GraphQLObjectType) or "instance" not in change.fields:
        return None
    row_type: GraphQLNamedType = get_named_type(change.fields["instance"].type)
    return row_type


class _TooManyError(Exception):
    """Fragments make more of a document than anybody wrote."""


class _Walk:
    """A way down through the selection sets, all that select of one object at a time."""

    def __init__(
        self,
        schema: GraphQLSchema,
        row_type: GraphQLNamedType,
        fragments: Fragments,
        variables: Any,
    ) -> None:
        self._keys: Mapping[str, Mapping[str, str]] = schema.extensions.get(RESPONSE_KEYS, {})
        self._row_type = row_type
        self._fragments = fragments
        self._variables = variables
        self._found = 0

    def rows(self, returned: GraphQLOutputType, nodes: Iterable[FieldNode]) -> Wanted:
        """What is wanted of the rows in a value of type ``returned``."""
        named = get_named_type(returned)
        if named is self._row_type:
            return self._below(named, nodes)
        if not isinstance(named, GraphQLObjectType):
            return NOTHING
        children = self._children(named, nodes)
        if children is None:
            return EVERYTHING
        return union(self.rows(named.fields[name].type, children[name]) for name in children)

    def _below(self, named: GraphQLNamedType, nodes: Iterable[FieldNode]) -> Wanted:
        if not isinstance(named, GraphQLObjectType):
            # A leaf is wanted as it is; of which type an abstract value is, it tells itself.
            return EVERYTHING
        children = self._children(named, nodes)
        if children is None:
            return EVERYTHING
        keys, fields = self._keys[named.name], named.fields
        return Wanted(
            {
                keys[name]: self._below(get_named_type(fields[name].type), selecting)
                for name, selecting in children.items()
            }
        )

    def _children(
        self, named: GraphQLObjectType, nodes: Iterable[FieldNode]
    ) -> dict[str, list[FieldNode]] | None:
        """The selected fields by name; None where one of them may read anything of the object."""
        children: defaultdict[str, list[FieldNode]] = defaultdict(list)
        for node in selected(
            (each.selection_set for each in nodes), self._fragments, self._variables
        ):
            if not node.name.value.startswith("__"):
                children[node.name.value].append(node)
        self._found += len(children)
        if self._found > _MOST_KEYS:
            raise _TooManyError
        keys = self._keys.get(named.name, {})
        certain = all(name in keys and _is_ours(named.fields[name]) for name in children)
        return children if certain else None


def _is_ours(field: GraphQLField) -> bool:
    """Whether a field is resolved from its response key alone, as those are that the schema builder
    made, and not by a resolver of the project's own.
    """
    return (getattr(field.resolve, "__module__", None) or "").startswith("gql_live.")
