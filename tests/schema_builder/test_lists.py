"""Search, ordering, pages, and backends of a project's own: the rest of a list's arguments."""

from typing import Any

import pytest
from django.db.models import Count
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, pagination
from rest_framework.response import Response

from gql_live.schema_builder import BuiltSchema
from tests.schema_builder.building import (
    arguments,
    build,
    enum_values,
    execute,
    field_types,
    messages,
    query_string,
    serializer_for,
    view_input,
    viewset_for,
)
from tests.schema_builder.catalog.models import Book, Shelf

BOOK = serializer_for(Book, {"id": ..., "title": ..., "shelf": ...})


def listed(**attributes: Any) -> BuiltSchema:
    return build(viewset_for(BOOK, **attributes))


def test_search_is_an_argument_where_the_view_searches() -> None:
    built = listed(filter_backends=[filters.SearchFilter], search_fields=["title"])
    assert arguments(built, "subscription", "books") == {
        "search": "String",
        "query_params": "QueryParams",
        "snapshot": "Boolean!",
    }
    assert query_string(built, search="a b") == "search=a b"


def test_search_is_no_argument_where_drf_would_ignore_it() -> None:
    built = listed(filter_backends=[filters.SearchFilter])
    assert "search" not in arguments(built, "query", "books")


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        pytest.param(
            ["title", "shelf__code"],
            {
                "title": "title",
                "title_DESC": "-title",
                "shelf__code": "shelf__code",
                "shelf__code_DESC": "-shelf__code",
            },
            id="as declared",
        ),
        pytest.param(
            None,
            {
                "id": "id",
                "id_DESC": "-id",
                "title": "title",
                "title_DESC": "-title",
                "shelf": "shelf",
                "shelf_DESC": "-shelf",
            },
            id="the serializer's fields",
        ),
    ],
)
def test_ordering_is_an_enum_of_the_terms_that_drf_accepts(
    fields: Any, values: dict[str, str]
) -> None:
    attributes = {} if fields is None else {"ordering_fields": fields}
    built = listed(filter_backends=[filters.OrderingFilter], **attributes)
    assert arguments(built, "query", "books")["ordering"] == "[BookOrdering!]"
    assert "ordering" not in arguments(built, "subscription", "books")
    assert enum_values(built, "BookOrdering") == values
    given = view_input(built, "query", ordering=["title", "-title"])
    assert given.params == (("ordering", "title,-title"),)


def test_every_column_and_annotation_may_be_ordered_by_on_wish() -> None:
    built = build(
        viewset_for(
            serializer_for(Shelf, {"id": ...}, "ShelfSerializer"),
            Shelf,
            queryset=Shelf.objects.annotate(book_count=Count("books")),
            filter_backends=[filters.OrderingFilter],
            ordering_fields="__all__",
        )
    )
    ascending = [name for name in enum_values(built, "ShelfOrdering") if "_DESC" not in name]
    assert ascending == ["id", "code", "room", "book_count"]


class _Numbered(pagination.PageNumberPagination):
    page_size = 2
    page_size_query_param = "size"


class _Limited(pagination.LimitOffsetPagination):
    default_limit = 2


class _Cursor(pagination.CursorPagination):
    page_size = 2
    ordering = "id"


class _Sizeless(pagination.PageNumberPagination):
    page_size = None


@pytest.mark.parametrize(
    ("paginator", "taken", "fields"),
    [
        (
            _Numbered,
            {"page": "Int", "size": "Int"},
            {"count": "Int!", "next": "String", "previous": "String", "results": "[Book!]!"},
        ),
        (
            _Limited,
            {"limit": "Int", "offset": "Int"},
            {"count": "Int!", "next": "String", "previous": "String", "results": "[Book!]!"},
        ),
        (
            _Cursor,
            {"cursor": "String"},
            {"next": "String", "previous": "String", "results": "[Book!]!"},
        ),
    ],
)
def test_a_page_has_its_arguments_and_its_envelope(
    paginator: Any, taken: dict[str, str], fields: dict[str, str]
) -> None:
    built = listed(pagination_class=paginator)
    assert arguments(built, "query", "books") == {**taken, "query_params": "QueryParams"}
    assert "snapshot" in arguments(built, "subscription", "books")
    assert not taken.keys() & arguments(built, "subscription", "books").keys()
    assert field_types(built, "BookPage") == fields


class _AtMostNine(_Limited):
    max_limit = 9


class _AtMostSeven(_Numbered):
    max_page_size = 7


@pytest.mark.parametrize(
    ("paginator", "argument", "said"),
    [(_AtMostNine, "limit", " At most 9."), (_AtMostSeven, "size", " At most 7.")],
)
def test_an_argument_says_how_many_rows_there_may_be(
    paginator: Any, argument: str, said: str
) -> None:
    built = listed(pagination_class=paginator)
    described = built.schema.query_type.fields["books"].args[argument].description  # type: ignore[union-attr]
    assert described.endswith(said)
    assert said not in str(listed(pagination_class=_Limited).type_defs)


class _OwnEnvelope(_Limited):
    def get_paginated_response(self, data: Any) -> Response:
        return Response({"total": self.count, "next": None, "items": data, "stamp": "x"})


class _NeedsMore(_Limited):
    def get_paginated_response(self, data: Any) -> Response:
        raise RuntimeError


class _Declared(_Limited):
    def get_paginated_response(self, data: Any) -> Response:
        return Response({"rows": data, "all": []})

    def get_paginated_response_schema(self, schema: Any) -> Any:
        every = {"type": "array", "items": {"type": "integer"}}
        return {"type": "object", "properties": {"rows": schema, "all": every}}


class _PlainList(_Limited):
    def get_paginated_response(self, data: Any) -> Response:
        return Response(data)


@pytest.mark.parametrize(
    ("paginator", "fields"),
    [
        pytest.param(
            _OwnEnvelope,
            {"total": "JSON", "next": "String", "items": "[Book]", "stamp": "JSON"},
            id="as it is written, not as it inherits",
        ),
        pytest.param(_Declared, {"rows": "[Book]", "all": "[Int]"}, id="as it is declared"),
        pytest.param(
            _NeedsMore,
            {"count": "Int", "next": "String", "previous": "String", "results": "[Book]"},
            id="as it inherits, where it cannot be tried",
        ),
    ],
)
def test_an_envelope_of_the_projects_own(paginator: Any, fields: dict[str, str]) -> None:
    assert field_types(listed(pagination_class=paginator), "BookPage") == fields


def test_an_envelope_that_the_view_writes() -> None:
    def own(self: Any, data: Any) -> Response:
        return Response({"books": data})

    built = listed(pagination_class=_Limited, get_paginated_response=own)
    assert field_types(built, "BookPage") == {"books": "[Book]"}


def test_a_paginator_that_writes_a_plain_list_has_no_page() -> None:
    built = listed(pagination_class=_PlainList)
    assert "BookPage" not in built.schema.type_map
    assert arguments(built, "query", "books")["limit"] == "Int"


def test_the_rows_of_an_own_envelope_are_found() -> None:
    def resolve(*_: object) -> Any:
        return {"total": 1, "next": None, "items": [{"id": 1}], "stamp": "x"}

    built = build(viewset_for(BOOK, pagination_class=_OwnEnvelope), resolve=resolve)
    assert execute(built, "{ books { total items { id } } }") == {
        "books": {"total": 1, "items": [{"id": "1"}]}
    }


def test_a_paginator_that_never_makes_a_page_changes_nothing() -> None:
    built = listed(pagination_class=_Sizeless)
    assert "BookPage" not in built.schema.type_map


class _Flags(filters.BaseFilterBackend):
    """A backend of the project's own, which says what it reads."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> Any:
        text = {"type": "string"}
        return [
            {"name": "flag", "in": "query", "schema": {"type": "boolean"}, "description": "Up?"},
            {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}},
            {"name": "tag", "in": "query", "schema": {"type": "array", "items": text}},
            {
                "name": "ids",
                "in": "query",
                "required": True,
                "explode": False,
                "schema": {"type": "array", "items": {"type": "integer"}},
            },
            {"name": "deep", "in": "query", "schema": {"type": "object"}},
            {"name": "X-Header", "in": "header", "schema": text},
        ]


def test_a_backend_of_the_projects_own_says_what_it_reads() -> None:
    built = listed(filter_backends=[_Flags])
    assert field_types(built, "BookFilter") == {
        "flag": "Boolean",
        "kind": "BookFilterKind",
        "tag": "[String!]",
        "ids": "[Int!]!",
        "deep": "String",
    }
    given = {"flag": True, "tag": ["x", "y"], "ids": [1, 2]}
    assert query_string(built, filter=given) == "flag=true&ids=1,2&tag=x&tag=y"


def test_orderings_that_would_share_a_name_are_told_apart() -> None:
    built = listed(filter_backends=[filters.OrderingFilter], ordering_fields=["a", "a_DESC"])
    assert enum_values(built, "BookOrdering") == {
        "a": "a",
        "a_DESC": "-a",
        "a_DESC_2": "a_DESC",
        "a_DESC_DESC": "-a_DESC",
    }


_BrokenFilters = type(
    "BrokenFilters", (DjangoFilterBackend,), {"get_filterset_class": lambda *_: 1 / 0}
)


def test_a_filter_that_raises_is_reported_and_the_others_are_read() -> None:
    built = listed(filter_backends=[_BrokenFilters, filters.SearchFilter], search_fields=["title"])
    assert "search" in arguments(built, "query", "books")
    assert any("BrokenFilters" in message for message in messages(built))
