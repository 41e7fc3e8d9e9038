"""The main flow: endpoints, types, arguments, SDL, executable schema."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ariadne import SchemaBindable, make_executable_schema
from django.utils import translation
from graphql import GraphQLSchema

from gql_live.schema_builder.bindings import Resolve
from gql_live.schema_builder.diagnostics import Diagnostic, Diagnostics, SchemaError
from gql_live.schema_builder.document import Document
from gql_live.schema_builder.endpoints import Registration, find_endpoints
from gql_live.schema_builder.inputs import RootField
from gql_live.schema_builder.merging import merged
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.probe import no_queries
from gql_live.schema_builder.roots import Roots


@dataclass(frozen=True)
class BuiltSchema:
    """A schema and what is known of it.

    ``type_defs``: its SDL, a project's own included. ``root_fields``: by operation and name.
    ``response_keys``: for each object type, GraphQL field name to key in the serializer's data.
    ``diagnostics``: what was guessed.
    """

    schema: GraphQLSchema
    type_defs: str
    bindables: list[SchemaBindable]
    root_fields: Mapping[tuple[str, str], RootField]
    response_keys: Mapping[str, Mapping[str, str]]
    diagnostics: tuple[Diagnostic, ...] = field(default=())


def build_schema(
    registrations: Sequence[Registration],
    *,
    resolve: Resolve,
    type_defs: Sequence[str] = (),
    bindables: Sequence[Any] = (),
    options: Options | None = None,
    urlconf: str | None = None,
) -> BuiltSchema:
    """Build the executable schema of the registered views.

    ``resolve`` answers Query fields with the data of the REST response. ``type_defs`` and
    ``bindables`` are a project's own Ariadne types and resolvers. No query runs. Raises
    SchemaError where two views want the same root field; whatever else is wrong with a view is a
    diagnostic, and the other views are built.
    """
    options = options or Options()
    diagnostics = Diagnostics()
    # Descriptions are the untranslated ones: the schema is the same in every process and language.
    with translation.override(None), no_queries(), _no_collecting():
        roots = Roots(options, diagnostics)
        for registration, endpoint in find_endpoints(registrations, urlconf, diagnostics):
            roots.add(registration, endpoint)
        document = Document(roots, merged(type_defs), options, diagnostics)
        all_bindables = [*document.bindables(resolve), *bindables]
        try:
            schema = make_executable_schema(document.text, *all_bindables)
        except (TypeError, ValueError) as error:
            raise SchemaError(
                f"the type definitions do not fit together: {error};"
                " compare your own type_defs with `router.type_defs`"
            ) from error
    return BuiltSchema(
        schema=schema,
        type_defs=document.text,
        bindables=all_bindables,
        root_fields=document.root_fields,
        response_keys=document.response_keys,
        diagnostics=tuple(diagnostics),
    )


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep the garbage collector from looking through what is only being built.

    Almost nothing of it becomes garbage, and looking takes a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
