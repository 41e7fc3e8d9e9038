"""The selection over the resolved data: executed and encoded once for all who select the same.
CPU only.
"""

import json
import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import cache, partial
from itertools import product
from typing import Any, Final, cast

from ariadne import ExtensionManager, graphql, subscribe
from ariadne.types import ExtensionList
from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    execute_sync,
    get_variable_values,
)
from rest_framework.utils.encoders import JSONEncoder

from gql_live.audience import Action, Event, Key, Payload
from gql_live.exceptions import DocumentRejected, ErrorCode, Refusal, internal_error
from gql_live.operations import Documents, Operation, coded
from gql_live.plan import GraphQLSelection, RowSelection, Selection
from gql_live.schema_builder import InvalidArgumentError, UnroutableError
from gql_live.wanted import fragments_of, selected

logger = logging.getLogger("gql_live")

EXTENSIONS: Final = "gql_live.extensions"
"""Where a schema holds a project's Ariadne extensions: ``schema.extensions``."""

# Ariadne logs every error as one; here a refusal is an answer, and ``format_error`` logs the
# faults.
_SILENT = logging.getLogger("gql_live.ariadne")
_SILENT.addFilter(lambda _record: False)


def encode_event(selection: Selection, event: Event, render: Callable[[Any], bytes]) -> Payload:
    """One event as what ``selection`` makes of it, encoded.

    ``render`` is the view's own way to write a row as JSON.
    """
    if isinstance(selection, RowSelection):
        return _row_payload(selection, event, render)
    manager = ExtensionManager(_extensions_of(selection.schema))
    with manager.request():
        # GraphQL §6.2.3.2, ExecuteSubscriptionEvent.
        result = execute_sync(
            selection.schema,
            selection.operation.document,
            root_value=event.as_source(),
            variable_values=dict(selection.variables),
            operation_name=selection.operation_name,
            middleware=manager.as_middleware_manager(),
        )
        if result.errors:
            manager.has_errors(result.errors)
        response = format_result(result)
        added = manager.format()
    if added:
        response["extensions"] = added
    payload = _payload(event.action, event.row, encode(response), gapless=selection.snapshot)
    return _with_created(payload, partial(_as_created, selection, payload))


def _row_payload(selection: RowSelection, event: Event, render: Callable[[Any], bytes]) -> Payload:
    """A django-rest-live ``broadcast``, but for its type and id."""
    instance = event.instance
    if event.action is Action.DELETED:
        lookup = event.row if selection.lookup_field == "pk" else event.lookup
        instance = {selection.lookup_field: lookup, "id": event.row}
    rendered = render(instance).decode()

    def told_as(action: Action) -> Payload:
        model = json.dumps(selection.model)
        text = f'{{"model":{model},"action":"{action}","instance":{rendered}}}'
        return _payload(action, event.row, text)

    return _with_created(told_as(event.action), partial(told_as, Action.CREATED))


# --- a row that changes before a slow client has heard that it is there ---

_PLAIN_FIELDS: Final = frozenset({"action", "id", "instance", "instances", "__typename"})
"""The fields of a change that say the same of a row whether it came or changed, but ``action``."""


def _with_created(payload: Payload, as_created: Callable[[], Payload | None]) -> Payload:
    """An UPDATED that can be told as a CREATED, once for all who need it."""
    if payload.action is not Action.UPDATED:
        return payload
    return replace(payload, as_created=cache(as_created))


def _as_created(selection: GraphQLSelection, payload: Payload) -> Payload | None:
    """An UPDATED as the CREATED of the same row; None where more than the action might differ.

    Made from the text, on the event loop: resolvers may block, and belong to the language and the
    tenant of their evaluation.
    """
    nodes = list(_change_nodes(selection))
    response = json.loads(payload.text)
    changes = list((response["data"] or {None: None}).values())
    if None in changes or any(node.name.value not in _PLAIN_FIELDS for node in nodes):
        return None
    actions = (node for node in nodes if node.name.value == "action")
    keys = {node.alias.value if node.alias else "action" for node in actions}
    for change, key in product(changes, keys):
        if change[key] != Action.UPDATED:  # a resolver of the project's own
            return None
        change[key] = Action.CREATED
    return _payload(Action.CREATED, payload.row, encode(response), gapless=payload.gapless)


def _change_nodes(selection: GraphQLSelection) -> Iterator[FieldNode]:
    """What is selected of a change itself."""
    operation, schema = selection.operation, selection.schema
    definitions = operation.definition.variable_definitions or ()
    values = get_variable_values(schema, definitions, dict(selection.variables))
    fragments = fragments_of(operation.document)
    roots = list(selected([operation.definition.selection_set], fragments, values))
    return selected((root.selection_set for root in roots), fragments, values)


async def answer(
    documents: Documents,
    operation: Operation,
    variables: Mapping[str, Any] | None,
    context: Mapping[str, Any],
) -> AsyncGenerator[dict[str, Any], None]:
    """The one response to a query or a mutation, through Ariadne.

    Raises ``DocumentRejected`` where it could not be executed at all.
    """
    _, response = await graphql(
        documents.schema,
        _request(operation, variables),
        context_value=context,
        extensions=_extensions_of(documents.schema),
        **_options(operation),
    )
    errors = response.get("errors", ())
    # Only a field's error has a path: without one nothing was executed (GraphQL §7.1.2).
    if response.get("data") is None and all("path" not in error for error in errors):
        raise DocumentRejected(errors)
    yield response


async def stream(
    documents: Documents,
    operation: Operation,
    variables: Mapping[str, Any] | None,
    context: Mapping[str, Any],
) -> AsyncGenerator[dict[str, Any], None]:
    """The responses of a subscription of the project's own, from its source generator (GraphQL
    §6.2.3), through Ariadne.

    Raises ``DocumentRejected`` where it could not be subscribed to.
    """
    subscribed, source = await subscribe(
        documents.schema,
        _request(operation, variables),
        context_value=context,
        **_options(operation),
    )
    if not subscribed or isinstance(source, list):
        raise DocumentRejected(cast("list[dict[str, Any]]", source))
    async with aclosing(source):
        async for result in source:
            yield format_result(result)


def _extensions_of(schema: GraphQLSchema) -> ExtensionList:
    extensions: ExtensionList = schema.extensions.get(EXTENSIONS)
    return extensions


def _request(operation: Operation, variables: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"query": operation.query, "operationName": operation.name, "variables": variables}


def _options(operation: Operation) -> dict[str, Any]:
    return {
        "query_document": operation.document,
        "query_validator": _validated_before,
        "error_formatter": format_error,
        "logger": _SILENT,
    }


def response_payload(response: Mapping[str, Any]) -> Payload:
    """The response to a query, encoded."""
    return _payload(None, None, encode(response))


def _payload(
    action: Action | None, row: Key | None, text: str, *, gapless: bool = False
) -> Payload:
    return Payload(action, row, text, len(text.encode()), gapless)


def _validated_before(*_arguments: Any, **_options: Any) -> list[GraphQLError]:
    """``Documents`` gives out nothing that is not valid."""
    return []


def format_result(result: ExecutionResult) -> dict[str, Any]:
    """The response map (GraphQL §7.1), with errors that tell a client only what it may know."""
    response: dict[str, Any] = {}
    if result.errors:
        response["errors"] = [format_error(error) for error in result.errors]
    response["data"] = result.data
    if result.extensions:
        response["extensions"] = result.extensions
    return response


def format_error(error: GraphQLError, debug: bool = False) -> dict[str, Any]:  # noqa: ARG001 - Ariadne's ErrorFormatter
    """A GraphQL error as a response carries it.

    A refusal gives its message and code. Any other exception of ours or the project's is logged
    with its traceback, and the client learns that there was one.
    """
    cause = _cause(error)
    if cause is None:
        return coded(error, ErrorCode.BAD_USER_INPUT)
    refusal = refusal_of(cause)
    formatted: dict[str, Any] = {"message": refusal.message}
    if error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error.path:
        formatted["path"] = error.path
    formatted["extensions"] = refusal.extensions
    return formatted


def refusal_of(error: Exception) -> Refusal:
    """What the client is told of an exception: a refusal as it is, an argument that no URL can
    carry as one, and of a fault only that there was one. The fault is logged.
    """
    match error:
        case Refusal():
            return error
        case UnroutableError():
            return Refusal(ErrorCode.NOT_FOUND, "Not found.")
        case InvalidArgumentError():
            arguments = {error.argument: [error.message]}
            return Refusal(ErrorCode.BAD_USER_INPUT, str(error), arguments=arguments)
    logger.error("An operation failed.", exc_info=error)
    return internal_error()


def errors_of(error: Exception) -> list[Mapping[str, Any]]:
    """The errors that an operation ends with, which ``error`` ended."""
    if isinstance(error, DocumentRejected):
        return error.errors
    return [refusal_of(error).as_error()]


def _cause(error: GraphQLError) -> Exception | None:
    """The exception behind ``error`` that is not itself a GraphQL error."""
    cause: Exception | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def encode(response: Mapping[str, Any]) -> str:
    """JSON as DRF would write it, in text that always encodes to UTF-8. ``ValueError`` for NaN
    and infinities.
    """
    text = _dump(response, ascii_only=False)
    try:
        text.encode()
    except (
        UnicodeEncodeError
    ):  # a lone surrogate: legal in JSON as an escape, not in a text frame (RFC 6455 §5.6)
        text = _dump(response, ascii_only=True)
    return text


def _dump(response: Mapping[str, Any], *, ascii_only: bool) -> str:
    return json.dumps(
        response, cls=JSONEncoder, ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":")
    )
