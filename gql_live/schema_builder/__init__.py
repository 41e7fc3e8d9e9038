"""Django REST Framework views to a GraphQL schema. It runs no query and opens no socket."""

from gql_live.schema_builder import extensions, third_party
from gql_live.schema_builder.builder import BuiltSchema, build_schema
from gql_live.schema_builder.diagnostics import Diagnostic, SchemaError
from gql_live.schema_builder.endpoints import Endpoint, Registration
from gql_live.schema_builder.inputs import (
    InvalidArgumentError,
    RootField,
    UnroutableError,
    ViewInput,
)
from gql_live.schema_builder.options import Options

__all__ = [
    "BuiltSchema",
    "Diagnostic",
    "Endpoint",
    "InvalidArgumentError",
    "Options",
    "Registration",
    "RootField",
    "SchemaError",
    "UnroutableError",
    "ViewInput",
    "build_schema",
    "extensions",
    "third_party",
]
