"""Serializers to object types: a type is a serializer class *and* the fields that it shows."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rest_framework import serializers

from gql_live.schema_builder import naming, spectacular, spectacular_extensions
from gql_live.schema_builder.columns import ModelField
from gql_live.schema_builder.descriptions import docstring, text
from gql_live.schema_builder.diagnostics import NO_FIELDS, UNKNOWN_TYPE, Diagnostics, Place
from gql_live.schema_builder.enums import Enums
from gql_live.schema_builder.fields import FieldContext, Output, convert, is_hidden
from gql_live.schema_builder.hints import Hints
from gql_live.schema_builder.nullability import is_static, proves, said
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.overriding import overrides
from gql_live.schema_builder.path_table import PathTable
from gql_live.schema_builder.serializer_identity import arguments, identity, signature
from gql_live.schema_builder.shapes import (
    JSON,
    FieldShape,
    InterfaceShape,
    ListOf,
    ObjectShape,
    TypeRef,
)
from gql_live.schema_builder.sources import Source, follow, return_hint
from gql_live.schema_builder.spectacular import Declared
from gql_live.schema_builder.type_names import TypeUse, base_name, ladder

ConvertSerializer = Callable[[Any, Place, "ObjectTypes"], Output]
SERIALIZERS: PathTable[ConvertSerializer] = PathTable()
_DEEPEST = 10
_NOTHING: Mapping[str, TypeRef] = {}
_NOTHING_ANNOTATED: Mapping[str, ModelField] = {}


@dataclass(frozen=True, eq=False)
class _Frame:
    """A serializer whose fields are being read: what a recursion comes back to."""

    use: TypeUse
    names: tuple[str, ...]
    arguments: tuple[Any, Any]


class ObjectTypes:
    """All object types of one schema."""

    def __init__(self, options: Options, enums: Enums, diagnostics: Diagnostics) -> None:
        self._options = options
        self._enums = enums
        self._diagnostics = diagnostics
        self.hints = Hints(options, enums, self._hinted_serializer, self._hinted_field)
        self._by_class: dict[Hashable, TypeUse] = {}
        self._by_fields: dict[Hashable, TypeUse] = {}
        self._by_shape: dict[ObjectShape, TypeUse] = {}
        self._interfaces: dict[Hashable, InterfaceShape] = {}
        self._stack: list[_Frame] = []
        self._sources: dict[tuple[Any, tuple[str, ...]], Source] = {}
        self._annotations = _NOTHING_ANNOTATED

    @property
    def uses(self) -> Iterable[TypeUse]:
        """Every type that came from a serializer, with where it is used."""
        return self._by_shape.values()

    def root(
        self,
        serializer: Any,
        place: Place,
        root: str,
        annotations: Mapping[str, ModelField] = _NOTHING_ANNOTATED,
    ) -> TypeRef:
        """Return the type of what a view gives.

        ``root`` is what a second type of the same class would be called for this view.
        ``annotations``: what the view's queryset adds to its rows.
        """
        self._annotations = annotations
        output = self.of(serializer, place)
        item = output.type.item if isinstance(output.type, ListOf) else output.type
        if isinstance(item, ObjectShape) and item in self._by_shape:
            self._by_shape[item].roots.add(root)
        return output.type

    def answer(self, told: Declared, place: Place, base: str, *, is_list: bool) -> TypeRef:
        """Return the type of an answer that a view declares.

        ``is_list``: a serializer stands for each row of it, unless it says otherwise.
        """
        known = self.hints.type_of(told, place, (f"{base}Answer",)) or JSON
        is_serializer = isinstance(told.payload, serializers.BaseSerializer) or (
            isinstance(told.payload, type) and issubclass(told.payload, serializers.BaseSerializer)
        )
        each = is_serializer and is_list and not spectacular.is_one(told.payload)
        return (
            ListOf(known, item_non_null=True) if each and not isinstance(known, ListOf) else known
        )

    def sample(self, item: TypeRef) -> Any:
        """Return a serializer that gives ``item`` and has its fields made already, or None."""
        use = self._by_shape.get(item) if isinstance(item, ObjectShape) else None
        return None if use is None else use.serializer

    def of(self, serializer: Any, place: Place) -> Output:
        """Return what a serializer, nested or not, gives."""
        owner = type(serializer)
        row = SERIALIZERS.find(owner, unless_overridden="to_representation")
        if row is not None:
            return row(serializer, place, self)
        own = overrides(owner, "to_representation")
        known = self._told(serializer, place, own=own)
        if known is not None:
            return Output(known, provable=False)
        if isinstance(serializer, serializers.ListSerializer):
            if own:
                return self.unknown(place, f"{owner.__name__} writes its own list")
            child = self._child(serializer, place)
            return Output(ListOf(child.type, item_non_null=child.provable), fits=child.fits)
        if not isinstance(serializer, serializers.Serializer):
            return self.unknown(place, f"{owner.__name__} is not a Serializer")
        return Output(self.object(serializer, place), provable=not own)

    def unknown(self, place: Place, message: str) -> Output:
        """Report a serializer whose data has no known shape, and take ``JSON`` for it."""
        remedy = "annotate what its to_representation() returns"
        self._diagnostics.add(UNKNOWN_TYPE, place, f"{message}, JSON is assumed", remedy)
        return Output(JSON, provable=False)

    def object(
        self, serializer: Any, place: Place, retyped: Mapping[str, TypeRef] = _NOTHING
    ) -> TypeRef:
        """Return the object type of a serializer's fields; ``JSON`` where it shows none.

        ``retyped``: types of fields that are not what they look like.
        """
        place = place / type(serializer).__name__
        key = identity(serializer)
        use = self._by_class.get(key) if key is not None else self._recursion(serializer)
        if use is None:
            use = self._visit(serializer, key, place, retyped)
        if not use.shape.fields and all(frame.use is not use for frame in self._stack):
            return JSON
        if self._stack:
            use.parents.add(self._stack[-1].use.base + naming.pascal(place.steps[-2]))
        return use.shape

    def interface(
        self, names: tuple[str, ...], key: str, members: dict[str, ObjectShape]
    ) -> InterfaceShape:
        """Return the interface of ``members``; the same one for the same members."""
        identity_of = (names, key, tuple(members.items()))
        if identity_of not in self._interfaces:
            fallback = ObjectShape(tuple(f"Unknown{name}" for name in names))
            shape = InterfaceShape(names, key, members, fallback)
            fallback.interfaces.append(shape)
            self._interfaces[identity_of] = shape
        return self._interfaces[identity_of]

    def _child(self, many: serializers.ListSerializer[Any], place: Place) -> Output:
        if isinstance(many.child, serializers.BaseSerializer):
            return self.of(many.child, place)
        child = convert(many.child, self._context(many.child, None, self._names_at(place), place))
        # A field, other than a serializer, may write null for an item that is null.
        return replace(child, provable=False)

    def _told(self, serializer: Any, place: Place, *, own: bool) -> TypeRef | None:
        """Return what an annotation, an extension or an overridden ``to_representation()`` says
        that it writes.

        That it is some dict says nothing that the fields do not say better.
        """
        opaque = own or not isinstance(
            serializer, (serializers.ListSerializer, serializers.Serializer)
        )
        hint: Any = spectacular.declared(serializer)
        if hint is None and opaque:
            hint = spectacular_extensions.of_serializer(serializer)
        if hint is None and own:
            hint = return_hint(type(serializer).to_representation)
        names = ladder(type(serializer), base_name(serializer, self._options), self._options)
        known = None if hint is None else self.hints.type_of(hint, place, names)
        return None if known == JSON else known

    def _hinted_serializer(self, hint: Any, place: Place) -> TypeRef:
        return self.of(hint() if isinstance(hint, type) else hint, place).type

    def _hinted_field(self, hint: Any, place: Place) -> TypeRef:
        field = hint() if isinstance(hint, type) else hint
        return convert(field, self._context(field, None, self._names_at(place), place)).type

    def _recursion(self, serializer: Any) -> TypeUse | None:
        """Return the type being built further out for an equal serializer."""
        for frame in self._stack:
            same_class = frame.use.owner is type(serializer)
            if same_class and frame.arguments == arguments(serializer):
                return frame.use
        return None

    def _visit(
        self, serializer: Any, key: Hashable | None, place: Place, retyped: Mapping[str, TypeRef]
    ) -> TypeUse:
        owner = type(serializer)
        shape = ObjectShape((), description=docstring(owner))
        use = TypeUse(shape, owner, base_name(serializer, self._options), serializer)
        if key is None and len(self._stack) >= _DEEPEST:
            self._empty(place, "is nested too deep", "declare the type of this field")
            return use
        if key is not None:
            # Before its fields are read: they may lead back here.
            self._by_class[key] = use
        names = ladder(owner, use.base, self._options)
        self._stack.append(_Frame(use, names, arguments(serializer)))
        try:
            shape.fields.extend(self._fields(serializer, place, retyped))
        except Exception:
            self._by_class.pop(key, None)
            raise
        finally:
            self._stack.pop()
        if not shape.fields:
            self._empty(place, "shows no field", "give it a readable field")
            return use
        # A class made anew for each request is the same type each time.
        use = self._by_fields.setdefault((use.path, signature(shape)), use)
        if key is not None:
            self._by_class[key] = use
        self._by_shape.setdefault(use.shape, use)
        return use

    def _empty(self, place: Place, what: str, remedy: str) -> None:
        self._diagnostics.add(NO_FIELDS, place, f"{what}, JSON is assumed", remedy)

    def _fields(
        self, serializer: Any, place: Place, retyped: Mapping[str, TypeRef]
    ) -> Iterable[FieldShape]:
        """Give the fields that a serializer shows, and those that its ``Meta.gql_extra`` adds."""
        excluded = spectacular.excluded(type(serializer))
        deprecated = spectacular.deprecated(type(serializer))
        extra = getattr(getattr(serializer, "Meta", None), "gql_extra", {})
        for name, each in serializer.fields.items():
            if each.write_only or name in excluded or name in extra or is_hidden(each):
                continue
            if name in retyped:
                yield FieldShape(
                    name, retyped[name], description=text(each.help_text), trusted=False
                )
            else:
                yield self._field(each, serializer, place / name, deprecated=name in deprecated)
        for name, hint in {**retyped, **extra}.items():
            if name in extra or name not in serializer.fields:
                known = hint
                if name in extra:
                    known = self.hints.type_of(hint, place / name, self._names_in(name))
                yield FieldShape(name, known or JSON, trusted=False)

    def _field(self, each: Any, parent: Any, place: Place, *, deprecated: bool) -> FieldShape:
        model = getattr(getattr(parent, "Meta", None), "model", None)
        context = self._context(each, model, self._names_in(each.field_name), place)
        try:
            output = convert(each, context)
        except Exception as error:  # a field of a project's own may do anything
            output = context.unknown(
                f"reading the field raised {type(error).__name__}: {error}", "mend the field"
            )
        told = said(each, parent)
        proven = output.provable and proves(each, parent, context.source, self._options)
        sure = proven if told is None else told
        trusted = output.provable and output.fits and is_static(type(parent))
        return FieldShape(
            each.field_name, output.type, sure, text(each.help_text), deprecated, trusted
        )

    def _names_at(self, place: Place) -> tuple[str, ...]:
        """Return names for a type that something at ``place`` has for itself."""
        step = place.steps[-1]
        return self._names_in(step) if self._stack else (naming.pascal(step),)

    def _names_in(self, field_name: str) -> tuple[str, ...]:
        """Return names for a type that a field of the serializer being read has for itself."""
        suffix = naming.pascal(field_name)
        return tuple(name + suffix for name in self._stack[-1].names)

    def _follow(self, model: Any, path: tuple[str, ...]) -> Source:
        """Return where a path leads; several serializers of a model take the same ones."""
        if (model, path) not in self._sources:
            self._sources[model, path] = follow(model, path)
        return self._sources[model, path]

    def _context(self, each: Any, model: Any, names: tuple[str, ...], place: Place) -> FieldContext:
        path: tuple[str, ...] = tuple(getattr(each, "source_attrs", ()))
        own = len(self._stack) == 1 and model is not None
        return FieldContext(
            place=place,
            source=self._follow(model, path),
            annotation=self._annotations.get(path[0]) if own and len(path) == 1 else None,
            wished_names=names,
            types=self,
            enums=self._enums,
            hints=self.hints,
            options=self._options,
            diagnostics=self._diagnostics,
        )
