"""Extensions that a project has registered with drf-spectacular are asked here, too."""

from typing import Any

import pytest
from drf_spectacular.extensions import (
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tests.schema_builder.building import (
    build_serializer,
    field_types,
    messages,
    serializer_for,
)
from tests.schema_builder.catalog.models import Book, Shelf

SHELF = serializer_for(Shelf, {"id": ..., "code": ...}, "ShelfSerializer")


class Stars(serializers.Field):  # type: ignore[type-arg]
    """A field that an extension knows."""

    schema: Any = {"type": "array", "items": {"type": "integer"}}

    def to_representation(self, value):  # type: ignore[no-untyped-def]  # the extension says it
        return [1]


class StarsExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = f"{__name__}.Stars"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        schema = self.target.schema
        return schema(auto_schema, direction) if callable(schema) else schema


class Shout(serializers.CharField):
    """A field that writes as its base does, which an extension knows better."""


class ShoutExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = f"{__name__}.Shout"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return auto_schema._map_basic_serializer(SHELF, direction)["properties"]["id"]


def _one_shelf(auto_schema: Any, direction: Any) -> Any:
    return auto_schema.resolve_serializer(SHELF, direction).ref


def _shelves(auto_schema: Any, direction: Any) -> Any:
    return {"type": "array", "items": _one_shelf(auto_schema, direction)}


def _perhaps_a_shelf(auto_schema: Any, direction: Any) -> Any:
    return {"oneOf": [_one_shelf(auto_schema, direction), {"type": "null"}]}


def _of_the_views_model(auto_schema: Any, direction: Any) -> Any:
    assert auto_schema.view.queryset.model is Book
    return {"type": "string"}


def _fails(auto_schema: Any, direction: Any) -> Any:
    raise RuntimeError


SCHEMAS: list[Any] = [
    pytest.param(Stars.schema, "[Int]", id="a schema"),
    pytest.param({"type": "string", "format": "date"}, "Date", id="a format"),
    pytest.param({"enum": ["a", "b"]}, "BookField", id="an enum"),
    pytest.param(_one_shelf, "Shelf", id="a serializer"),
    pytest.param(_shelves, "[Shelf]", id="serializers"),
    pytest.param(_perhaps_a_shelf, "Shelf", id="a serializer or null"),
    pytest.param(_of_the_views_model, "String", id="what its view says"),
]


@pytest.mark.parametrize(("schema", "sdl"), SCHEMAS)
def test_an_extension_gives_the_type_of_its_field(schema: Any, sdl: str) -> None:
    field = type(
        "MoreStars", (Stars,), {"schema": staticmethod(schema) if callable(schema) else schema}
    )()
    built = build_serializer(serializer_for(Book, {"id": ..., "field": field}))
    assert field_types(built, "Book")["field"] == sdl
    assert messages(built) == []


def test_an_extension_that_fails_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    field = type("MoreStars", (Stars,), {"schema": staticmethod(_fails)})()
    built = build_serializer(serializer_for(Book, {"field": field}))
    assert field_types(built, "Book") == {"field": "JSON"}
    assert "MoreStars writes its own value" in messages(built)[0]
    assert capsys.readouterr() == ("", "")


def test_an_extension_knows_a_class_better_than_the_row_of_its_base() -> None:
    built = build_serializer(serializer_for(Book, {"title": Shout()}))
    assert field_types(built, "Book") == {"title": "Int"}


def test_an_annotation_counts_more_than_an_extension() -> None:
    field = extend_schema_field(OpenApiTypes.DATE)(type("MoreStars", (Stars,), {}))()
    assert field_types(build_serializer(serializer_for(Book, {"field": field})), "Book") == {
        "field": "Date"
    }


class Sealed(serializers.BaseSerializer[Book]):
    """A serializer that an extension knows."""

    def to_representation(self, instance):  # type: ignore[no-untyped-def]  # the extension says it
        return {"size": 1}


class SealedExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = f"{__name__}.Sealed"

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        return {"type": "object", "properties": {"size": {"type": "integer"}}}


def test_an_extension_gives_the_type_of_its_serializer() -> None:
    built = build_serializer(serializer_for(Book, {"id": ..., "sealed": Sealed(source="*")}))
    assert field_types(built, "Book")["sealed"] == "Sealed"
    assert field_types(built, "Sealed") == {"size": "Int"}
    assert messages(built) == []
