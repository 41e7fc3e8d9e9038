"""Parse, validate and limit a document. Sans-I/O.

Clients send few distinct documents many times, and parsing and validating one costs 1-1.5 ms: what
was found valid for a schema is kept, least recently used first out.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)

from gql_live.exceptions import DocumentRejected, ErrorCode


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """One operation of a valid document."""

    query: str
    name: str | None
    document: DocumentNode
    definition: OperationDefinitionNode

    @property
    def kind(self) -> str:
        """``query``, ``mutation`` or ``subscription``."""
        return self.definition.operation.value


class Documents:
    """The valid documents of one schema. ``suggest``: errors may name fields that were meant."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        capacity: int,
        max_tokens: int,
        rules: Collection[type[ASTValidationRule]] = (),
        suggest: bool = True,
    ) -> None:
        self.schema = schema
        self._capacity = capacity
        self._max_tokens = max_tokens
        self._rules = (*specified_rules, *rules)
        self._suggest = suggest
        self._valid: OrderedDict[str, DocumentNode] = OrderedDict()

    def operation(self, query: str, name: str | None = None) -> Operation:
        """The operation of ``query`` that ``name`` selects, or its only one.

        Raises ``DocumentRejected`` with the syntax error, the validation errors, or that there is
        no such operation (GraphQL §6.1 GetOperation).
        """
        document = self._document(query)
        definition = get_operation_ast(document, name)
        if definition is None:
            raise rejected(_no_operation(name), ErrorCode.BAD_USER_INPUT)
        return Operation(query, name, document, definition)

    def _document(self, query: str) -> DocumentNode:
        document = self._valid.get(query)
        if document is not None:
            self._valid.move_to_end(query)
            return document
        try:
            document = parse(query, max_tokens=self._max_tokens)
        except GraphQLError as error:
            raise rejected(error, ErrorCode.GRAPHQL_PARSE_FAILED) from error
        except RecursionError as error:
            raise rejected(
                GraphQLError("The document is nested too deeply."), ErrorCode.GRAPHQL_PARSE_FAILED
            ) from error
        errors = validate(self.schema, document, self._rules)
        if errors:
            raise DocumentRejected([self._told(error) for error in errors])
        self._valid[query] = document
        if len(self._valid) > self._capacity:
            self._valid.popitem(last=False)
        return document

    def _told(self, error: GraphQLError) -> dict[str, Any]:
        told = coded(error, ErrorCode.GRAPHQL_VALIDATION_FAILED)
        if not self._suggest:
            # A suggestion names what a schema that is kept private has.
            told["message"] = told["message"].partition(" Did you mean")[0]
        return told


def _no_operation(name: str | None) -> GraphQLError:
    if name is None:
        return GraphQLError("Must provide operationName: the document has no single operation.")
    return GraphQLError(f"Unknown operation named '{name}'.")


def coded(error: GraphQLError, code: ErrorCode) -> dict[str, Any]:
    """``error`` as a response carries it, with ``extensions.code``."""
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["extensions"] = {"code": code.value, **(error.extensions or {})}
    return formatted


def rejected(error: GraphQLError, code: ErrorCode) -> DocumentRejected:
    """The rejection for a single error."""
    return DocumentRejected([coded(error, code)])
