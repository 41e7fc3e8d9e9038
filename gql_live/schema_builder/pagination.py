"""Paginators to page types: the envelope that a list view puts around its rows (SCHEMA 9)."""

from collections.abc import Mapping
from typing import Any

from gql_live.schema_builder import naming
from gql_live.schema_builder.nullability import overrides
from gql_live.schema_builder.shapes import (
    BOOLEAN,
    FLOAT,
    INT,
    JSON,
    STRING,
    FieldShape,
    ListOf,
    ObjectShape,
    TypeRef,
)

_SCALARS = {"integer": INT, "number": FLOAT, "boolean": BOOLEAN, "string": STRING}
# A stand-in for the schema of the rows, to be found again in the envelope's.
_ROWS: Mapping[str, Any] = {"x-rows": True}


def paginates(paginator: Any) -> bool:
    """Whether a paginator ever makes a page: one without a size gives the plain list."""
    if paginator is None:
        return False
    sizes = ("page_size", "page_size_query_param", "default_limit", "limit_query_param")
    known = [name for name in sizes if hasattr(paginator, name)]
    return not known or any(getattr(paginator, name) for name in known)


class Pages:
    """All page types of one schema: the same rows in the same envelope are one type."""

    def __init__(self) -> None:
        self._shapes: dict[Any, ObjectShape] = {}

    def shape(self, paginator: Any, rows: ListOf, base: str) -> tuple[ObjectShape, str] | None:
        """Return the page type around ``rows`` and the key that holds them, or None for an
        unknown envelope.

        ``base`` begins the type's name.
        """
        schema = paginator.get_paginated_response_schema(dict(_ROWS))
        properties = schema.get("properties", {})
        rows_key = next((key for key, value in properties.items() if value == _ROWS), None)
        if rows_key is None:
            return None
        sure = not overrides(type(paginator), "get_paginated_response")
        required = schema.get("required", ()) if sure else ()
        fields = tuple(
            FieldShape(key, rows, non_null=sure, trusted=sure)
            if key == rows_key
            else FieldShape(key, _type(value), non_null=key in required, trusted=sure)
            for key, value in properties.items()
        )
        if (rows, fields) not in self._shapes:
            names = (f"{base}Page", f"{base}{naming.pascal(type(paginator).__name__)}Page")
            self._shapes[rows, fields] = ObjectShape(names, list(fields), wrapper=True)
        return self._shapes[rows, fields], rows_key


def _type(schema: Mapping[str, Any]) -> TypeRef:
    kind = schema.get("type")
    if kind == "array":
        return ListOf(_type(schema.get("items", {})))
    return _SCALARS.get(str(kind), JSON)
