"""Everything has its name here, and becomes a document of SDL and the bindables that make it
run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ariadne import ObjectType, QueryType, SchemaBindable
from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
)

from gql_live.schema_builder import bindings, naming, scalars, sdl
from gql_live.schema_builder.changes import CHANGE_ACTION, change_type
from gql_live.schema_builder.descriptions import docstring
from gql_live.schema_builder.diagnostics import RENAMED, Diagnostics, Place
from gql_live.schema_builder.inputs import RootField
from gql_live.schema_builder.merging import OwnTypes
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.polymorphism import settle
from gql_live.schema_builder.root_arguments import Argument, Field, fields
from gql_live.schema_builder.roots import Root, Roots
from gql_live.schema_builder.sdl import reference
from gql_live.schema_builder.shapes import (
    BOOLEAN,
    QUERY_PARAMS,
    EnumShape,
    FieldShape,
    InputShape,
    InterfaceShape,
    ListOf,
    NamedShape,
    ObjectShape,
    Scalar,
    TypeRef,
    loosened,
    reachable,
    scalars_in,
)
from gql_live.schema_builder.type_names import TypeNames

_EMPTY_QUERY = sdl.field("_empty", reference(BOOLEAN, {}), description="No view is registered.")


class Document:
    """The schema as a syntax tree, and what its parts stand for."""

    def __init__(
        self, roots: Roots, own: OwnTypes, options: Options, diagnostics: Diagnostics
    ) -> None:
        self._own = own
        self._options = options
        self._diagnostics = diagnostics
        self._fields = [each for root in roots.all for each in fields(root, options)]
        self._changes = _changes(roots.all)
        for shape in reachable(roots.unsure):
            if isinstance(shape, ObjectShape):
                shape.sure = False
        shapes = reachable(self._references())
        settle(shapes)
        self._scalars = scalars_in(shapes) | self._argument_scalars() | {QUERY_PARAMS.name}
        rows = {
            change: (root.item, naming.pascal(root.name)) for root, change in self._changes.items()
        }
        type_names = TypeNames(roots.types.uses, options, diagnostics)
        self._names = type_names.assign(shapes, rows, own.names)
        self._objects = {
            shape: self._field_names(shape)
            for shape in shapes
            if isinstance(shape, (ObjectShape, InterfaceShape))
        }
        self.root_fields: Mapping[tuple[str, str], RootField] = {
            (each.root_field.operation, each.root_field.name): each.root_field
            for each in self._fields
        }
        self.response_keys: Mapping[str, Mapping[str, str]] = {
            self._names[shape]: {name: each.key for name, each in named.items()}
            for shape, named in self._objects.items()
        }
        self.node = DocumentNode(definitions=(*self._definitions(), *own.definitions))

    def _references(self) -> Iterator[TypeRef | InputShape]:
        for each in self._fields:
            yield from (argument.type for argument in each.arguments)
            yield _result(each, self._changes)
        yield CHANGE_ACTION

    def _argument_scalars(self) -> set[str]:
        return {
            argument.type.name
            for each in self._fields
            for argument in each.arguments
            if isinstance(argument.type, Scalar)
        }

    def _field_names(self, shape: ObjectShape | InterfaceShape) -> dict[str, FieldShape]:
        wished = [each.key for each in shape.fields]
        names = naming.spelled(wished, self._options.case)
        for key, name in zip(wished, names, strict=True):
            if name not in (key, naming.camel(key)):
                self._diagnostics.add(
                    RENAMED,
                    Place((self._names[shape], key)),
                    f"GraphQL has no such name, {name!r} is used",
                    "rename the serializer field, or live with it",
                )
        return dict(zip(names, shape.fields, strict=True))

    def _definitions(self) -> Iterator[DefinitionNode]:
        for name in sorted(self._scalars - scalars.BUILT_IN - self._own.names):
            yield sdl.scalar_type(name)
        for shape, name in sorted(self._names.items(), key=lambda pair: pair[1]):
            yield self._definition(shape, name)
        yield from self._root_types()

    def _definition(self, shape: NamedShape, name: str) -> DefinitionNode:
        if isinstance(shape, EnumShape):
            return sdl.enum_type(name, shape)
        if isinstance(shape, InputShape):
            members = [
                sdl.argument(
                    each.name,
                    reference(each.type, self._names, non_null=each.required),
                    description=each.description,
                )
                for each in shape.members
            ]
            return sdl.input_type(name, members, shape.description)
        sure = isinstance(shape, ObjectShape) and shape.sure
        of_shape = [self._field(*named, sure=sure) for named in self._objects[shape].items()]
        if isinstance(shape, InterfaceShape):
            return sdl.interface_type(name, of_shape, shape.description)
        interfaces = sorted(self._names[each] for each in shape.interfaces)
        return sdl.object_type(name, of_shape, shape.description, interfaces)

    def _field(self, name: str, field: FieldShape, *, sure: bool) -> FieldDefinitionNode:
        kind = field.type if sure and field.trusted else loosened(field.type)
        node = reference(kind, self._names, non_null=field.non_null and sure)
        return sdl.field(name, node, description=field.description, deprecated=field.deprecated)

    def _root_types(self) -> Iterator[DefinitionNode]:
        queries = [self._root_field(each) for each in self._fields if _is_query(each)]
        subscriptions = [self._root_field(each) for each in self._fields if not _is_query(each)]
        yield sdl.object_type("Query", queries or [_EMPTY_QUERY])
        if subscriptions:
            yield sdl.object_type("Subscription", subscriptions)

    def _root_field(self, each: Field) -> FieldDefinitionNode:
        result = _result(each, self._changes)
        is_row = _is_query(each) and each.root.endpoint.action == "retrieve"
        return sdl.field(
            each.root_field.name,
            reference(result, self._names, non_null=not is_row),
            arguments=map(self._argument, each.arguments),
            description=docstring(each.root.endpoint.view),
        )

    def _argument(self, each: Argument) -> InputValueDefinitionNode:
        node = reference(each.type, self._names, non_null=each.non_null)
        return sdl.argument(each.name, node, default=each.default, description=each.description)

    def bindables(self, resolve: bindings.Resolve) -> list[SchemaBindable]:
        """Return the bindables that make the document executable."""
        found: list[SchemaBindable] = [
            scalars.bindable(name)
            for name in sorted(self._scalars - scalars.BUILT_IN - self._own.names)
        ]
        for shape, name in sorted(self._names.items(), key=lambda pair: pair[1]):
            if isinstance(shape, EnumShape):
                found.append(bindings.enum_bindable(name, shape))
            elif isinstance(shape, InterfaceShape):
                found.append(bindings.interface_bindable(name, shape, self._names))
            elif isinstance(shape, ObjectShape):
                named = self._objects[shape].items()
                resolvers = {
                    field: bindings.by_key(each, trusted=each.trusted and shape.sure)
                    for field, each in named
                }
                found.append(bindings.object_bindable(name, resolvers))
        query, subscription = QueryType(), ObjectType("Subscription")
        for each in self._fields:
            if _is_query(each):
                rows_key = each.root.page[1] if each.root.page else None
                resolver = bindings.query_resolver(each.root_field, resolve, rows_key)
                query.set_field(each.root_field.name, resolver)
            else:
                subscription.set_field(each.root_field.name, bindings.event_resolver)
        found.append(query)
        if self._fields:
            found.append(subscription)
        return [*found, bindings.RootFields(self.root_fields)]


def _is_query(each: Field) -> bool:
    return each.root_field.operation == "query"


def _result(each: Field, changes: Mapping[Root, ObjectShape]) -> TypeRef:
    """Return the type of a root field: a row, a page or a list of rows, or a change of a row."""
    if not _is_query(each):
        return changes[each.root]
    if each.root.endpoint.action == "retrieve":
        return each.root.item
    return each.root.page[0] if each.root.page else each.root.rows or each.root.item


def _changes(roots: Iterable[Root]) -> dict[Root, ObjectShape]:
    """Return the change type of each root field: one for all rows of a type that has a name."""
    by_item: dict[object, list[Root]] = defaultdict(list)
    for root in roots:
        named = isinstance(root.item, (ObjectShape, InterfaceShape))
        by_item[root.item if named else root].append(root)
    changes: dict[Root, ObjectShape] = {}
    for group in by_item.values():
        never_null = all(root.rows is None or root.rows.item_non_null for root in group)
        change = change_type(ListOf(group[0].item, item_non_null=never_null))
        changes.update(dict.fromkeys(group, change))
    return changes
