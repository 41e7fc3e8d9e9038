"""What a subscriber asked for, in whatever dialect, turned into what a view is asked. Sans-I/O."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    get_argument_values,
    get_variable_values,
)

from gql_live.adapters.protocol import SubscribeView
from gql_live.exceptions import ErrorCode, Refusal
from gql_live.operations import Operation, rejected
from gql_live.wanted import EVERYTHING, Wanted, fragments_of, selected, wanted_of_rows

EXTENSION = "gql_live"
"""Where the schema builder hangs a root field's meaning: ``GraphQLField.extensions[EXTENSION]``."""


@dataclass(frozen=True, slots=True)
class GraphQLSelection:
    """What a GraphQL subscriber wants of every event; ``wanted``: what of the rows in it."""

    speaks_resync: ClassVar[bool] = True

    schema: GraphQLSchema
    query: str
    operation_name: str | None
    variables_key: str
    snapshot: bool
    operation: Operation = field(compare=False, repr=False)
    variables: Mapping[str, Any] = field(compare=False, repr=False)
    wanted: Wanted = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RowSelection:
    """What a django-rest-live subscriber gets of every event: the row, under the model's label.

    Its dialect knows rows only: no snapshot, and for a resync every row once more.
    """

    snapshot: ClassVar[bool] = False
    speaks_resync: ClassVar[bool] = False
    wanted: ClassVar[Wanted] = EVERYTHING

    model: str
    lookup_field: str


Selection = GraphQLSelection | RowSelection
"""Equal selections share one execution and one encoding."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One subscription: which view is asked what, and what is selected of its answer.

    ``endpoint`` is the schema builder's (opaque here); ``kwargs`` and ``params`` are hashable.
    """

    endpoint: Any
    kwargs: tuple[tuple[str, Any], ...]
    params: tuple[tuple[str, str], ...]
    selection: Selection
    arguments_by_param: Mapping[str, str] = field(default_factory=dict)

    def name_arguments(self, refusal: Refusal) -> Refusal:
        """``refusal`` with the arguments as the client wrote them, not as the view's parameters."""
        return name_arguments(refusal, self.arguments_by_param)


def name_arguments(refusal: Refusal, arguments_by_param: Mapping[str, str]) -> Refusal:
    """A refusal that names query parameters, naming the GraphQL arguments behind them instead."""
    by_param = refusal.details.get("arguments")
    if not by_param:
        return refusal
    arguments = {arguments_by_param.get(name, name): said for name, said in by_param.items()}
    text = "; ".join(f"{name}: {' '.join(said)}" for name, said in arguments.items())
    return Refusal(refusal.code, text, arguments=arguments)


# --- from GraphQL ---


def plan_subscription(
    schema: GraphQLSchema, operation: Operation, variables: Mapping[str, Any] | None
) -> Plan | None:
    """The plan of a subscription; None for a root field that no view stands behind.

    Raises ``DocumentRejected`` for variables or arguments that do not fit their types (GraphQL
    §6.1.2, §6.4.1), and where no field is selected; and what the schema builder raises for an
    argument that no URL can carry.
    """
    given = dict(variables or {})
    values = get_variable_values(schema, operation.definition.variable_definitions or (), given)
    if isinstance(values, list):
        raise rejected(values[0], ErrorCode.BAD_USER_INPUT)
    root_type = schema.subscription_type
    fragments = fragments_of(operation.document)
    nodes = list(selected([operation.definition.selection_set], fragments, values))
    definition = root_type.fields.get(nodes[0].name.value) if root_type and nodes else None
    if definition is None:
        raise rejected(GraphQLError("The subscription selects no field."), ErrorCode.BAD_USER_INPUT)
    root = (definition.extensions or {}).get(EXTENSION)
    if root is None:
        return None
    asked = root.view_input(_arguments(definition, nodes[0], values))
    selection = GraphQLSelection(
        schema=schema,
        query=operation.query,
        operation_name=operation.name,
        variables_key=json.dumps(given, sort_keys=True, default=str),
        snapshot=asked.snapshot,
        operation=operation,
        variables=given,
        wanted=wanted_of_rows(schema, definition, nodes, fragments, values),
    )
    return Plan(root.endpoint, asked.kwargs, asked.params, selection, root.arguments_by_param)


def _arguments(definition: GraphQLField, node: FieldNode, values: Any) -> dict[str, Any]:
    try:
        return get_argument_values(definition, node, values)
    except GraphQLError as error:
        raise rejected(error, ErrorCode.BAD_USER_INPUT) from error


# --- from django-rest-live ---


def plan_view(endpoint: Any, request: SubscribeView) -> Plan:
    """The plan of a django-rest-live subscription to ``endpoint``.

    ``lookup_by`` stands for the lookup value where ``view_kwargs`` does not name it. Raises
    ``Refusal`` where no URL of the view has these kwargs, and for parameters that no query string
    can carry.
    """
    given = dict(request.view_kwargs)
    if endpoint.lookup_kwarg is not None:
        given.setdefault(endpoint.lookup_kwarg, request.lookup_by)
    kwargs = {**given, **dict(_url_kwargs(endpoint, given)), **endpoint.constants}
    if any(isinstance(value, dict | list) for value in kwargs.values()):
        raise Refusal(ErrorCode.BAD_USER_INPUT, "`view_kwargs` must be numbers and strings.")
    return Plan(
        endpoint,
        tuple(sorted(kwargs.items())),
        tuple(_query_pairs(request.query_params)),
        RowSelection(request.model, endpoint.lookup_field),
    )


def _url_kwargs(endpoint: Any, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for kwarg in endpoint.kwargs:
        if kwarg.name not in given:
            raise Refusal(ErrorCode.BAD_USER_INPUT, f"`view_kwargs` must have `{kwarg.name}`.")
        try:
            yield kwarg.name, kwarg.read(given[kwarg.name])
        except ValueError as error:
            raise Refusal(ErrorCode.NOT_FOUND, "Not found.") from error


def _query_pairs(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(params.items()):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict | list):
                raise Refusal(
                    ErrorCode.BAD_USER_INPUT, f"`query_params` cannot carry `{name}`: {each!r}."
                )
            if each is not None:
                yield name, str(each).lower() if isinstance(each, bool) else str(each)
