"""Rows that are not what was promised: never a GraphQL error, null where nothing else fits."""

import logging
from typing import Any, Literal, TypedDict

import pytest
from rest_framework import serializers

from tests.schema_builder.building import build, execute, serializer_for, viewset_for
from tests.schema_builder.catalog.models import Book, Shelf


class Point(TypedDict):
    x: int


class Lies(serializers.ModelSerializer[Book]):
    number = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    flag = serializers.SerializerMethodField()
    numbers = serializers.SerializerMethodField()
    point = serializers.SerializerMethodField()
    mood = serializers.SerializerMethodField()
    anything = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["number", "text", "flag", "numbers", "point", "mood", "anything"]

    def get_number(self, book: Book) -> int:
        raise NotImplementedError

    def get_text(self, book: Book) -> str:
        raise NotImplementedError

    def get_flag(self, book: Book) -> bool:
        raise NotImplementedError

    def get_numbers(self, book: Book) -> list[int]:
        raise NotImplementedError

    def get_point(self, book: Book) -> Point:
        raise NotImplementedError

    def get_mood(self, book: Book) -> Literal["good", "bad"]:
        raise NotImplementedError

    def get_anything(self, book: Book) -> Any:
        raise NotImplementedError


VALUES: list[Any] = [
    pytest.param("number", 3, 3, id="a number"),
    pytest.param("number", "many", None, id="text for a number"),
    pytest.param("number", 2**40, None, id="a number beyond 32 bits"),
    pytest.param("number", None, None, id="nothing for a number"),
    pytest.param("text", {"de": "Hallo"}, None, id="an object for text"),
    pytest.param("text", 3, "3", id="a number for text"),
    pytest.param("flag", "yes", None, id="text for a boolean"),
    pytest.param("numbers", (1, 2), [1, 2], id="a tuple for a list"),
    pytest.param("numbers", [1, "x", None], [1, None, None], id="one item that does not fit"),
    pytest.param("numbers", "12", None, id="text for a list"),
    pytest.param("numbers", {"a": 1}, None, id="an object for a list"),
    pytest.param("numbers", iter([1]), [1], id="an iterator for a list"),
    pytest.param("point", {"x": 1, "y": 2}, {"x": 1}, id="an object with more in it"),
    pytest.param("point", {}, {"x": None}, id="an object with less in it"),
    pytest.param("point", [1, 2], None, id="a list for an object"),
    pytest.param("point", {"x": "left"}, {"x": None}, id="an object with something else in it"),
    pytest.param("mood", "so-so", None, id="what is no choice"),
    pytest.param("mood", ([],), None, id="what cannot be a choice"),
    pytest.param("anything", [{"a": (1,)}], [{"a": [1]}], id="anything at all"),
]


@pytest.mark.parametrize(("name", "value", "sent"), VALUES)
def test_a_method_may_break_its_promise(name: str, value: Any, sent: Any) -> None:
    built = build(viewset_for(Lies), resolve=lambda *_: {name: value})
    selection = f"{name} {{ x }}" if name == "point" else name
    assert execute(built, f'{{ book(id: "1") {{ {selection} }} }}') == {"book": {name: sent}}


def test_a_broken_promise_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    built = build(viewset_for(Lies), resolve=lambda *_: [{"number": "many"}, {"number": "many"}])
    with caplog.at_level(logging.WARNING):
        execute(built, "{ books { number } }")
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("Lies.number: ")


class Shaped(serializers.ModelSerializer[Book]):
    shelf = serializer_for(Shelf, {"code": ...}, "ShelfSerializer")()

    class Meta:
        model = Book
        fields = ["id", "title", "shelf"]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize(
    ("row", "sent"),
    [
        pytest.param({}, {"id": None, "title": None, "shelf": None}, id="all left out"),
        pytest.param(
            {"id": 1, "title": ["a"], "shelf": 3},
            {"id": "1", "title": None, "shelf": None},
            id="something else instead",
        ),
        pytest.param(
            [1, 2], {"id": None, "title": None, "shelf": None}, id="a list instead of the row"
        ),
    ],
)
def test_a_serializer_that_writes_itself_may_write_anything(row: Any, sent: Any) -> None:
    built = build(viewset_for(Shaped), resolve=lambda *_: row)
    document = '{ book(id: "1") { id title shelf { code } } }'
    assert execute(built, document) == {"book": sent}


GREAT = 2**40
WIDE: list[Any] = [
    pytest.param(serializers.IntegerField(source="age"), GREAT, None, id="of a property"),
    pytest.param(serializers.IntegerField(source="nobody.knows"), 7, 7, id="that fits"),
    pytest.param(
        serializers.ListField(child=serializers.IntegerField(), source="extra"),
        [GREAT, 1],
        [None, 1],
        id="in a list",
    ),
    pytest.param(
        serializers.ListSerializer(child=serializers.IntegerField(), source="extra"),
        [GREAT, 1],
        [None, 1],
        id="in a list serializer",
    ),
    pytest.param(
        serializers.IntegerField(source="age", max_value=2**60), GREAT, GREAT, id="within its limit"
    ),
]


@pytest.mark.parametrize(("field", "value", "sent"), WIDE)
def test_a_number_that_no_column_bounds_may_be_too_great_for_graphql(
    field: Any, value: Any, sent: Any
) -> None:
    serializer = serializer_for(Book, {"id": ..., "field": field})
    built = build(viewset_for(serializer), resolve=lambda *_: {"id": 1, "field": value})
    assert execute(built, '{ book(id: "1") { id field } }')["book"] == {"id": "1", "field": sent}


def test_a_number_of_a_serializer_without_a_model_may_be_too_great_for_graphql() -> None:
    serializer = serializer_for(None, {"id": serializers.IntegerField()})
    built = build(viewset_for(serializer), resolve=lambda *_: [{"id": GREAT}])
    assert execute(built, "{ books { id } }") == {"books": [{"id": None}]}
