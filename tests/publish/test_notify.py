"""``notify``: saying by hand that rows changed."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from gql_live import notify
from gql_live.changes import NAMED_ROWS, Change, ChangeKind
from tests.publish.conftest import Published
from tests.publish.library.models import (
    Book,
    Comic,
    Genre,
    Loan,
    Paperback,
    Reader,
    Saga,
    Visit,
)

pytestmark = pytest.mark.django_db(transaction=True)


def said(published: Published) -> list[tuple[str, int | str | None]]:
    changes = published.take()
    assert all(change.kind is ChangeKind.UPDATED for change in changes)
    return [(change.model.removeprefix("library."), change.pk) for change in changes]


def test_an_instance(published: Published) -> None:
    notify(Genre(pk=1))
    assert said(published) == [("genre", 1)]


def test_an_instance_whose_key_is_text_and_stands_for_something_else(published: Published) -> None:
    notify(Reader(pk="000000000000000000000000000000aa"))
    assert said(published) == [("reader", str(UUID(int=0xAA)))]


def test_a_proxy(published: Published) -> None:
    notify(Paperback(pk=1))
    assert said(published) == [("book", 1)]


def test_a_child_lies_in_its_parents_tables_too(published: Published) -> None:
    notify(Saga(pk=1))
    assert sorted(said(published)) == [("book", 1), ("novel", 1), ("saga", 1)]


def test_a_child_of_two_parents(published: Published) -> None:
    comic = Comic.objects.create(id=13, code=913)
    published.take()
    notify(comic)
    assert sorted(said(published)) == [("artwork", 913), ("book", 13), ("comic", 13)]
    notify(Comic.objects.all())
    assert sorted(said(published)) == [("artwork", 913), ("book", 13), ("comic", 13)]


def test_a_parent_that_nobody_can_name(published: Published) -> None:
    notify(Comic(pk=13))
    assert sorted(said(published), key=str) == [("artwork", None), ("book", 13), ("comic", 13)]


def test_a_queryset_names_the_rows_that_it_finds_now(published: Published) -> None:
    Genre.objects.bulk_create([Genre(pk=1, name="a"), Genre(pk=2, name="b"), Genre(pk=3, name="b")])
    published.take()
    notify(Genre.objects.filter(name="b").order_by("-pk"))
    assert said(published) == [("genre", 3), ("genre", 2)]


@pytest.mark.parametrize(
    "rows",
    [
        Genre.objects.order_by("pk")[1:3],
        Genre.objects.filter(pk__gt=1).values("name"),
        Genre.objects.filter(pk=2).union(Genre.objects.filter(pk=3)).order_by("pk"),
        Genre.objects.filter(pk__gt=1).defer("name"),
    ],
    ids=["sliced", "of dictionaries", "united", "deferring"],
)
def test_a_queryset_that_is(published: Published, rows: Any) -> None:
    Genre.objects.bulk_create([Genre(pk=pk) for pk in (1, 2, 3)])
    published.take()
    notify(rows)
    assert sorted(said(published)) == [("genre", 2), ("genre", 3)]


@pytest.mark.parametrize(("count", "named"), [(NAMED_ROWS, True), (NAMED_ROWS + 1, False)])
def test_a_large_queryset_is_read_by_one_query_and_a_larger_one_is_any_row(
    published: Published,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
    named: bool,
) -> None:
    Genre.objects.bulk_create([Genre(pk=pk) for pk in range(count)])
    published.take()
    with transaction.atomic(), django_assert_num_queries(1):
        notify(Genre.objects.order_by("pk"))
    keys = [("genre", pk) for pk in range(count)]
    assert said(published) == (keys if named else [("genre", None)])


def test_a_queryset_that_finds_nothing(published: Published) -> None:
    notify(Genre.objects.all())
    notify(Genre.objects.none())
    assert said(published) == []


def test_rows_that_no_relation_leads_to_are_any_row_and_cost_no_query(
    published: Published, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        notify(Visit.objects.all())
        notify(Visit(pk=1))
    assert said(published) == [("visit", None)] * 2


def test_rows_that_are_not_looked_at_are_passed_over(
    published: Published, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        notify(Session.objects.all())
        notify(Session(pk="1"))
    assert published.take("") == []


def test_it_waits_for_the_commit(published: Published) -> None:
    with transaction.atomic():
        notify(Genre(pk=1))
        assert said(published) == []
    assert said(published) == [("genre", 1)]


@pytest.mark.parametrize(
    "rows", [None, 5, Genre, Genre.objects, [Genre(pk=1)], Book.objects.raw("SELECT 1")]
)
def test_anything_else_is_refused(rows: Any) -> None:
    with pytest.raises(TypeError, match="takes a model instance or a queryset"):
        notify(rows)


def test_a_row_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match=r"this library\.Genre has no key"):
        notify(Genre())


def test_what_the_row_holds_is_not_known(published: Published) -> None:
    notify(Loan(pk=7))
    assert published.take() == [Change("library.loan", 7, ChangeKind.UPDATED)]
