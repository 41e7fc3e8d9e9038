"""What method fields say that they return: hints, and annotations made for drf-spectacular."""

import datetime
import decimal
import enum
import functools
import ipaddress
import typing
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, TypedDict, Union

import pytest
from django.db import models
from rest_framework import serializers
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList
from typing_extensions import TypeAliasType

from gql_live.schema_builder import BuiltSchema, Options
from tests.schema_builder.building import (
    build_serializer,
    enum_values,
    field_types,
    messages,
    serializer_for,
)
from tests.schema_builder.catalog.models import Book, Shelf

if typing.TYPE_CHECKING:
    from nowhere import Nothing  # type: ignore[import-not-found]  # exists for a type checker only


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Level(models.IntegerChoices):
    LOW = 1
    HIGH = 2


class Point(TypedDict):
    x: float
    label: str | None
    at: datetime.datetime


class Pair(NamedTuple):
    a: int
    b: str


class Money(str):
    """A string of the project's own."""

    __slots__ = ()


Key = NewType("Key", int)
SHELF = serializer_for(Shelf, {"id": ...}, "ShelfSerializer")


class ShelfBrief(serializers.ModelSerializer[Shelf]):
    class Meta:
        model = Shelf
        fields = ["code"]


def with_method(method: Callable[..., Any], options: Options | None = None) -> BuiltSchema:
    """Build the schema of a serializer with one method field."""
    field = serializers.SerializerMethodField()
    serializer = type(
        "BookSerializer",
        (serializers.ModelSerializer,),
        {
            "field": field,
            "get_field": method,
            "Meta": type("Meta", (), {"model": Book, "fields": ["id", "field"]}),
        },
    )
    return build_serializer(serializer, options)


def returning(hint: Any) -> Callable[..., Any]:
    def method(self: Any, row: Any) -> Any: ...

    method.__annotations__["return"] = hint
    return method


def annotated(payload: Any) -> Callable[..., Any]:
    """Return a method as ``@extend_schema_field(payload)`` leaves it."""

    def method(self, row): ...  # type: ignore[no-untyped-def]  # only annotated

    method._spectacular_annotation = {"field": payload}  # type: ignore[attr-defined]
    return method


HINTS: list[Any] = [
    (int, "Int"),
    (str, "String"),
    (float, "Float"),
    (bool, "Boolean"),
    (bytes, "String"),
    (decimal.Decimal, "Float"),
    (datetime.datetime, "DateTime"),
    (datetime.date, "Date"),
    (datetime.time, "Time"),
    (datetime.timedelta, "String"),
    (uuid.UUID, "UUID"),
    (ipaddress.IPv4Address, "String"),
    (dict, "JSON"),
    (Any, "JSON"),
    (object, "JSON"),
    (Mapping[str, int], "JSON"),
    (OrderedDict[str, int], "JSON"),
    (defaultdict[str, int], "JSON"),
    (ReturnDict, "JSON"),
    (ReturnList, "[JSON]"),
    (list, "[JSON]"),
    (list[int], "[Int]"),
    (typing.List[str], "[String]"),  # noqa: UP006  # the old spelling is the point
    (Sequence[datetime.date], "[Date]"),
    (Iterable[str], "[String]"),
    (set[str], "[String]"),
    (frozenset[int], "[Int]"),
    (tuple[int, ...], "[Int]"),
    (tuple[int, int], "[Int]"),
    (tuple[int, str], "[JSON]"),
    (tuple, "[JSON]"),
    (Pair, "[JSON]"),
    (list[list[int]], "[[Int]]"),
    (Optional[int], "Int"),  # noqa: UP045  # the old spelling is the point
    (int | None, "Int"),
    (list[int | None] | None, "[Int]"),
    (int | str, "JSON"),
    (Union[int, str, None], "JSON"),  # noqa: UP007  # the old spelling is the point
    (Annotated[int, "pages"], "Int"),
    (Key, "Int"),
    (TypeAliasType("Pages", list[int]), "[Int]"),  # what ``type Pages = list[int]`` makes
    (TypeAliasType("Perhaps", int | None), "Int"),
    (Money, "String"),
    (Mood, "Mood"),
    (Level, "Int"),
    (Literal["a", "b"], "BookField"),
    (Literal[1, 2], "Int"),
    (Literal["a", None], "BookField"),
    (list[Mood], "[Mood]"),
    (Point, "Point"),
    (list[Point], "[Point]"),
    (ShelfBrief, "ShelfBrief"),
    (serializers.DateField, "Date"),
]


@pytest.mark.parametrize(("hint", "sdl"), HINTS, ids=[str(hint) for hint, _ in HINTS])
def test_a_hint_gives_its_type_without_a_warning(hint: Any, sdl: str) -> None:
    built = with_method(returning(hint))
    assert field_types(built, "Book")["field"] == sdl
    assert messages(built) == []


@pytest.mark.parametrize("hint", ["Nothing", Book, "Unknown[int]"], ids=str)
def test_a_hint_that_says_nothing_is_reported(hint: Any) -> None:
    built = with_method(returning(hint))
    assert field_types(built, "Book")["field"] == "JSON"
    assert "annotate the return type of BookSerializer.get_field()" in messages(built)[0]


def test_a_hint_for_a_type_checker_only_spoils_no_other_method() -> None:
    def method(self: "Nothing", row: Any) -> int:
        return 1

    assert field_types(with_method(method), "Book")["field"] == "Int"


def test_a_method_is_found_behind_decorators() -> None:
    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*arguments: Any) -> Any:
            return function(*arguments)

        return wrapper

    @decorator
    def method(self: Any, row: Any) -> datetime.date:
        return datetime.date.min

    assert field_types(with_method(method), "Book")["field"] == "Date"


def test_a_typed_dict_is_an_object_type() -> None:
    built = with_method(returning(Point))
    assert field_types(built, "Point") == {"x": "Float", "label": "String", "at": "DateTime"}


def test_an_enum_class_keeps_its_values() -> None:
    assert enum_values(with_method(returning(Mood)), "Mood") == {"good": "good", "bad": "bad"}


def test_integers_of_hints_may_be_big() -> None:
    built = with_method(returning(int), Options(plain_integers="bigint"))
    assert field_types(built, "Book")["field"] == "BigInt"


class OpenApiTypes(enum.Enum):
    """The enum of that name, as far as it matters: its members are known by their names."""

    INT = enum.auto()
    INT64 = enum.auto()
    DATETIME = enum.auto()
    DECIMAL = enum.auto()
    OBJECT = enum.auto()
    EMAIL = enum.auto()


ANNOTATIONS: list[Any] = [
    pytest.param(OpenApiTypes.INT, "Int", id="int"),
    pytest.param(OpenApiTypes.INT64, "BigInt", id="int64"),
    pytest.param(OpenApiTypes.DATETIME, "DateTime", id="datetime"),
    pytest.param(OpenApiTypes.DECIMAL, "Decimal", id="decimal"),
    pytest.param(OpenApiTypes.OBJECT, "JSON", id="object"),
    pytest.param(OpenApiTypes.EMAIL, "String", id="email"),
    pytest.param(int, "Int", id="a Python type"),
    pytest.param(list[str], "[String]", id="a typing construct"),
    pytest.param(SHELF, "Shelf", id="a serializer class"),
    pytest.param(SHELF(many=True), "[Shelf]", id="a serializer of many"),
    pytest.param(serializers.DateField(), "Date", id="a field"),
    pytest.param(serializers.FloatField, "Float", id="a field class"),
    pytest.param({"type": "string"}, "String", id="a JSON schema"),
    pytest.param({"type": "string", "format": "uuid"}, "UUID", id="a format"),
    pytest.param({"type": "integer", "format": "int64"}, "BigInt", id="a wide integer"),
    pytest.param({"type": "array", "items": {"type": "number"}}, "[Float]", id="an array"),
    pytest.param({"type": "array"}, "[JSON]", id="an array of anything"),
    pytest.param({"type": ["string", "null"]}, "String", id="a list of types with null"),
    pytest.param({"type": ["string", "integer"]}, "JSON", id="a list of types"),
    pytest.param({"oneOf": [{"type": "boolean"}, {"type": "null"}]}, "Boolean", id="one or null"),
    pytest.param({"oneOf": [{"type": "boolean"}, {"type": "string"}]}, "JSON", id="one of two"),
    pytest.param({"type": "object", "additionalProperties": {}}, "JSON", id="a free object"),
    pytest.param({"type": "object", "properties": {"a": {}}}, "BookField", id="an object"),
    pytest.param({"properties": {"a": {"type": "string"}}}, "BookField", id="an object untyped"),
    pytest.param({"enum": ["x", "y"]}, "BookField", id="an enum"),
    pytest.param({"$ref": "#/components/schemas/Book"}, "JSON", id="a reference"),
]


@pytest.mark.parametrize(("payload", "sdl"), ANNOTATIONS)
def test_an_annotation_gives_its_type(payload: Any, sdl: str) -> None:
    built = with_method(annotated(payload))
    assert field_types(built, "Book")["field"] == sdl
    assert messages(built) == []


def test_an_annotation_counts_more_than_the_hint() -> None:
    method = returning(str)
    method._spectacular_annotation = {"field": int}  # type: ignore[attr-defined]
    assert field_types(with_method(method), "Book")["field"] == "Int"


def test_an_annotation_of_none_hides_the_field() -> None:
    assert field_types(with_method(annotated(None)), "Book") == {"id": "ID!"}


def test_objects_in_a_json_schema_are_types() -> None:
    point = {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}}}
    schema = {
        "allOf": [
            {"properties": {"from": point}},
            {"properties": {"tags": {"type": "array", "items": {"type": "string"}}}},
        ]
    }
    built = with_method(annotated(schema))
    assert field_types(built, "BookField") == {"from": "BookFieldFrom", "tags": "[String]"}
    assert field_types(built, "BookFieldFrom") == {"x": "Float", "y": "Float"}


class Coloured(serializers.CharField):
    """A field class that is annotated as a whole."""

    _spectacular_annotation = {
        "field": {"type": "object", "properties": {"hex": {"type": "string"}}}
    }

    def to_representation(self, value):  # type: ignore[no-untyped-def]  # only annotated
        return {"hex": value}


def test_a_field_class_may_be_annotated() -> None:
    built = build_serializer(serializer_for(Book, {"colour": Coloured()}))
    assert field_types(built, "BookColour") == {"hex": "String"}


def test_a_property_of_the_model_may_be_annotated() -> None:
    def age(self): ...  # type: ignore[no-untyped-def]  # only annotated

    age._spectacular_annotation = {"field": OpenApiTypes.DATETIME}  # type: ignore[attr-defined]
    proxy = type(
        "AnnotatedBook",
        (Book,),
        {
            "__module__": __name__,
            "told": property(age),
            "Meta": type("Meta", (), {"proxy": True, "app_label": "catalog"}),
        },
    )
    built = build_serializer(serializer_for(proxy, {"told": ...}))
    assert field_types(built, "Book") == {"told": "DateTime"}


def test_a_serializer_may_be_annotated() -> None:
    serializer = serializer_for(Book, {"id": ..., "title": ..., "slug": ...})
    serializer._spectacular_annotation = {  # type: ignore[attr-defined]
        "component_name": "Novel",
        "exclude_fields": ["slug"],
        "deprecate_fields": ["title"],
    }
    built = build_serializer(serializer)
    assert field_types(built, "Novel") == {"id": "ID!", "title": "String!"}
    assert "title: String! @deprecated" in built.type_defs


class ListsItself(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["id"]

    def to_representation(self, instance: Any) -> list[int]:  # type: ignore[override]  # the point
        return [1, 2]


def test_a_nested_serializer_that_says_it_writes_a_list_is_one() -> None:
    built = build_serializer(
        serializer_for(Shelf, {"books": ListsItself(many=True)}, "ShelfSerializer")
    )
    assert field_types(built, "Shelf") == {"books": "[[Int]]!"}
