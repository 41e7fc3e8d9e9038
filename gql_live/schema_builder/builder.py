"""The main flow: endpoints, types, arguments, SDL, executable schema."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ariadne import SchemaBindable
from django.utils import translation
from graphql import DocumentNode, GraphQLSchema, print_ast

from gql_live.schema_builder.bindings import Resolve
from gql_live.schema_builder.diagnostics import Diagnostic, Diagnostics, SchemaError
from gql_live.schema_builder.document import Document
from gql_live.schema_builder.endpoints import Registration, find_endpoints
from gql_live.schema_builder.executable import executable_schema
from gql_live.schema_builder.inputs import RootField
from gql_live.schema_builder.merging import merged
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.probe import no_queries
from gql_live.schema_builder.roots import Roots


@dataclass(frozen=True)
class BuiltSchema:
    """A schema and what is known of it.

    ``document``: its SDL, a project's own included. ``root_fields``: by operation and name.
    ``response_keys``: for each object type, GraphQL field name to key in the serializer's data.
    ``diagnostics``: what was guessed.
    """

    schema: GraphQLSchema
    document: DocumentNode
    bindables: list[SchemaBindable]
    root_fields: Mapping[tuple[str, str], RootField]
    response_keys: Mapping[str, Mapping[str, str]]
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    @cached_property
    def type_defs(self) -> str:
        """The SDL as text; a server that only runs never writes it."""
        return print_ast(self.document) + "\n"


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
        own = merged(type_defs)
        document = Document(roots, own, options, diagnostics)
        all_bindables = [*document.bindables(resolve), *bindables]
        try:
            # What the builder wrote is sound. What stands beside it is looked at.
            schema = executable_schema(
                document.node, all_bindables, check_document=bool(own.definitions)
            )
        except (TypeError, ValueError) as error:
            raise SchemaError(
                f"the type definitions do not fit together: {error};"
                " compare your own type_defs with `router.type_defs`"
            ) from error
    return BuiltSchema(
        schema=schema,
        document=document.node,
        bindables=all_bindables,
        root_fields=document.root_fields,
        response_keys=document.response_keys,
        diagnostics=tuple(diagnostics),
    )


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep the garbage collector from looking through what is only being built.

    Almost nothing of it becomes garbage, and looking takes half of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if gc.get_freeze_count() == 0:
                # There and back again, all objects are old ones. Else the next young collection
                # would look through the whole schema, which takes a fifth of the time.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
