"""Object types: a serializer class and the fields that it shows; their names, and their limits."""

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination

from gql_live.schema_builder import BuiltSchema, Options, Registration
from tests.schema_builder.building import (
    build,
    build_serializer,
    execute,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Author, Book, Note, Shelf


def types(built: BuiltSchema) -> set[str]:
    """Return the names of the types that came from serializers."""
    return {name for name in built.response_keys if not name.endswith(("Change", "Page"))}


class Chosen(serializers.ModelSerializer[Book]):
    """Shows the fields that it is asked for."""

    class Meta:
        model = Book
        fields = ["id", "title", "slug"]

    def __init__(self, *args: Any, only: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(only or self.fields):
            self.fields.pop(name)


def test_one_class_with_other_fields_is_another_type() -> None:
    shelf = serializer_for(Shelf, {"books": Chosen(many=True, only=("id",))}, "ShelfSerializer")
    built = build(viewset_for(Chosen), viewset_for(shelf, Shelf, "ShelfViewSet"))
    assert field_types(built, "Chosen") == {"id": "ID", "title": "String", "slug": "String"}
    assert field_types(built, "Shelf") == {"books": "[ChosenBrief!]!"}
    assert field_types(built, "ChosenBrief") == {"id": "ID"}


def test_one_class_with_the_same_fields_is_one_type() -> None:
    fields = {"books": Chosen(many=True), "spares": Chosen(many=True)}
    shelf = serializer_for(Shelf, fields, "ShelfSerializer")
    built = build(viewset_for(Chosen), viewset_for(shelf, Shelf, "ShelfViewSet"))
    assert types(built) == {"Chosen", "Shelf"}


def test_overlapping_shapes_are_named_by_what_nests_them() -> None:
    fields = {
        "books": Chosen(many=True, only=("id", "title")),
        "spares": Chosen(many=True, only=("id", "slug")),
    }
    built = build_serializer(serializer_for(Shelf, fields, "ShelfSerializer"))
    assert field_types(built, "Shelf") == {"books": "[Chosen!]!", "spares": "[ShelfSpares!]!"}


class Tree(serializers.ModelSerializer[Book]):
    """Holds itself."""

    class Meta:
        model = Book
        fields = ["id"]

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "sequel": Tree(read_only=True)}


class ShelfOfBooks(serializers.ModelSerializer[Shelf]):
    books = serializers.SerializerMethodField()

    class Meta:
        model = Shelf
        fields = ["id", "books"]

    def get_books(self, shelf: Shelf) -> "list[BookOfShelf]":
        return []


class BookOfShelf(serializers.ModelSerializer[Book]):
    shelf = ShelfOfBooks()

    class Meta:
        model = Book
        fields = ["id", "shelf"]


class Endless(serializers.ModelSerializer[Book]):
    """Holds a slightly other one each time."""

    class Meta:
        model = Book
        fields = ["id"]

    def __init__(self, *args: Any, level: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.level = level

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "sequel": Endless(level=self.level + 1)}


def test_a_serializer_may_hold_itself() -> None:
    data = {"id": 1, "sequel": {"id": 2, "sequel": None}}
    built = build(viewset_for(Tree), resolve=lambda *_: data)
    assert field_types(built, "Tree") == {"id": "ID", "sequel": "Tree"}
    document = '{ book(id: "1") { sequel { id sequel { id } } } }'
    assert execute(built, document) == {"book": {"sequel": {"id": "2", "sequel": None}}}


def test_two_serializers_may_hold_each_other() -> None:
    built = build_serializer(BookOfShelf)
    assert types(built) == {"BookOfShelf", "ShelfOfBooks"}
    assert field_types(built, "ShelfOfBooks")["books"] == "[BookOfShelf]"


def test_an_endless_serializer_ends_as_json_and_is_reported() -> None:
    built = build_serializer(Endless)
    assert "nested too deep" in messages(built)[0]
    assert "sequel: JSON" in built.type_defs


def test_depth_names_its_types_by_the_model() -> None:
    serializer = serializer_for(Book, {"id": ..., "shelf": ..., "author": ...}, depth=1)
    built = build_serializer(serializer)
    assert field_types(built, "Book")["shelf"] == "ShelfDepth0!"
    assert field_types(built, "ShelfDepth0") == {"id": "ID!", "code": "String!", "room": "String!"}


class Hidden(serializers.Serializer[Book]):
    secret = serializers.CharField(write_only=True)


def test_a_serializer_that_shows_nothing_is_json_and_is_reported() -> None:
    built = build_serializer(serializer_for(Book, {"id": ..., "shelf": Hidden()}))
    assert field_types(built, "Book")["shelf"] == "JSON!"
    assert "shows no field" in messages(built)[0]


def test_a_view_of_a_serializer_that_shows_nothing_gives_json() -> None:
    built = build(viewset_for(Hidden), resolve=lambda *_: {})
    assert execute(built, '{ book(id: "1") }') == {"book": {}}


class Opaque(serializers.BaseSerializer[Book]):
    """Has no fields to look at."""

    def to_representation(self, instance):  # type: ignore[no-untyped-def]  # the point
        return {"any": [1]}


def test_a_serializer_without_fields_is_json_and_is_reported() -> None:
    built = build(viewset_for(Opaque), resolve=lambda *_: {"any": [1]})
    assert execute(built, '{ book(id: "1") }') == {"book": {"any": [1]}}
    assert "Opaque is not a Serializer, JSON is assumed" in messages(built)[0]
    assert field_types(built, "BookChange")["instance"] == "JSON"


class OwnList(serializers.ListSerializer[Any]):
    def to_representation(self, data):  # type: ignore[no-untyped-def]  # the point
        return {"items": []}


def test_a_list_that_writes_itself_is_json_and_is_reported() -> None:
    listed = serializer_for(Book, {"id": ...}, list_serializer_class=OwnList)
    built = build(viewset_for(listed), resolve=lambda *_: {"items": []})
    assert execute(built, "{ books }") == {"books": {"items": []}}
    assert "OwnList writes its own list" in messages(built)[0]


def test_meta_may_add_fields_that_to_representation_adds() -> None:
    serializer = serializer_for(Book, {"id": ...}, gql_extra={"rank": int, "tags": list[str]})
    built = build_serializer(serializer)
    assert field_types(built, "Book") == {"id": "ID!", "rank": "Int", "tags": "[String]"}


NULLABLE: list[Any] = [
    pytest.param({"shelf": 0}, "Shelf!", id="through a foreign key"),
    pytest.param({"spare_shelf": 0}, "Shelf", id="through a nullable foreign key"),
    pytest.param({"place": "shelf"}, "Shelf!", id="by its source"),
    pytest.param({"place": "author.nowhere"}, "Shelf", id="by an unknown source"),
    pytest.param({"place": "*"}, "Shelf!", id="of the row itself"),
]


@pytest.mark.parametrize(("field", "sdl"), NULLABLE)
def test_a_nested_object_is_non_null_where_its_source_is(field: dict[str, Any], sdl: str) -> None:
    shelf = serializer_for(Shelf, {"code": ...}, "ShelfSerializer")
    [(name, source)] = field.items()
    nested = shelf(source=source) if source else shelf()
    assert field_types(build_serializer(serializer_for(Book, {name: nested})), "Book") == {
        name: sdl
    }


def in_app(app: str, model: Any = Book, name: str = "ItemSerializer", **meta: Any) -> Any:
    """Return a serializer class that stands in a module of another app."""
    serializer = serializer_for(model, {"id": ...}, name, **meta)
    serializer.__module__ = f"{app}.serializers"
    return serializer


def test_equal_class_names_in_two_apps_get_the_apps_names() -> None:
    built = build(
        viewset_for(in_app("tests.todo"), Book),
        viewset_for(in_app("tests.schema_builder.catalog", Shelf), Shelf, "ShelfViewSet"),
    )
    assert types(built) == {"TodoItem", "CatalogItem"}
    assert len(messages(built)) == 2


def test_adding_a_view_renames_no_other_type() -> None:
    shelf = viewset_for(serializer_for(Shelf, {"id": ...}, "ShelfSerializer"), Shelf, "A")
    author = viewset_for(serializer_for(Author, {"id": ...}, "AuthorSerializer"), Author, "B")
    assert types(build(shelf)) < types(build(shelf, author))


NAMED: list[Any] = [
    pytest.param({"gql_name": "Volume"}, {}, "Volume", id="Meta.gql_name"),
    pytest.param({"ref_name": "Volume"}, {}, "Volume", id="drf-yasg's Meta.ref_name"),
    pytest.param(
        {}, {"names": {"tests.todo.serializers.ItemSerializer": "Volume"}}, "Volume", id="an option"
    ),
    pytest.param({"gql_name": "a-b"}, {}, "a_b", id="an illegal name"),
]


@pytest.mark.parametrize(("meta", "options", "name"), NAMED)
def test_a_type_may_be_named(meta: dict[str, Any], options: dict[str, Any], name: str) -> None:
    built = build(viewset_for(in_app("tests.todo", **meta)), options=Options(**options))
    assert types(built) == {name}


@pytest.mark.parametrize(
    "name", ["QuerySerializer", "JSONSerializer", "DateSerializer", "IntSerializer"]
)
def test_names_of_graphql_and_of_scalars_are_taken(name: str) -> None:
    built = build(viewset_for(in_app("tests.todo", name=name)))
    assert types(built) == {f"Todo{name.removesuffix('Serializer')}"}


def test_a_type_that_is_called_like_a_change_type_goes_before_it() -> None:
    change = serializer_for(Shelf, {"id": ...}, "BookChangeSerializer")
    built = build(
        viewset_for(serializer_for(Book, {"id": ...})), viewset_for(change, Shelf, "ShelfViewSet")
    )
    assert field_types(built, "BookChange") == {"id": "ID!"}
    assert field_types(built, "BookChange_2")["instance"] == "Book"


def test_list_and_retrieve_of_one_class_with_other_fields_have_names() -> None:
    class ByAction(viewset_for(Chosen)):  # type: ignore[misc]  # a base made at run time
        def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
            only = ("id",) if self.action == "list" else ()
            return Chosen(*args, only=only, **kwargs)

    built = build(Registration(ByAction))
    assert field_types(built, "ChosenList") == {"id": "ID"}
    assert set(field_types(built, "Chosen")) == {"id", "title", "slug"}


def test_what_a_generic_foreign_key_leads_to_is_not_known() -> None:
    fields = {"title": serializers.CharField(source="subject.title"), "object_id": ...}
    built = build_serializer(serializer_for(Note, fields, "NoteSerializer"))
    assert field_types(built, "Note") == {"title": "String", "object_id": "BigInt!"}


def test_a_list_that_writes_itself_is_json_in_a_page_too() -> None:
    listed = serializer_for(Book, {"id": ...}, list_serializer_class=OwnList)
    view = viewset_for(listed, pagination_class=LimitOffsetPagination)
    data: Any = {"count": 1, "next": None, "previous": None, "results": {"items": []}}
    built = build(view, resolve=lambda *_: data)
    assert execute(built, "{ books { results } }") == {"books": {"results": {"items": []}}}


def test_enums_of_equal_serializer_names_in_two_apps_get_the_apps_names() -> None:
    def of(app: str, model: Any, choices: list[str], source: str) -> Any:
        field = serializers.ChoiceField(choices, source=source)
        serializer = serializer_for(model, {"kind": field}, "ItemSerializer")
        serializer.__module__ = f"{app}.serializers"
        return serializer

    first = of("tests.todo", Book, ["a"], "title")
    second = of("tests.schema_builder.catalog", Shelf, ["b"], "code")
    built = build(viewset_for(first), viewset_for(second, Shelf, "ShelfViewSet"))
    assert {"TodoItemKind", "CatalogItemKind"} < set(built.schema.type_map)


def test_generic_relations_are_lists() -> None:
    note = serializer_for(Note, {"text": ...}, "NoteSerializer")
    built = build_serializer(serializer_for(Book, {"notes": note(many=True)}))
    assert field_types(built, "Book") == {"notes": "[Note!]!"}


def test_enum_clashes_are_settled_by_owner() -> None:
    first = serializer_for(Book, {"kind": serializers.ChoiceField(["a"], source="title")})
    second = serializer_for(
        Shelf, {"kind": serializers.ChoiceField(["b"], source="code")}, "ShelfSerializer"
    )
    built = build(viewset_for(first), viewset_for(second, Shelf, "ShelfViewSet"))
    assert field_types(built, "Book") == {"kind": "BookKind"}
    assert field_types(built, "Shelf") == {"kind": "ShelfKind"}
    assert messages(built) == []
