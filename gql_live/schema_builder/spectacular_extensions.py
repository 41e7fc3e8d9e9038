"""What extensions that are registered with drf-spectacular say of fields and serializers.

A project that has written them for its OpenAPI schema need not write them again. Nothing is
imported for them: who has registered one has imported that package.
"""

import importlib
import sys
from collections.abc import Mapping
from typing import Any

from gql_live.schema_builder.spectacular import Declared

_REFERENCE = "#/components/schemas/"


def of_field(field: Any) -> Declared | None:
    """Return what an extension says of a serializer field, None where there is none."""
    return _asked(field, "OpenApiSerializerFieldExtension", "map_serializer_field")


def of_serializer(serializer: Any) -> Declared | None:
    """Return what an extension says of a serializer, None where there is none."""
    return _asked(serializer, "OpenApiSerializerExtension", "map_serializer")


def _asked(target: Any, kind: str, mapping: str) -> Declared | None:
    registry = sys.modules.get("drf_spectacular.extensions")
    extension = getattr(registry, kind).get_match(target) if registry is not None else None
    if extension is None:
        return None
    inspector = _inspector(target)
    try:
        with importlib.import_module("drf_spectacular.drainage").GENERATOR_STATS.silence():
            schema = getattr(extension, mapping)(inspector, "response")
        return Declared(_told(schema, inspector.registry))
    except Exception:  # it may need more of drf-spectacular than an inspector
        return None


def _inspector(target: Any) -> Any:
    """Return what drf-spectacular would hand to an extension."""
    inspector = importlib.import_module("drf_spectacular.openapi").AutoSchema()
    inspector.registry = importlib.import_module("drf_spectacular.plumbing").ComponentRegistry()
    inspector.view = getattr(target, "context", {}).get("view")
    inspector.method, inspector.path = "GET", ""
    return inspector


def _told(schema: Any, components: Any) -> Any:
    """Return the serializer that a schema refers to, or the schema itself."""
    if not isinstance(schema, Mapping):
        return schema
    for key in ("allOf", "anyOf", "oneOf"):
        parts = [each for each in schema.get(key, ()) if each.get("type") != "null"]
        if len(parts) == 1:
            return _told(parts[0], components)
    row = _referred(schema.get("items") or {}, components)
    if row is not None:
        return type(row)(many=True)
    return _referred(schema, components) or schema


def _referred(schema: Mapping[str, Any], components: Any) -> Any:
    reference = str(schema.get("$ref", ""))
    if not reference.startswith(_REFERENCE):
        return None
    return components[reference.removeprefix(_REFERENCE), "schemas"].object
