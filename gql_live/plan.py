"""An operation, its variables and the schema, turned into what a view is asked. Sans-I/O."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_variable_values,
)

from gql_live.exceptions import ErrorCode, Refusal
from gql_live.operations import Operation, rejected

EXTENSION = "gql_live"
"""Where the schema builder hangs a root field's meaning: ``GraphQLField.extensions[EXTENSION]``."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a subscriber wants of every event. Equal selections share one execution and one
    encoding.
    """

    schema: GraphQLSchema
    query: str
    operation_name: str | None
    variables_key: str
    snapshot: bool
    operation: Operation = field(compare=False, repr=False)
    variables: Mapping[str, Any] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """One subscription: which root field is asked, with what, and what is selected of the answer.

    ``root`` is the schema builder's ``RootField`` (opaque here); ``arguments`` are coerced by
    GraphQL's rules.
    """

    root: Any
    arguments: Mapping[str, Any]
    selection: Selection

    def name_arguments(self, refusal: Refusal) -> Refusal:
        """``refusal`` with the arguments as the client wrote them, where it names the view's
        query parameters.
        """
        return name_arguments(refusal, self.root.arguments_by_param)


def name_arguments(refusal: Refusal, arguments_by_param: Mapping[str, str]) -> Refusal:
    """A refusal that names query parameters, naming the GraphQL arguments behind them instead."""
    by_param = refusal.details.get("arguments")
    if not by_param:
        return refusal
    arguments = {
        arguments_by_param.get(name, name): messages for name, messages in by_param.items()
    }
    text = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in arguments.items())
    return Refusal(refusal.code, text, arguments=arguments)


def plan_subscription(
    schema: GraphQLSchema, operation: Operation, variables: Mapping[str, Any] | None
) -> Plan | None:
    """The plan of a subscription; None for a root field that no view stands behind (a project's
    own).

    Raises ``DocumentRejected`` for variables or arguments that do not fit their types (GraphQL
    §6.1.2, §6.4.1), and where no field is selected.
    """
    given = dict(variables or {})
    values = get_variable_values(schema, operation.definition.variable_definitions or (), given)
    if isinstance(values, list):
        raise rejected(values[0], ErrorCode.BAD_USER_INPUT)
    root_type = schema.subscription_type
    node = next(_root_fields(operation, operation.definition.selection_set, values), None)
    definition = root_type.fields.get(node.name.value) if root_type and node else None
    if node is None or definition is None:
        raise rejected(GraphQLError("The subscription selects no field."), ErrorCode.BAD_USER_INPUT)
    root = (definition.extensions or {}).get(EXTENSION)
    if root is None:
        return None
    arguments = _arguments(definition, node, values)
    selection = Selection(
        schema=schema,
        query=operation.query,
        operation_name=operation.name,
        variables_key=json.dumps(given, sort_keys=True, default=str),
        snapshot=bool(arguments.get("snapshot")),
        operation=operation,
        variables=given,
    )
    return Plan(root, arguments, selection)


def _arguments(definition: GraphQLField, node: FieldNode, values: Any) -> dict[str, Any]:
    try:
        return get_argument_values(definition, node, values)
    except GraphQLError as error:
        raise rejected(error, ErrorCode.BAD_USER_INPUT) from error


def _root_fields(
    operation: Operation, selections: SelectionSetNode, values: Any
) -> Iterator[FieldNode]:
    """The root fields that are selected, fragments followed, ``@skip`` and ``@include`` obeyed
    (GraphQL §6.3.2).
    """
    fragments = {
        node.name.value: node
        for node in operation.document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    for node in selections.selections:
        if not _included(node, values):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            yield from _root_fields(operation, fragments[node.name.value].selection_set, values)
        elif isinstance(node, InlineFragmentNode):
            yield from _root_fields(operation, node.selection_set, values)


def _included(node: SelectionNode, values: Any) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, values)
    include = get_directive_values(GraphQLIncludeDirective, node, values)
    return not (skip and skip["if"]) and not (include and not include["if"])
