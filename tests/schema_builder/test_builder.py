"""The whole way: views to a schema, documents executed on the data that real serializers give."""

import asyncio
import datetime
import decimal
import gc
import random
import re
from collections.abc import Mapping
from typing import Any

import pytest
from ariadne import EnumType, ObjectType, QueryType, make_executable_schema
from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend
from graphql import graphql, print_schema
from rest_framework import pagination, serializers, viewsets

from gql_live.schema_builder import (
    InvalidArgumentError,
    Options,
    RootField,
    SchemaError,
    ViewInput,
    build_schema,
)
from tests.schema_builder.building import (
    build,
    execute,
    field_types,
    messages,
    nothing,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Author, Book, Shelf
from tests.schema_builder.catalog.views import VIEWS

SHELF = serializer_for(Shelf, {"id": ..., "code": ...}, "ShelfSerializer")


class BookSerializer(serializers.ModelSerializer[Book]):
    """A book with the shelf that it stands on."""

    shelf = SHELF()
    authors_name = serializers.CharField(source="author.name")
    title_length = serializers.SerializerMethodField(help_text="In characters.")

    class Meta:
        model = Book
        fields = [
            "id",
            "title",
            "price",
            "isbn",
            "status",
            "colour",
            "published_on",
            "created_at",
            "reading_time",
            "token",
            "extra",
            "shelf",
            "spare_shelf",
            "authors_name",
            "title_length",
        ]

    def get_title_length(self, book: Book) -> int:
        return len(book.title)


def a_book(**attributes: Any) -> Book:
    """Return an unsaved book with its relations."""
    shelf = Shelf(pk=3, code="A1")
    author = Author(name="Ada")
    values: dict[str, Any] = {
        "pk": 2**40,
        "title": "Live",
        "price": decimal.Decimal("9.90"),
        "isbn": 9783161484100,
        "published_on": datetime.date(2030, 1, 2),
        "created_at": datetime.datetime(2030, 1, 2, 3, 4, tzinfo=datetime.UTC),
        "reading_time": datetime.timedelta(hours=2),
        "extra": {"a": [1, None]},
        "shelf": shelf,
        "author": author,
    }
    return Book(**{**values, **attributes})


def rest(book: Book) -> Any:
    return BookSerializer(book).data


def every_field(names: Mapping[str, str]) -> str:
    """Return a selection of all fields; those of the shelf inside."""
    return " ".join(f"{name} {{ id code }}" if name == "shelf" else name for name in names)


def test_a_row_through_graphql_is_the_row_of_rest() -> None:
    data = rest(a_book(status="on sale"))
    built = build(viewset_for(BookSerializer), resolve=lambda *_: data)
    selection = every_field(built.response_keys["Book"])
    row = execute(built, f'{{ book(id: "1") {{ {selection} }} }}')["book"]
    assert row == {
        **data,
        "id": str(data["id"]),
        "status": "on_sale",
        "colour": None,
        "shelf": {"id": "3", "code": "A1"},
    }


def test_a_list_through_graphql_is_the_list_of_rest() -> None:
    data = [rest(a_book(pk=1)), rest(a_book(pk=2))]
    built = build(viewset_for(BookSerializer), resolve=lambda *_: data)
    assert execute(built, "{ books { id } }") == {"books": [{"id": "1"}, {"id": "2"}]}


class _Limited(pagination.LimitOffsetPagination):
    default_limit = 2


@pytest.mark.parametrize(
    ("answer", "page"),
    [
        pytest.param(
            {"count": 9, "next": "http://x/?offset=2", "previous": None, "results": [{"id": 1}]},
            {"count": 9, "next": "http://x/?offset=2", "previous": None, "results": [{"id": "1"}]},
            id="the paginator's envelope",
        ),
        pytest.param(
            [{"id": 1}],
            {"count": 1, "next": None, "previous": None, "results": [{"id": "1"}]},
            id="a plain list, where the paginator made no page",
        ),
    ],
)
async def test_a_page_through_graphql_is_the_page_of_rest(answer: Any, page: Any) -> None:
    async def resolve(*_: object) -> Any:
        await asyncio.sleep(0)
        return answer

    built = build(viewset_for(BookSerializer, pagination_class=_Limited), resolve=resolve)
    document = "{ books { count next previous results { id } } }"
    result = await graphql(built.schema, document)
    assert not result.errors
    assert result.data == {"books": page}


@pytest.mark.parametrize(
    ("event", "change"),
    [
        pytest.param(
            {
                "action": "CREATED",
                "id": 1,
                "instance": {"id": 1, "title": "Live"},
                "instances": None,
            },
            {
                "action": "CREATED",
                "id": "1",
                "instance": {"id": "1", "title": "Live"},
                "instances": None,
            },
            id="created",
        ),
        pytest.param(
            {"action": "DELETED", "id": "x-1", "instance": None, "instances": None},
            {"action": "DELETED", "id": "x-1", "instance": None, "instances": None},
            id="deleted",
        ),
        pytest.param(
            {"action": "SNAPSHOT", "id": None, "instances": [{"id": 1, "title": "Live"}]},
            {
                "action": "SNAPSHOT",
                "id": None,
                "instance": None,
                "instances": [{"id": "1", "title": "Live"}],
            },
            id="snapshot",
        ),
    ],
)
def test_a_source_event_is_executed_as_the_root_value(event: Any, change: Any) -> None:
    built = build(viewset_for(BookSerializer))
    row = "id title"
    document = (
        f"subscription {{ books {{ action id instance {{ {row} }} instances {{ {row} }} }} }}"
    )
    assert execute(built, document, root_value=event) == {"books": change}


def test_a_query_asks_the_view_for_what_its_arguments_say() -> None:
    asked: list[tuple[RootField, ViewInput]] = []

    def resolve(root_field: RootField, view_input: ViewInput, _info: Any) -> Any:
        asked.append((root_field, view_input))
        return []

    view = viewset_for(
        BookSerializer, filter_backends=[DjangoFilterBackend], filterset_fields=["status", "shelf"]
    )
    built = build(view, resolve=resolve)
    execute(
        built, '{ books(filter: {status: on_sale, shelf: 3}, query_params: {a: [1, "b"]}) { id } }'
    )
    assert asked == [
        (
            built.root_fields["query", "books"],
            ViewInput((), (("a", "1"), ("a", "b"), ("shelf", "3"), ("status", "on sale"))),
        )
    ]


def test_a_value_that_rest_would_refuse_reaches_it() -> None:
    asked: list[ViewInput] = []
    view = viewset_for(
        BookSerializer, filter_backends=[DjangoFilterBackend], filterset_fields=["shelf"]
    )

    def resolve(_root_field: RootField, view_input: ViewInput, _info: Any) -> Any:
        asked.append(view_input)
        return []

    built = build(view, resolve=resolve)
    execute(built, '{ books(filter: {shelf: "abc"}) { id } }')
    assert asked[0].params == (("shelf", "abc"),)


def test_variables_may_stand_inside_of_query_params() -> None:
    asked: list[ViewInput] = []

    def resolve(_root_field: RootField, view_input: ViewInput, _info: Any) -> Any:
        asked.append(view_input)
        return []

    built = build(viewset_for(BookSerializer), resolve=resolve)
    document = """query ($x: Int, $no: Int, $all: QueryParams) {
        a: books(query_params: {a: $x, b: [$x, 2], c: $no}) { id }
        b: books(query_params: $all) { id }
    }"""
    execute(built, document, variable_values={"x": 1, "all": {"a": [True, 0.5]}})
    assert [given.params for given in asked] == [
        (("a", "1"), ("b", "1"), ("b", "2")),
        (("a", "true"), ("a", "0.5")),
    ]


def test_query_params_that_repeat_an_argument_are_refused() -> None:
    view = viewset_for(
        BookSerializer, filter_backends=[DjangoFilterBackend], filterset_fields=["shelf"]
    )
    root_field = build(view).root_fields["query", "books"]
    with pytest.raises(InvalidArgumentError) as caught:
        root_field.view_input({"filter": {"shelf": "1"}, "query_params": {"shelf": "2"}})
    assert caught.value.argument == "query_params"


def test_root_fields_stand_on_the_schema() -> None:
    built = build(viewset_for(BookSerializer))
    assert built.schema.subscription_type is not None
    field = built.schema.subscription_type.fields["books"]
    assert field.extensions["gql_live"] is built.root_fields["subscription", "books"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("draft", "draft", id="a choice"),
        pytest.param("", None, id="blank"),
        pytest.param(None, None, id="null"),
        pytest.param("gone", None, id="a value that is no choice any more"),
        pytest.param(["draft"], None, id="what is not even hashable"),
    ],
)
def test_a_stray_choice_is_null_and_never_an_error(value: Any, shown: Any) -> None:
    built = build(viewset_for(BookSerializer), resolve=lambda *_: {"id": 1, "status": value})
    assert execute(built, '{ book(id: "1") { status } }') == {"book": {"status": shown}}


def test_a_key_that_is_absent_is_null() -> None:
    built = build(viewset_for(BookSerializer), resolve=lambda *_: {"id": 1})
    assert execute(built, '{ book(id: "1") { title_length } }') == {"book": {"title_length": None}}


def test_native_values_are_written_as_rest_writes_them() -> None:
    fields = {
        "when": serializers.DateTimeField(source="created_at", format=None),
        "raw": serializers.ReadOnlyField(source="price"),
        "token": serializers.ReadOnlyField(),
        "extra": ...,
    }
    serializer = serializer_for(Book, fields)
    book = a_book(extra={"at": datetime.date(2030, 1, 1), "what": gettext_lazy("Delete")})
    data = serializer(book).data
    built = build(viewset_for(serializer), resolve=lambda *_: data)
    row = execute(built, '{ book(id: "1") { when raw token extra } }')["book"]
    assert row == {
        "when": "2030-01-02T03:04:00Z",
        "raw": 9.9,
        "token": str(book.token),
        "extra": {"at": "2030-01-01", "what": "Delete"},
    }


def test_camel_case_renames_and_still_finds_the_key() -> None:
    data = rest(a_book())
    built = build(
        viewset_for(BookSerializer), options=Options(case="camel"), resolve=lambda *_: data
    )
    document = '{ book(id: "1", queryParams: {a_b: 1}) { authorsName titleLength } }'
    assert execute(built, document) == {"book": {"authorsName": "Ada", "titleLength": 4}}
    assert built.response_keys["Book"]["authorsName"] == "authors_name"


def test_illegal_names_are_replaced_and_reported() -> None:
    fields = {"id": ..., "2nd-title": serializers.CharField(source="subtitle")}
    built = build(viewset_for(serializer_for(Book, fields)), resolve=lambda *_: {"2nd-title": "x"})
    assert execute(built, '{ book(id: "1") { _2nd_title } }') == {"book": {"_2nd_title": "x"}}
    assert messages(built) == [
        (
            "[Book > 2nd-title] GraphQL has no such name, '_2nd_title' is used;"
            " rename the serializer field, or live with it"
        )
    ]


class BookBriefViewSet(viewsets.ReadOnlyModelViewSet[Book]):
    queryset = Book.objects.all()

    def get_serializer_class(self) -> Any:
        if self.action == "list":
            return serializer_for(Book, {"id": ...}, "BookBriefSerializer")
        return BookSerializer


def test_list_and_retrieve_may_give_different_types() -> None:
    built = build(BookBriefViewSet)
    assert field_types(built, "BookBrief") == {"id": "ID!"}
    assert field_types(built, "BookBriefChange")["instance"] == "BookBrief"
    assert field_types(built, "BookChange")["instance"] == "Book"
    # Which serializer is chosen depends on the action alone, so its promises hold.
    assert field_types(built, "Book")["title"] == "String!"


def test_the_schema_does_not_depend_on_order_or_language() -> None:
    views = [
        viewset_for(BookSerializer),
        viewset_for(SHELF, Shelf, "ShelfViewSet"),
        viewset_for(
            serializer_for(Author, {"id": ..., "name": ...}, "AuthorSerializer"), Author, "A"
        ),
    ]
    first = build(*views)
    with translation.override("de"):
        shuffled = build(*random.sample(views, 3))
    assert shuffled.type_defs == first.type_defs
    assert shuffled.diagnostics == first.diagnostics


def test_descriptions_come_from_docstrings_and_help_texts() -> None:
    built = build(viewset_for(BookSerializer))
    schema = print_schema(built.schema)
    assert '"""A book with the shelf that it stands on."""\ntype Book {' in schema
    assert '"""In characters."""\n  title_length: Int' in schema


def test_a_projects_own_types_are_merged() -> None:
    query = QueryType()
    query.set_field("version", lambda *_: 7)
    built = build(
        viewset_for(BookSerializer),
        type_defs=["scalar UUID type Query { version: Level }", "enum Level { LOW HIGH }"],
        bindables=[query, EnumType("Level", {"HIGH": 7})],
    )
    assert execute(built, "{ version }") == {"version": "HIGH"}
    assert "books" in str(built.schema.query_type.fields)  # type: ignore[union-attr]


def test_a_projects_type_keeps_its_name() -> None:
    built = build(viewset_for(BookSerializer), type_defs=["type Book { mine: Int }"])
    assert field_types(built, "Book") == {"mine": "Int"}
    assert any("another type is called 'Book' too" in message for message in messages(built))


def test_a_clash_with_a_projects_own_root_field_is_an_error() -> None:
    with pytest.raises(SchemaError, match="books"):
        build(viewset_for(BookSerializer), type_defs=["extend type Query { books: Int }"])


def test_no_view_is_still_a_schema() -> None:
    built = build()
    assert execute(built, "{ __typename }") == {"__typename": "Query"}
    assert built.schema.subscription_type is None


def test_the_text_alone_is_the_schema() -> None:
    built = build_schema(VIEWS, resolve=nothing, urlconf="tests.schema_builder.catalog.urls")
    from_text = make_executable_schema(built.type_defs, *built.bindables)
    assert print_schema(from_text) == print_schema(built.schema)
    assert {name for _, name in built.root_fields} == {*from_text.subscription_type.fields}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("type_defs", "message"),
    [
        ("type Mine { shelf: Shelve }", "Unknown type 'Shelve'"),
        ("type Mine { a: Int a: Int }", "Field 'Mine.a' can only be defined once"),
        ("extend type Novel { mine: Int }", "Cannot extend type 'Novel'"),
        ("type Mine { a: Int @unknown }", "Unknown directive '@unknown'"),
        ("type Query { mine(low: Level = MIDDLE): Int } enum Level { LOW }", "MIDDLE"),
    ],
)
def test_a_mistake_in_a_projects_own_types_is_told(type_defs: str, message: str) -> None:
    with pytest.raises(SchemaError, match=re.escape(message)):
        build(viewset_for(BookSerializer), type_defs=[type_defs])


def test_a_binding_to_what_is_not_in_the_schema_is_told() -> None:
    with pytest.raises(SchemaError, match="Mine"):
        build(viewset_for(BookSerializer), bindables=[ObjectType("Mine")])


def test_the_garbage_collector_is_left_as_it_was() -> None:
    build(viewset_for(BookSerializer))
    assert gc.isenabled()
    gc.disable()
    try:
        build(viewset_for(BookSerializer))
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_frozen_objects_stay_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        build(viewset_for(BookSerializer))
        # What has died meanwhile is counted no more.
        assert 0 < gc.get_freeze_count() <= frozen
    finally:
        gc.unfreeze()


class _Counting(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["id", "title"]

    def get_fields(self) -> dict[str, Any]:
        assert Book.objects.count() >= 0
        return super().get_fields()


@pytest.mark.django_db
def test_building_asks_the_database_nothing() -> None:
    asked: list[str] = []

    def record(execute: Any, sql: str, *arguments: Any) -> Any:
        asked.append(sql)
        return execute(sql, *arguments)

    related = ["shelf", "author", "editors", "sequel", "spare_shelf__books"]
    view = viewset_for(
        BookSerializer, filter_backends=[DjangoFilterBackend], filterset_fields=related
    )
    with connection.execute_wrapper(record):
        build(view, viewset_for(SHELF, Shelf, "ShelfViewSet"))
    assert asked == []


@pytest.mark.django_db
def test_a_serializer_that_queries_while_building_is_stopped_and_reported() -> None:
    built = build(viewset_for(_Counting), viewset_for(SHELF, Shelf, "ShelfViewSet"))
    assert any("a query while the schema is built" in message for message in messages(built))
    assert field_types(built, "Shelf")


def test_the_languages_of_descriptions_is_none() -> None:
    class Translated(serializers.ModelSerializer[Shelf]):
        code = serializers.CharField(help_text=gettext_lazy("Delete"))

        class Meta:
            model = Shelf
            fields = ["code"]

    with translation.override("de"):
        built = build(viewset_for(Translated, Shelf))
    assert '"""Delete"""' in built.type_defs
    assert settings.USE_I18N
