"""What makes the SDL executable: resolvers by response key, tolerant enums, scalars, and the two
roots.
"""

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias, cast

from ariadne import EnumType, InterfaceType, ObjectType, SchemaBindable
from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema

from gql_live.schema_builder.fitting import UnfitError, fitting
from gql_live.schema_builder.inputs import RootField, ViewInput
from gql_live.schema_builder.shapes import EnumShape, FieldShape, InterfaceShape

Resolve: TypeAlias = "Callable[[RootField, ViewInput, GraphQLResolveInfo[Any]], Any]"
Resolver = Callable[..., Any]
_MOST_REPORTS = 100
_LOG = logging.getLogger("gql_live.schema_builder")


def enum_bindable(name: str, shape: EnumShape) -> EnumType:
    """Bind the members of an enum to the values that the serializer gives."""
    return EnumType(name, {member.name: member.value for member in shape.members})


def object_bindable(name: str, resolvers: Mapping[str, Resolver]) -> ObjectType:
    """Bind the fields of an object type to their resolvers."""
    bindable = ObjectType(name)
    for field, resolver in resolvers.items():
        bindable.set_field(field, resolver)
    return bindable


def interface_bindable(name: str, shape: InterfaceShape, names: Mapping[Any, str]) -> InterfaceType:
    """Bind an interface to what tells the type of a row: the value under its key."""
    by_value: dict[Any, str] = {value: names[member] for value, member in shape.members.items()}
    otherwise = names[shape.fallback]

    def resolve_type(row: Any, *_context: Any) -> str:
        value = row.get(shape.key) if isinstance(row, dict) else None
        return by_value.get(value, otherwise) if isinstance(value, str) else otherwise

    return InterfaceType(name, type_resolver=resolve_type)


def by_key(field: FieldShape, *, trusted: bool) -> Resolver:
    """Return a field's resolver: the value under its response key, null where the key is absent.

    A value that is not in its enum is null: nothing keeps rows to their choices. So is, where the
    type is not ``trusted``, a value that is not of it.
    """
    key = field.key
    fit = fitting(field.type, trusted=trusted)

    def resolve(source: Any, _info: "GraphQLResolveInfo[Any]") -> Any:
        # A serializer that writes something else than a dict has none of the fields.
        return source.get(key) if isinstance(source, dict) else None

    if fit is None:
        return resolve
    reported: set[str] = set()

    def resolve_fitting(source: Any, info: "GraphQLResolveInfo[Any]") -> Any:
        value = resolve(source, info)
        if value is None:
            return None
        try:
            return fit(value)
        except UnfitError as error:
            text = str(error)
            if text not in reported and len(reported) < _MOST_REPORTS:
                reported.add(text)
                _LOG.warning("%s.%s: %s; null is sent", info.parent_type.name, key, text)
            return None

    return resolve_fitting


def query_resolver(root_field: RootField, resolve: Resolve, rows_key: str | None) -> Resolver:
    """Return the resolver of a Query field: what the REST view answers.

    ``rows_key``: where the view paginates, the key of the rows. A paginator may also decide for
    no page at all (no limit given); then the plain list is put into an envelope of its own.
    """

    def envelope(data: Any) -> Any:
        if rows_key is None or not isinstance(data, (list, tuple)):
            return data
        return {rows_key: data, "count": len(data)}

    async def later(data: Awaitable[Any]) -> Any:
        return envelope(await data)

    def resolver(_root: Any, info: "GraphQLResolveInfo[Any]", /, **arguments: Any) -> Any:
        data = resolve(root_field, root_field.view_input(arguments), info)
        return later(data) if inspect.isawaitable(data) else envelope(data)

    return resolver


def event_resolver(event: Any, _info: "GraphQLResolveInfo[Any]", /, **_arguments: Any) -> Any:
    """Resolve a Subscription field: the source event is the field's value."""
    return event


class RootFields(SchemaBindable):
    """Puts each RootField on the field that it describes, as ``extensions["gql_live"]``."""

    def __init__(self, root_fields: Mapping[tuple[str, str], RootField]) -> None:
        self._root_fields = root_fields

    def bind_to_schema(self, schema: GraphQLSchema) -> None:
        """Bind them; every root field is in the schema."""
        roots = {"query": schema.query_type, "subscription": schema.subscription_type}
        for (operation, name), root_field in self._root_fields.items():
            root = cast("GraphQLObjectType", roots[operation])
            root.fields[name].extensions["gql_live"] = root_field
