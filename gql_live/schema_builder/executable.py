"""A document of SDL and bindables to an executable schema."""

from collections.abc import Iterable

from ariadne import (
    repair_schema_default_enum_values,
    validate_schema_default_enum_values,
)
from ariadne.executable_schema import SchemaBindables, normalize_bindables
from graphql import DocumentNode, GraphQLSchema, assert_valid_schema, build_ast_schema


def executable_schema(
    document: DocumentNode, bindables: Iterable[SchemaBindables], *, check_document: bool
) -> GraphQLSchema:
    """Do what Ariadne's ``make_executable_schema`` does, with a document that need not be parsed.

    ``check_document``: whether somebody has to be told of mistakes in it. Raises TypeError or
    ValueError for what does not fit together.
    """
    schema = build_ast_schema(document, assume_valid_sdl=not check_document)
    for bindable in normalize_bindables(*bindables):
        bindable.bind_to_schema(schema)
    validate_schema_default_enum_values(schema)
    assert_valid_schema(schema)
    repair_schema_default_enum_values(schema)
    return schema
