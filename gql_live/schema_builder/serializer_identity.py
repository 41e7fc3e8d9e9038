"""When two serializers are one type: the same class where the class alone decides the fields, else
the same fields.
"""

from collections.abc import Hashable
from typing import Any

from gql_live.schema_builder.overriding import overrides
from gql_live.schema_builder.shapes import ListOf, ObjectShape, TypeRef

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
# Arguments of a serializer that say nothing about its fields.
_OUTWARD = (
    "allow_null",
    "context",
    "default",
    "help_text",
    "label",
    "many",
    "read_only",
    "required",
    "source",
)


def is_depth_nested(serializer: type) -> bool:
    """Whether ``Meta.depth`` made the class: a new one, of the same name, for each use."""
    return serializer.__qualname__.endswith("build_nested_field.<locals>.NestedSerializer")


def identity(serializer: Any) -> Hashable | None:
    """Return what alone decides the fields of a serializer, None where only reading them tells."""
    owner = type(serializer)
    if is_depth_nested(owner):
        return (owner.__bases__, owner.Meta.model, owner.Meta.depth)
    return None if overrides(owner, *_CHOOSING) else (owner,)


def arguments(serializer: Any) -> tuple[Any, Any]:
    """Return what a serializer was made with, as far as it can concern its fields."""
    # Set by DRF's Field.__new__, and what its own deep copies are made from.
    given = {key: value for key, value in serializer._kwargs.items() if key not in _OUTWARD}  # noqa: SLF001
    return serializer._args, given  # noqa: SLF001


def signature(shape: ObjectShape) -> Hashable:
    """Return a type's fields, such that equal types have equal ones; recursion included."""

    def mark(reference: TypeRef) -> Hashable:
        if isinstance(reference, ListOf):
            return ("list", mark(reference.item), reference.item_non_null)
        return "itself" if reference is shape else reference

    return tuple((each.key, mark(each.type), each.non_null) for each in shape.fields)
