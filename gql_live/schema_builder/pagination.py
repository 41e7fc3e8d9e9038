"""Paginators to page types: the envelope that a list view puts around its rows (SCHEMA 9)."""

from collections.abc import Hashable, Mapping
from typing import Any

from gql_live.schema_builder import naming
from gql_live.schema_builder.json_schema import JsonSchemas
from gql_live.schema_builder.overriding import overrides
from gql_live.schema_builder.probe import ProbedView
from gql_live.schema_builder.shapes import JSON, FieldShape, ObjectShape, TypeRef

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

    def __init__(self, schemas: JsonSchemas) -> None:
        self._schemas = schemas
        self._shapes: dict[Hashable, ObjectShape] = {}

    def shape(self, probed: ProbedView, rows: TypeRef, base: str) -> tuple[ObjectShape, str] | None:
        """Return the page type around ``rows`` and the key that holds them; None: no envelope.

        ``base`` begins the type's name. An envelope that a project writes itself promises nothing.
        """
        paginator: Any = probed.view.paginator
        schema = paginator.get_paginated_response_schema(dict(_ROWS))
        properties: Mapping[str, Any] = schema.get("properties", {})
        rows_key = next((key for key, value in properties.items() if value == _ROWS), None)
        stock = not any(
            overrides(owner, "get_paginated_response")
            for owner in (type(paginator), probed.endpoint.view)
        )
        if not stock:
            properties, rows_key = _as_written(probed, properties, rows_key)
        if rows_key is None:
            return None
        required = schema.get("required", ()) if stock else ()
        fields = tuple(
            FieldShape(key, rows, non_null=stock, trusted=stock)
            if key == rows_key
            else FieldShape(
                key, self._type(value, base + naming.pascal(key)), key in required, trusted=stock
            )
            for key, value in properties.items()
        )
        if (rows, fields) not in self._shapes:
            names = (f"{base}Page", f"{base}{naming.pascal(type(paginator).__name__)}Page")
            self._shapes[rows, fields] = ObjectShape(names, [*fields], wrapper=True)
        return self._shapes[rows, fields], rows_key

    def _type(self, schema: Any, name: str) -> TypeRef:
        return self._schemas.type_of(schema, (name,)) if isinstance(schema, Mapping) else JSON


def _as_written(
    probed: ProbedView, declared: Mapping[str, Any], rows_key: str | None
) -> tuple[Mapping[str, Any], str | None]:
    """Return the envelope as the view really writes it around no rows, and the key of the rows.

    What is declared stands where the view cannot be tried with an empty request.
    """
    model: Any = probed.endpoint.model
    rows: list[Any] = []
    try:
        probed.view.paginate_queryset(model._default_manager.none())
        data: Any = probed.view.get_paginated_response(rows).data
    except Exception:  # a project's paginator may need more than an empty request
        return declared, rows_key
    if not isinstance(data, Mapping):
        return {}, None
    written_key = next((key for key, value in data.items() if value is rows), None)
    return {key: declared.get(key, {}) for key in data}, written_key
