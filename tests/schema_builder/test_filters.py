"""Filters to arguments, and back to the query string that the REST view reads (SCHEMA 10)."""

import datetime
from typing import Any

import django_filters
import pytest
from django import forms
from django.http import QueryDict
from django_filters.rest_framework import BooleanFilter, DjangoFilterBackend, FilterSet
from rest_framework import filters, pagination
from rest_framework.response import Response

from gql_live.schema_builder import BuiltSchema, InvalidArgumentError, Options, ViewInput
from tests.schema_builder.building import (
    arguments,
    build,
    enum_values,
    execute,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Author, Book, Shelf

BOOK = serializer_for(Book, {"id": ..., "title": ..., "shelf": ...})


def filtered(options: Options | None = None, **members: Any) -> BuiltSchema:
    """Build the schema of a list with a filter set of ``members``."""
    filterset = type(
        "Books", (FilterSet,), {**members, "Meta": type("Meta", (), {"model": Book, "fields": []})}
    )
    view = viewset_for(BOOK, filter_backends=[DjangoFilterBackend], filterset_class=filterset)
    return build(view, options=options)


def params(built: BuiltSchema, **arguments_: Any) -> str:
    """Return the query string of a list subscription's arguments."""
    return "&".join(f"{key}={value}" for key, value in view_input(built, **arguments_).params)


def view_input(built: BuiltSchema, operation: str = "subscription", **given: Any) -> ViewInput:
    return built.root_fields[operation, "books"].view_input(given)


# What projects write by hand. (The package has no types, so these are no class statements.)
_Numbers = type(
    "Numbers", (django_filters.MultipleChoiceFilter,), {"field_class": forms.IntegerField}
)
_Ids = type("Ids", (django_filters.BaseInFilter, django_filters.NumberFilter), {})
_Custom = type("Custom", (django_filters.Filter,), {"field_class": forms.DateField})

FILTERS: list[Any] = [
    pytest.param(django_filters.CharFilter(), "String", "x", "f=x", id="text"),
    pytest.param(django_filters.BooleanFilter(), "Boolean", False, "f=false", id="boolean"),
    pytest.param(
        django_filters.DateFilter(lookup_expr="isnull"),
        "Boolean",
        True,
        "f=true",
        id="isnull of a date",
    ),
    pytest.param(django_filters.NumberFilter("copies"), "Int", 3, "f=3", id="number by its column"),
    pytest.param(
        django_filters.NumberFilter("isbn"), "BigInt", 2**40, f"f={2**40}", id="big number"
    ),
    pytest.param(django_filters.NumberFilter("price"), "Decimal", "1.50", "f=1.50", id="decimal"),
    pytest.param(django_filters.NumberFilter("weight"), "Float", 2.0, "f=2", id="float"),
    pytest.param(django_filters.NumberFilter("id"), "ID", "7", "f=7", id="number of a key"),
    pytest.param(
        django_filters.NumberFilter("shelf__id"), "ID", "7", "f=7", id="number of a related key"
    ),
    pytest.param(
        django_filters.NumberFilter("published_on", lookup_expr="year__gte"),
        "Int",
        1999,
        "f=1999",
        id="year",
    ),
    pytest.param(
        django_filters.NumberFilter("nothing"), "Float", 1.5, "f=1.5", id="number of nothing known"
    ),
    pytest.param(django_filters.UUIDFilter("token"), "UUID", "a", "f=a", id="uuid"),
    pytest.param(django_filters.UUIDFilter("author__id"), "ID", "a", "f=a", id="uuid of a key"),
    pytest.param(django_filters.DateFilter(), "Date", "2030-01-01", "f=2030-01-01", id="date"),
    pytest.param(django_filters.IsoDateTimeFilter(), "DateTime", "2030", "f=2030", id="moment"),
    pytest.param(django_filters.TimeFilter(), "Time", "1:00", "f=1:00", id="time"),
    pytest.param(django_filters.DurationFilter(), "Duration", "P1D", "f=P1D", id="duration"),
    pytest.param(
        django_filters.ChoiceFilter("status", choices=Book.Status.choices),
        "BookStatus",
        "on sale",
        "f=on sale",
        id="choices of a column are its enum",
    ),
    pytest.param(
        django_filters.ChoiceFilter(choices=[("a", "A")]),
        "BookFilterF",
        "a",
        "f=a",
        id="choices of its own",
    ),
    pytest.param(
        django_filters.ChoiceFilter(choices=lambda: 1 / 0),
        "String",
        "a",
        "f=a",
        id="choices made later",
    ),
    pytest.param(
        django_filters.MultipleChoiceFilter("status", choices=Book.Status.choices),
        "[BookStatus!]",
        ["draft", "on sale"],
        "f=draft&f=on sale",
        id="several choices repeat the key",
    ),
    pytest.param(
        _Numbers("copies"), "[Int!]", [1, 2], "f=1&f=2", id="several values without choices"
    ),
    pytest.param(
        _Ids("id", lookup_expr="in"), "[ID!]", ["1", "2"], "f=1,2", id="in is joined by commas"
    ),
    pytest.param(
        django_filters.BaseRangeFilter("copies", lookup_expr="range"),
        "StringRange",
        {"min": "1", "max": "2"},
        "f=1,2",
        id="range in one parameter",
    ),
    pytest.param(
        django_filters.RangeFilter("copies"),
        "IntRange",
        {"min": 1},
        "f_min=1",
        id="range by suffix",
    ),
    pytest.param(
        django_filters.DateFromToRangeFilter("published_on"),
        "DatePeriod",
        {"after": "2030-01-01", "before": "2030-02-01"},
        "f_after=2030-01-01&f_before=2030-02-01",
        id="period by suffix",
    ),
    pytest.param(
        django_filters.ModelChoiceFilter(queryset=Shelf.objects.all()), "ID", "7", "f=7", id="a row"
    ),
    pytest.param(
        django_filters.ModelChoiceFilter(queryset=Shelf.objects.all(), to_field_name="code"),
        "String",
        "A1",
        "f=A1",
        id="a row by another column",
    ),
    pytest.param(
        django_filters.ModelChoiceFilter(queryset=lambda request: 1 / 0),
        "ID",
        "7",
        "f=7",
        id="a row of a queryset that needs the request",
    ),
    pytest.param(
        django_filters.ModelMultipleChoiceFilter(queryset=Author.objects.all()),
        "[ID!]",
        ["a", "b"],
        "f=a&f=b",
        id="several rows",
    ),
    pytest.param(django_filters.AllValuesFilter("title"), "String", "x", "f=x", id="all values"),
    pytest.param(
        django_filters.AllValuesMultipleFilter("title"),
        "[String!]",
        ["x"],
        "f=x",
        id="several of all values",
    ),
    pytest.param(
        django_filters.DateRangeFilter(field_name="published_on"),
        "BookFilterF",
        "today",
        "f=today",
        id="named period",
    ),
    pytest.param(
        _Custom(), "Date", "2030-01-01", "f=2030-01-01", id="a filter of the project's own"
    ),
    pytest.param(
        django_filters.OrderingFilter(fields=["title"]),
        "[BookFilterF!]",
        ["title", "-title"],
        "f=title,-title",
        id="an ordering filter",
    ),
]


@pytest.mark.parametrize(("filter_", "sdl", "value", "query_string"), FILTERS)
def test_a_filter_is_a_member_and_writes_what_django_filter_reads(
    filter_: Any, sdl: str, value: Any, query_string: str
) -> None:
    built = filtered(f=filter_)
    assert field_types(built, "BookFilter") == {"f": sdl}
    assert params(built, filter={"f": value}) == query_string


@pytest.mark.parametrize(
    ("filter_", "value", "read"),
    [
        pytest.param(django_filters.BooleanFilter(), False, False, id="boolean"),
        pytest.param(BooleanFilter(), False, False, id="boolean of django-filter's DRF flavour"),
        pytest.param(_Ids("id"), ["1", "2"], [1, 2], id="in"),
        pytest.param(django_filters.RangeFilter("copies"), {"min": 1}, slice(1, None), id="range"),
        pytest.param(
            django_filters.BaseRangeFilter("copies"),
            {"min": "1", "max": "2"},
            ["1", "2"],
            id="both",
        ),
        pytest.param(
            django_filters.MultipleChoiceFilter("status", choices=Book.Status.choices),
            ["draft", "on sale"],
            ["draft", "on sale"],
            id="choices",
        ),
        pytest.param(
            django_filters.IsoDateTimeFilter(),
            "2030-01-01T00:00:00Z",
            datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC),
            id="moment",
        ),
        pytest.param(django_filters.DurationFilter(), "P1D", datetime.timedelta(1), id="duration"),
    ],
)
def test_django_filter_reads_what_was_written(filter_: Any, value: Any, read: Any) -> None:
    built = filtered(f=filter_)
    data = QueryDict(mutable=True)
    for key, text in view_input(built, filter={"f": value}).params:
        data.appendlist(key, text)
    view = built.root_fields["query", "books"].endpoint.view
    form = view.filterset_class(data, Book.objects.none()).form  # type: ignore[attr-defined]
    assert not form.errors
    assert form.cleaned_data["f"] == read


def test_filterset_fields_make_a_filter_set() -> None:
    fields = {
        "title": ["exact", "icontains"],
        "shelf": ["exact", "in"],
        "published_on": ["isnull", "year"],
    }
    built = build(viewset_for(BOOK, filter_backends=[DjangoFilterBackend], filterset_fields=fields))
    assert field_types(built, "BookFilter") == {
        "title": "String",
        "title__icontains": "String",
        "shelf": "ID",
        "shelf__in": "[ID!]",
        "published_on__isnull": "Boolean",
        "published_on__year": "Int",
    }


def test_native_keys_type_the_filters_of_rows() -> None:
    view = viewset_for(
        BOOK, filter_backends=[DjangoFilterBackend], filterset_fields=["shelf", "author"]
    )
    built = build(view, options=Options(pk="native"))
    assert field_types(built, "BookFilter") == {"shelf": "BigInt", "author": "UUID"}


def test_a_required_filter_makes_the_argument_required() -> None:
    built = filtered(f=django_filters.CharFilter(required=True))
    assert field_types(built, "BookFilter") == {"f": "String!"}
    assert arguments(built, "query", "books")["filter"] == "BookFilter!"


def test_a_member_for_no_value_stands_beside_the_choices() -> None:
    built = filtered(f=django_filters.ChoiceFilter(choices=[("a", "A")], null_label="None"))
    assert enum_values(built, "BookFilterF") == {"a": "a", "NULL": "null"}


def test_a_lookup_choice_has_a_second_member() -> None:
    built = filtered(f=django_filters.LookupChoiceFilter("title", lookup_choices=["exact"]))
    assert field_types(built, "BookFilter") == {"f": "String", "f_lookup": "String"}


@pytest.mark.parametrize(
    ("filter_", "value", "argument", "message"),
    [
        pytest.param(_Ids("id"), ["1,2"], "filter.f", "joined by commas", id="a comma in a value"),
        pytest.param(_Ids("id"), [], "filter.f", "empty list", id="an empty list"),
        pytest.param(
            django_filters.BaseRangeFilter("copies"),
            {"min": "1"},
            "filter.f",
            "both bounds",
            id="half a range",
        ),
    ],
)
def test_what_a_query_string_cannot_say_is_refused(
    filter_: Any, value: Any, argument: str, message: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        view_input(filtered(f=filter_), filter={"f": value})
    assert caught.value.argument == argument


def test_each_parameter_knows_the_argument_that_writes_it() -> None:
    built = filtered(
        Options(case="camel"),
        title__icontains=django_filters.CharFilter(),
        price=django_filters.RangeFilter(),
    )
    assert built.root_fields["query", "books"].arguments_by_param == {
        "title__icontains": "filter.titleIcontains",
        "price": "filter.price",
        "price_min": "filter.price.min",
        "price_max": "filter.price.max",
    }


def test_equal_filters_ask_the_same_however_they_are_spelled() -> None:
    built = filtered(a=django_filters.CharFilter(), b=django_filters.CharFilter())
    one = view_input(built, filter={"a": "1", "b": "2"}, query_params={"c": None, "d": [3, 4]})
    other = view_input(built, query_params={"d": ["3", "4"]}, filter={"b": "2", "a": "1"})
    assert one == other
    assert hash(one) == hash(other)
    assert one.params == (("a", "1"), ("b", "2"), ("d", "3"), ("d", "4"))


def test_a_parameter_given_twice_is_refused() -> None:
    built = filtered(a=django_filters.CharFilter())
    with pytest.raises(InvalidArgumentError, match="already given by the argument"):
        view_input(built, filter={"a": "1"}, query_params={"a": "1"})


def listed(**attributes: Any) -> BuiltSchema:
    return build(viewset_for(BOOK, **attributes))


def test_search_is_an_argument_where_the_view_searches() -> None:
    built = listed(filter_backends=[filters.SearchFilter], search_fields=["title"])
    assert arguments(built, "subscription", "books") == {
        "search": "String",
        "query_params": "QueryParams",
        "snapshot": "Boolean!",
    }
    assert params(built, search="a b") == "search=a b"


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
    assert params(built, filter=given) == "flag=true&ids=1,2&tag=x&tag=y"


def _by_flag(queryset: Any, name: str, value: bool) -> Any:
    return queryset


def _by_anything(queryset: Any, name: str, value):  # type: ignore[no-untyped-def]  # the point
    return queryset


def _annotated(queryset: Any, name: str, value: Any) -> Any:
    return queryset


_annotated._spectacular_annotation = {"field": datetime.date}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("filter_", "sdl"),
    [
        pytest.param(django_filters.CharFilter(method=_by_flag), "Boolean", id="by its hint"),
        pytest.param(django_filters.CharFilter(method=_by_anything), "String", id="by its class"),
        pytest.param(django_filters.NumberFilter(method=_by_anything), "Float", id="a number"),
        pytest.param(django_filters.CharFilter(method=_annotated), "Date", id="by annotation"),
        pytest.param(django_filters.CharFilter(method="by_name"), "Int", id="by its name"),
        pytest.param(django_filters.CharFilter(method="nowhere"), "String", id="by no method"),
    ],
)
def test_a_filter_by_method_takes_what_the_method_takes(filter_: Any, sdl: str) -> None:
    def by_name(self: Any, queryset: Any, name: str, value: int) -> Any:
        return queryset

    built = filtered(f=filter_, by_name=by_name)
    assert field_types(built, "BookFilter") == {"f": sdl}


def test_a_filter_that_cannot_be_read_takes_text_and_is_reported() -> None:
    broken = django_filters.ChoiceFilter(choices=5)
    built = filtered(f=broken, g=django_filters.BooleanFilter())
    assert field_types(built, "BookFilter") == {"f": "String", "g": "Boolean"}
    assert "[BookViewSet > Books > f] the filter cannot be read" in messages(built)[0]


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
