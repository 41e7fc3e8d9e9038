"""Filters to arguments, and back to the query string that the REST view reads (SCHEMA 10)."""

import datetime
from typing import Any

import django_filters
import pytest
from django import forms
from django.http import QueryDict
from django_filters.rest_framework import BooleanFilter, DjangoFilterBackend, FilterSet

from gql_live.schema_builder import BuiltSchema, InvalidArgumentError, Options
from tests.schema_builder.building import (
    arguments,
    build,
    enum_values,
    field_types,
    messages,
    query_string,
    serializer_for,
    view_input,
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


@pytest.mark.parametrize(("filter_", "sdl", "value", "written"), FILTERS)
def test_a_filter_is_a_member_and_writes_what_django_filter_reads(
    filter_: Any, sdl: str, value: Any, written: str
) -> None:
    built = filtered(f=filter_)
    assert field_types(built, "BookFilter") == {"f": sdl}
    assert query_string(built, filter={"f": value}) == written


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


@pytest.mark.parametrize(
    ("lookup", "options", "sdl"),
    [
        ("status__exact", Options(), "BookStatus"),
        ("status__in", Options(), "[BookStatus!]"),
        ("status__icontains", Options(), "String"),
        ("size__in", Options(), "[BookSize!]"),
        ("title__in", Options(), "[String!]"),
        ("rank__in", Options(), "[Int!]"),
        ("rank__in", Options(integer_choices="enum"), "[BookRank!]"),
        ("rank__gt", Options(integer_choices="enum"), "Int"),
        ("status__in", Options(max_enum_values=1), "[String!]"),
    ],
)
def test_a_column_with_choices_is_asked_for_by_its_enum_where_the_value_is_a_whole_one(
    lookup: str, options: Options, sdl: str
) -> None:
    column, _, expression = lookup.partition("__")
    view = viewset_for(
        BOOK, filter_backends=[DjangoFilterBackend], filterset_fields={column: [expression]}
    )
    types = field_types(build(view, options=options), "BookFilter")
    assert types == {column if expression == "exact" else lookup: sdl}


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
