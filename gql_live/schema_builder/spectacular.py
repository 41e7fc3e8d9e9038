"""What a project has told drf-spectacular about its serializers, read without that package.

The decorators leave a dict on what they decorate; its keys are their public arguments.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gql_live.schema_builder.shapes import (
    BIG_INT,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STRING,
    TIME,
    UUID,
    Scalar,
)

_SCALARS: Mapping[str, Scalar] = {
    "ANY": JSON,
    "BOOL": BOOLEAN,
    "DATE": DATE,
    "DATETIME": DATE_TIME,
    "DECIMAL": DECIMAL,
    "DOUBLE": FLOAT,
    "DURATION": DURATION,
    "FLOAT": FLOAT,
    "INT": INT,
    "INT32": INT,
    "INT64": BIG_INT,
    "JSON_PTR": STRING,
    "NUMBER": FLOAT,
    "OBJECT": JSON,
    "TIME": TIME,
    "UINT16": INT,
    "UINT32": BIG_INT,
    "UINT64": BIG_INT,
    "UUID": UUID,
}


@dataclass(frozen=True)
class Declared:
    """What ``@extend_schema_field`` was given: a type, serializer, field, JSON schema, or None."""

    payload: Any


def declared(annotated: Any) -> Declared | None:
    """Return what a function, field class or field instance was annotated with, or None."""
    payload = _annotation(annotated).get("field", annotated)
    return None if payload is annotated else Declared(payload)


def component_name(serializer: type) -> str | None:
    """Return the ``component_name`` that ``@extend_schema_serializer`` gave to this very class."""
    name = vars(serializer).get("_spectacular_annotation", {}).get("component_name")
    return None if name is None else str(name)


def excluded(serializer: type) -> frozenset[str]:
    """Return the fields that ``@extend_schema_serializer`` leaves out of the schema."""
    return frozenset(_annotation(serializer).get("exclude_fields") or ())


def deprecated(serializer: type) -> frozenset[str]:
    """Return the fields that ``@extend_schema_serializer`` calls deprecated."""
    return frozenset(_annotation(serializer).get("deprecate_fields") or ())


def is_one(serializer: Any) -> bool:
    """Whether ``@extend_schema_serializer(many=False)`` says that a list is answered with one."""
    return _annotation(serializer).get("many") is False


def open_api_scalar(payload: Any) -> Scalar | None:
    """Return the scalar of an ``OpenApiTypes`` member; those with a format of text are text."""
    if type(payload).__name__ != "OpenApiTypes":
        return None
    return _SCALARS.get(payload.name, STRING)


def _annotation(annotated: Any) -> Mapping[str, Any]:
    while isinstance(annotated, functools.partial):
        annotated = annotated.func
    found = getattr(annotated, "_spectacular_annotation", None)
    return found if isinstance(found, Mapping) else {}
