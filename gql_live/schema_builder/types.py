"""Serializers to object types. A type is a serializer class *and* the fields that it shows
(SCHEMA 6).
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rest_framework import serializers

from gql_live.schema_builder import naming
from gql_live.schema_builder.descriptions import docstring, text
from gql_live.schema_builder.diagnostics import NO_FIELDS, UNKNOWN_TYPE, Diagnostics, Place
from gql_live.schema_builder.enums import Enums
from gql_live.schema_builder.fields import FieldContext, Output, convert
from gql_live.schema_builder.hints import Hints
from gql_live.schema_builder.nullability import overrides, proves, said
from gql_live.schema_builder.options import Options
from gql_live.schema_builder.shapes import JSON, FieldShape, ListOf, ObjectShape, TypeRef
from gql_live.schema_builder.sources import follow, return_hint
from gql_live.schema_builder.type_names import TypeUse, base_name

_DEEPEST = 10
# A class that defines one of these may show other fields from instance to instance.
_CHOOSING = (
    "__init__",
    "__new__",
    "fields",
    "get_extra_kwargs",
    "get_field_names",
    "get_fields",
    "include_extra_kwargs",
)


@dataclass(eq=False)
class _Frame:
    """A serializer whose fields are being read: what a recursion comes back to."""

    use: TypeUse
    arguments: tuple[Any, Any]
    fields: list[FieldShape] = field(default_factory=list)


class ObjectTypes:
    """All object types of one schema."""

    def __init__(self, options: Options, enums: Enums, diagnostics: Diagnostics) -> None:
        self._options = options
        self._enums = enums
        self._diagnostics = diagnostics
        self.hints = Hints(options, enums, lambda hint, place: self.of(hint(), place).type)
        self._by_class: dict[Hashable, TypeUse] = {}
        self._by_fields: dict[Hashable, TypeUse] = {}
        self._by_shape: dict[ObjectShape, TypeUse] = {}
        self._stack: list[_Frame] = []

    @property
    def uses(self) -> Iterable[TypeUse]:
        """Every type that came from a serializer, with where it is used."""
        return self._by_shape.values()

    def root(self, serializer: Any, place: Place, root: str) -> TypeRef:
        """Return the type of what a view gives; ``root`` is the wish for the name of a second
        type of its class.
        """
        output = self.of(serializer, place)
        if isinstance(output.type, ObjectShape) and output.type in self._by_shape:
            self._by_shape[output.type].roots.add(root)
        return output.type

    def of(self, serializer: Any, place: Place) -> Output:
        """Return what a serializer, nested or not, gives."""
        owner = type(serializer)
        own = overrides(owner, "to_representation")
        hinted = self._hinted(serializer, place) if own else None
        if hinted is not None:
            return hinted
        if isinstance(serializer, serializers.ListSerializer):
            if own:
                return self._unknown(place, f"{owner.__name__} writes its own list")
            child = self._child(serializer, place)
            return Output(ListOf(child.type, item_non_null=child.provable))
        if not isinstance(serializer, serializers.Serializer):
            return self._unknown(place, f"{owner.__name__} is not a Serializer")
        return Output(self._object(serializer, place / owner.__name__), provable=not own)

    def _child(self, many: serializers.ListSerializer[Any], place: Place) -> Output:
        if isinstance(many.child, serializers.BaseSerializer):
            return self.of(many.child, place)
        return convert(many.child, self._context(many.child, None, (), place))

    def _hinted(self, serializer: Any, place: Place) -> Output | None:
        """Return what an overridden ``to_representation()`` says that it returns; a plain dict
        says nothing new.
        """
        hint = return_hint(type(serializer).to_representation)
        known = self.hints.type_of(hint, place, ())
        return None if known is None or known == JSON else Output(known, provable=False)

    def _unknown(self, place: Place, message: str) -> Output:
        remedy = "annotate what its to_representation() returns"
        self._diagnostics.add(UNKNOWN_TYPE, place, f"{message}, JSON is assumed", remedy)
        return Output(JSON, provable=False)

    def _object(self, serializer: serializers.Serializer[Any], place: Place) -> TypeRef:
        identity = _identity(serializer)
        use = self._by_class.get(identity) if identity is not None else self._recursion(serializer)
        if use is None:
            use = self._visit(serializer, identity, place)
        if not use.shape.fields and all(frame.use is not use for frame in self._stack):
            return JSON
        if self._stack:
            use.parents.add(self._stack[-1].use.base + naming.pascal(place.steps[-2]))
        return use.shape

    def _recursion(self, serializer: Any) -> TypeUse | None:
        """Return the type being built further out for a serializer of this class with the same
        arguments.
        """
        for frame in self._stack:
            same_class = frame.use.owner is type(serializer)
            if same_class and frame.arguments == _arguments(serializer):
                return frame.use
        return None

    def _visit(
        self, serializer: serializers.Serializer[Any], identity: Hashable | None, place: Place
    ) -> TypeUse:
        owner = type(serializer)
        shape = ObjectShape((), description=docstring(owner))
        use = TypeUse(shape, owner, base_name(serializer, self._options))
        if identity is not None:
            # Before its fields are read: they may lead back here.
            self._by_class[identity] = use
        if len(self._stack) >= _DEEPEST:
            self._diagnostics.add(
                NO_FIELDS,
                place,
                "nested too deep, JSON is assumed",
                "declare the type of this field",
            )
            return use
        self._stack.append(_Frame(use, _arguments(serializer)))
        try:
            for each in self._readable(serializer, place):
                shape.fields.append(self._field(each, serializer, place / each.field_name))
        finally:
            self._stack.pop()
        if not shape.fields:
            self._diagnostics.add(
                NO_FIELDS, place, "shows no field, JSON is assumed", "give it a readable field"
            )
            return use
        if identity is None:
            use = self._by_fields.setdefault((owner, _signature(shape)), use)
        self._by_shape.setdefault(use.shape, use)
        return use

    def _readable(self, serializer: serializers.Serializer[Any], place: Place) -> list[Any]:
        try:
            return [each for each in serializer.fields.values() if not each.write_only]
        except Exception as error:  # a project's get_fields() may do anything
            self._diagnostics.add(
                UNKNOWN_TYPE,
                place,
                f"its fields cannot be read without a request ({type(error).__name__}: {error})",
                "let get_fields() work for a request without parameters",
            )
            return []

    def _field(self, each: Any, parent: serializers.Serializer[Any], place: Place) -> FieldShape:
        base = self._stack[-1].use.base
        model = getattr(getattr(parent, "Meta", None), "model", None)
        context = self._context(each, model, (base + naming.pascal(each.field_name),), place)
        try:
            output = convert(each, context)
        except Exception as error:  # a field of a project's own may do anything
            output = context.unknown(
                f"reading the field raised {type(error).__name__}: {error}", "mend the field"
            )
        sure = said(each, parent)
        if sure is None:
            sure = output.provable and proves(each, parent, context.source, self._options)
        return FieldShape(each.field_name, output.type, sure, text(each.help_text))

    def _context(self, each: Any, model: Any, names: tuple[str, ...], place: Place) -> FieldContext:
        return FieldContext(
            place=place,
            source=follow(model, getattr(each, "source_attrs", ())),
            wished_names=names,
            types=self,
            enums=self._enums,
            hints=self.hints,
            options=self._options,
            diagnostics=self._diagnostics,
        )


def _identity(serializer: serializers.Serializer[Any]) -> Hashable | None:
    """Return what alone decides the fields of a serializer, or None where only reading them
    tells.
    """
    owner = type(serializer)
    if owner.__qualname__.endswith("build_nested_field.<locals>.NestedSerializer"):
        # Meta.depth makes a new class for each use.
        meta: Any = getattr(owner, "Meta", None)
        return (owner.__bases__, meta.model, meta.depth)
    return None if overrides(owner, *_CHOOSING) else owner


def _arguments(serializer: Any) -> tuple[Any, Any]:
    # Set by DRF's Field.__new__; what says nothing about the fields is left out.
    arguments = dict(serializer._kwargs)  # noqa: SLF001
    for name in (
        "many",
        "read_only",
        "required",
        "allow_null",
        "source",
        "help_text",
        "label",
        "context",
    ):
        arguments.pop(name, None)
    return serializer._args, arguments  # noqa: SLF001


def _signature(shape: ObjectShape) -> Hashable:
    """Return the fields of a type such that equal types have equal signatures, self-references
    included.
    """

    def mark(reference: TypeRef) -> Hashable:
        if isinstance(reference, ListOf):
            return ("list", mark(reference.item), reference.item_non_null)
        return "itself" if reference is shape else reference

    return tuple((each.key, mark(each.type), each.non_null) for each in shape.fields)
