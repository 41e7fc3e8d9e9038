"""Which conditions a queryset tells of its rows, and which it leaves out."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Window,
)
from django.db.models.functions import Abs, RowNumber
from django.db.models.lookups import Exact
from django.db.models.sql import Query
from django.test.utils import register_lookup
from pytest_django import DjangoAssertNumQueries

from gql_live.predicates import NOTHING, conditions_of
from gql_live.reach import Condition
from tests.parity.cinema.models import Film, Review
from tests.publish.library.models import Book as Volume
from tests.publish.library.models import Comic, Favourite, Novel, Paperback, Saga
from tests.schema_builder.catalog.models import Book, Note
from tests.todo.models import List, Task

TOKEN = UUID("12345678-1234-5678-1234-567812345678")

books, tasks, films = Book.objects.all(), Task.objects.all(), Film.objects.all()

TOLD: dict[str, tuple[Callable[[], QuerySet[Any]], dict[str, set[Any]]]] = {
    "a reference by key": (lambda: tasks.filter(list=3), {"list_id": {3}}),
    "a reference by its column": (lambda: tasks.filter(list_id=3), {"list_id": {3}}),
    "a reference by the row": (lambda: tasks.filter(list=List(pk=3)), {"list_id": {3}}),
    "a reference by the key of the row": (lambda: tasks.filter(list__pk=3), {"list_id": {3}}),
    "a reference to another column than the key": (
        lambda: Favourite.objects.filter(Q(reader="c1"), book=2),
        {"reader_id": {"c1"}, "book_id": {2}},
    ),
    "a text where a number is meant": (lambda: tasks.filter(Q(list="3")), {"list_id": {3}}),
    "a truth": (lambda: tasks.filter(done=True), {"done": {True}}),
    "an untruth": (lambda: tasks.filter(done=False), {"done": {False}}),
    "a choice": (lambda: tasks.filter(priority="low"), {"priority": {"low"}}),
    "a member of an enumeration": (
        lambda: tasks.filter(priority=Task.Priority.LOW),
        {"priority": {"low"}},
    ),
    "a UUID": (lambda: books.filter(token=TOKEN), {"token": {str(TOKEN)}}),
    "a UUID as text": (lambda: books.filter(token=TOKEN.hex), {"token": {str(TOKEN)}}),
    "a content type": (
        lambda: Note.objects.filter(content_type=ContentType(pk=7), object_id=5),
        {"content_type_id": {7}, "object_id": {5}},
    ),
    "several": (lambda: tasks.filter(list__in=[1, 2]), {"list_id": {1, 2}}),
    "several, null among them": (lambda: books.filter(rank__in=[None, 1]), {"rank": {1}}),
    "null": (lambda: books.filter(spare_shelf=None), {"spare_shelf_id": {None}}),
    "is null": (lambda: books.filter(signed__isnull=True), {"signed": {None}}),
    "one after the other": (
        lambda: tasks.filter(done=True).filter(list=1),
        {"done": {True}, "list_id": {1}},
    ),
    "the same column twice": (
        lambda: tasks.filter(list__in=[1, 2], list_id__in=[2, 3]),
        {"list_id": {2}},
    ),
    "either of one column": (lambda: tasks.filter(Q(list=1) | Q(list=2)), {"list_id": {1, 2}}),
    "either, with more in one branch": (
        lambda: tasks.filter(Q(list=1, done=True) | Q(list__in=[2, 3])),
        {"list_id": {1, 2, 3}},
    ),
    "either, or nothing": (
        lambda: tasks.filter(Q(list=1) | Q(list__in=[])),
        {"list_id": {1}},
    ),
    "two querysets, either": (
        lambda: tasks.filter(list=1) | tasks.filter(list=2, text="x"),
        {"list_id": {1, 2}},
    ),
    "beside what nobody understands": (
        lambda: tasks.filter(~Q(done=True), Q(text="x") ^ Q(text="y"), list=1, text__gt="a"),
        {"list_id": {1}},
    ),
    "beside raw SQL": (lambda: tasks.filter(list=1).extra(where=["1=1"]), {"list_id": {1}}),
    "beside another table": (lambda: tasks.filter(list__owner=4, list=1), {"list_id": {1}}),
    "beside a count": (
        lambda: Volume.objects.annotate(n=Count("genres")).filter(n__gt=1, shelf=1),
        {"shelf_id": {1}},
    ),
    "beside a window": (
        lambda: tasks.annotate(n=Window(RowNumber())).filter(n__lt=3, list=1),
        {"list_id": {1}},
    ),
    "beside a subquery": (
        lambda: films.filter(Exists(Review.objects.filter(film=OuterRef("pk"))), studio=2),
        {"studio_id": {2}},
    ),
    "beside a filtered relation": (
        lambda: films.annotate(
            mine=FilteredRelation("reviews", condition=Q(reviews__author=1))
        ).filter(mine__isnull=False, keeper=1),
        {"keeper_id": {1}},
    ),
    "an annotation that is a column": (
        lambda: tasks.annotate(finished=F("done")).filter(finished=True),
        {"done": {True}},
    ),
    "a slice": (lambda: tasks.filter(list=1)[:3], {"list_id": {1}}),
    "distinct": (lambda: tasks.filter(list=1).distinct(), {"list_id": {1}}),
    "distinct on": (lambda: tasks.filter(list=1).distinct("text"), {"list_id": {1}}),
    "values": (lambda: tasks.filter(list=1).values("text"), {"list_id": {1}}),
    "a proxy": (lambda: Paperback.objects.filter(shelf=1), {"shelf_id": {1}}),
    "a child's own column": (lambda: Novel.objects.filter(pages=10), {"pages": {10}}),
    "a child's reference to a parent": (
        lambda: Comic.objects.filter(code=1),
        {"artwork_ptr_id": {1}},
    ),
    "a number that no column holds": (lambda: books.filter(isbn=2**70), {"isbn": {str(2**70)}}),
}

UNTOLD: dict[str, Callable[[], QuerySet[Any]]] = {
    "everything": tasks.all,
    "the key": lambda: tasks.filter(pk=1),
    "free text": lambda: tasks.filter(text="x"),
    "a range": lambda: books.filter(rank__gte=1),
    "not null": lambda: books.filter(signed__isnull=False),
    "not": lambda: tasks.exclude(list=1),
    "not not": lambda: tasks.exclude(~Q(list=1)),
    "either of two columns": lambda: tasks.filter(Q(list=1) | Q(done=True)),
    "either, or what nobody understands": lambda: tasks.filter(Q(list=1) | Q(text="x")),
    "either, or a column of another table": lambda: tasks.filter(Q(list=1) | Q(list__owner=1)),
    "exclusive or": lambda: tasks.filter(Q(list=1) ^ Q(list=2)),
    "another column": lambda: books.filter(shelf=F("spare_shelf")),
    "a column among values": lambda: books.filter(rank__in=[1, F("pages")]),
    "a subquery": lambda: tasks.filter(list__in=List.objects.filter(owner=1)),
    "a lookup made by hand": lambda: tasks.filter(Exact(F("done"), True)),
    "a transformed column": lambda: books.annotate(size_of=Abs("rank")).filter(size_of=1),
    "another table": lambda: tasks.filter(list__owner=1),
    "another row of the same table": lambda: books.filter(sequel_to__rank=1),
    "a many-to-many relation": lambda: Volume.objects.filter(genres=1),
    "nobody refers to it": lambda: films.filter(reviews__isnull=True),
    "a parent's column": lambda: Novel.objects.filter(shelf=1),
    "a parent's column, asked of a grandchild": lambda: Saga.objects.filter(pages=1),
    "a child's column, asked of its parent": lambda: Volume.objects.filter(novel__pages=1),
    "a union": lambda: tasks.filter(list=1).union(tasks.filter(list=2)),
    "what is not in another": lambda: tasks.filter(list=1).difference(tasks.filter(list=2)),
    "raw SQL": lambda: tasks.extra(where=["list_id = 1"]),
}

EMPTY: dict[str, Callable[[], QuerySet[Any]]] = {
    "none": tasks.none,
    "none, filtered": lambda: tasks.none().filter(done=True),
    "in nothing": lambda: tasks.filter(list__in=[]),
    "in null": lambda: books.filter(rank__in=[None]),
    "one and another": lambda: tasks.filter(list=1).filter(list=2),
    "null and not": lambda: books.filter(spare_shelf=None).filter(spare_shelf=1),
    "either of nothing": lambda: tasks.filter(Q(list__in=[]) | Q(priority__in=[])),
    "a slice of nothing": lambda: tasks.all()[3:3],
}


def told(conditions: tuple[Condition, ...]) -> dict[str, set[Any]]:
    assert len({each.column for each in conditions}) == len(conditions)
    return {each.column: set(each.values) for each in conditions}


@pytest.mark.parametrize(("queryset", "expected"), TOLD.values(), ids=TOLD.keys())
def test_a_term_on_a_column_of_its_own_is_a_condition(
    queryset: Callable[[], QuerySet[Any]], expected: dict[str, set[Any]]
) -> None:
    assert told(conditions_of(queryset())) == expected


@pytest.mark.parametrize("queryset", UNTOLD.values(), ids=UNTOLD.keys())
def test_what_cannot_be_decided_without_a_query_is_none(
    queryset: Callable[[], QuerySet[Any]],
) -> None:
    assert conditions_of(queryset()) == ()


@pytest.mark.parametrize("queryset", EMPTY.values(), ids=EMPTY.keys())
def test_a_queryset_that_can_show_nothing_says_so(queryset: Callable[[], QuerySet[Any]]) -> None:
    assert conditions_of(queryset()) == (NOTHING,)


@pytest.mark.parametrize(
    ("queryset", "columns"),
    [
        (books.filter(in_print=True, shelf=1), ["shelf_id", "in_print"]),
        (books.filter(spare_shelf=None, shelf__in=[1, 2]), ["shelf_id", "spare_shelf_id"]),
        (books.filter(status="draft", author=TOKEN), ["author_id", "status"]),
        (books.filter(shelf__in=[1, 2, 3], isbn=1), ["isbn", "shelf_id"]),
        (books.filter(signed=True, size="2x"), ["size", "signed"]),
    ],
)
def test_the_condition_that_few_rows_meet_stands_first(
    queryset: QuerySet[Book], columns: list[str]
) -> None:
    assert [each.column for each in conditions_of(queryset)] == columns


def test_text_is_compared_by_those_databases_alone_that_compare_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections[DEFAULT_DB_ALIAS], "vendor", "mysql")
    assert told(conditions_of(tasks.filter(priority="low", list=1))) == {"list_id": {1}}


def test_a_query_of_the_projects_own_making_tells_nothing() -> None:
    class OwnQuery(Query):
        """It may mean anything by its parts."""

    own = Task.objects.filter(list=1)
    own.query.__class__ = OwnQuery
    assert conditions_of(own) == ()


def test_a_lookup_of_the_projects_own_making_tells_nothing() -> None:
    class Loosely(Exact):
        """It may take anything for equal."""

    with register_lookup(CharField, Loosely):
        assert told(conditions_of(tasks.filter(priority="low", list=1))) == {"list_id": {1}}


@pytest.mark.django_db
def test_no_query_is_run(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        for queryset, _ in TOLD.values():
            conditions_of(queryset())
