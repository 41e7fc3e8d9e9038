"""JSON Schema to GraphQL types: what annotations, paginators and filter backends write down."""

from collections.abc import Mapping
from typing import Any

from gql_live.schema_builder import naming
from gql_live.schema_builder.enums import Enums
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
    FieldShape,
    ListOf,
    ObjectShape,
    Scalar,
    TypeRef,
)

_TYPES: Mapping[str, Scalar] = {
    "boolean": BOOLEAN,
    "integer": INT,
    "number": FLOAT,
    "string": STRING,
}
_FORMATS: Mapping[tuple[str, str], Scalar] = {
    ("integer", "int64"): BIG_INT,
    ("integer", "uint32"): BIG_INT,
    ("integer", "uint64"): BIG_INT,
    ("string", "date"): DATE,
    ("string", "date-time"): DATE_TIME,
    ("string", "decimal"): DECIMAL,
    ("string", "duration"): DURATION,
    ("string", "time"): TIME,
    ("string", "uuid"): UUID,
}


class JsonSchemas:
    """Converts schemas; equal objects under one name are one type."""

    def __init__(self, enums: Enums) -> None:
        self._enums = enums
        self._objects: dict[tuple[tuple[str, ...], tuple[FieldShape, ...]], ObjectShape] = {}

    def type_of(self, schema: Mapping[str, Any], names: tuple[str, ...]) -> TypeRef:
        """Return the type of a schema, ``JSON`` where GraphQL has none for it.

        ``names``: the wished names for an object or enum in it.
        """
        schema = _flat(schema)
        kind = _kind(schema)
        if "enum" in schema:
            return self._enums.shape({value: str(value) for value in schema["enum"]}, names)
        if kind == "array":
            return ListOf(self.type_of(schema.get("items") or {}, names))
        if kind == "object" and schema.get("properties"):
            return self._object(schema, names)
        return _FORMATS.get((kind, str(schema.get("format")))) or _TYPES.get(kind, JSON)

    def _object(self, schema: Mapping[str, Any], names: tuple[str, ...]) -> ObjectShape:
        fields = tuple(
            FieldShape(
                key,
                self.type_of(value, tuple(name + naming.pascal(key) for name in names)),
                description=str(value.get("description", "")),
                trusted=False,
            )
            for key, value in schema["properties"].items()
        )
        shape = ObjectShape(names, [*fields], str(schema.get("description", "")))
        return self._objects.setdefault((names, fields), shape)


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, (list, tuple)):
        # JSON Schema 2020-12 writes what may be null as a list of types.
        kinds = [each for each in kind if each != "null"]
        return str(kinds[0]) if len(kinds) == 1 else ""
    if kind is None and "properties" in schema:
        return "object"
    return str(kind)


def _flat(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Merge ``allOf``, and open a ``oneOf`` or ``anyOf`` of one type and null."""
    for key in ("oneOf", "anyOf"):
        given = [each for each in schema.get(key, ()) if each.get("type") != "null"]
        if len(given) == 1:
            return _flat({**schema, key: (), **given[0]})
    if not schema.get("allOf"):
        return schema
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in map(_flat, schema["allOf"]):
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        merged.update(part)
        if properties:
            merged["properties"] = properties
    return merged
