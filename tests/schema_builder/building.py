"""Builds schemas out of serializers and views made in a test."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from django.db.models import Model
from django.urls import URLPattern, URLResolver
from graphql import (
    ExecutionResult,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    graphql_sync,
)
from rest_framework import serializers, viewsets

from gql_live.schema_builder import BuiltSchema, Options, Registration, ViewInput, build_schema
from tests.schema_builder.catalog.models import Book


def nothing(*_arguments: object) -> None:
    """Answer no query: for tests that only look at the schema."""


def urlconf(*patterns: URLPattern | URLResolver) -> Any:
    """Return a URLconf module of ``patterns``; none mounts nothing."""
    module = ModuleType("urlconf")
    module.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    return module


def serializer_for(
    model: type[Model] | None, fields: Mapping[str, Any], name: str = "BookSerializer", **meta: Any
) -> type[serializers.Serializer[Any]]:
    """Return a serializer class; fields given as ``...`` come from the model."""
    declared = {key: value for key, value in fields.items() if value is not ...}
    if model is None:
        return type(name, (serializers.Serializer,), {**declared})
    inner = type("Meta", (), {"model": model, "fields": [*fields], **meta})
    return type(name, (serializers.ModelSerializer,), {**declared, "Meta": inner})


def viewset_for(
    serializer: Any, model: type[Model] = Book, name: str = "BookViewSet", **attributes: Any
) -> Any:
    """Return a read-only viewset class."""
    namespace = {
        "queryset": model._default_manager.all(),
        "serializer_class": serializer,
        "__module__": __name__,
        **attributes,
    }
    return type(name, (viewsets.ReadOnlyModelViewSet,), namespace)


def build(
    *views: Any, options: Options | None = None, mounted: Any = None, **kwargs: Any
) -> BuiltSchema:
    """Build a schema of ``views`` (classes, or Registrations), by default mounted nowhere."""
    registrations = [
        view if isinstance(view, Registration) else Registration(view) for view in views
    ]
    kwargs.setdefault("resolve", nothing)
    return build_schema(registrations, options=options, urlconf=mounted or urlconf(), **kwargs)


def build_serializer(serializer: Any, options: Options | None = None) -> BuiltSchema:
    """Build a schema of one view with ``serializer``."""
    return build(viewset_for(serializer), options=options)


def field_types(built: BuiltSchema, type_name: str) -> dict[str, str]:
    """Return the types of an object or input type's fields, as SDL."""
    named: GraphQLNamedType | None = built.schema.type_map.get(type_name)
    assert isinstance(named, GraphQLObjectType | GraphQLInputObjectType), built.type_defs
    return {name: str(field.type) for name, field in named.fields.items()}


def enum_values(built: BuiltSchema, type_name: str) -> dict[str, Any]:
    """Return the members of an enum with the values that they stand for."""
    named = built.schema.type_map.get(type_name)
    assert isinstance(named, GraphQLEnumType), built.type_defs
    return {name: value.value for name, value in named.values.items()}


def arguments(built: BuiltSchema, operation: str, field: str) -> dict[str, str]:
    """Return the types of a root field's arguments, as SDL."""
    root = built.schema.query_type if operation == "query" else built.schema.subscription_type
    assert root is not None
    return {name: str(each.type) for name, each in root.fields[field].args.items()}


def messages(built: BuiltSchema) -> list[str]:
    """Return the diagnostics as text."""
    return [str(each) for each in built.diagnostics]


def execute(built: BuiltSchema, document: str, **kwargs: Any) -> Any:
    """Execute a document and return its data; errors fail the test."""
    result: ExecutionResult = graphql_sync(built.schema, document, **kwargs)
    assert not result.errors, result.errors
    return result.data


def view_input(built: BuiltSchema, operation: str = "subscription", **given: Any) -> ViewInput:
    """Return what the list of books asks of its view for the arguments ``given``."""
    return built.root_fields[operation, "books"].view_input(given)


def query_string(built: BuiltSchema, **given: Any) -> str:
    """Return the query string that a subscription to the books makes of its arguments."""
    return "&".join(f"{key}={value}" for key, value in view_input(built, **given).params)
