"""Changes commit with their own database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from gql_live import notify
from tests.publish.conftest import Published
from tests.publish.library.models import Book, Genre, Shelf
from tests.publish.stock import Undone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def archive(make_archive: Callable[..., None]) -> None:
    """The library, once more in another database."""
    library: Any = apps.get_app_config("library").get_models()
    make_archive(ContentType, *(each for each in library if each._meta.can_migrate("default")))


def write(pk: int, using: str) -> None:
    Genre(pk=pk).save(using=using, force_insert=True)


def keys(published: Published) -> list[int | str | None]:
    return [change.pk for change in published.take()]


@pytest.mark.parametrize(("outer", "inner"), [("default", "archive"), ("archive", "default")])
def test_what_is_committed_is_published_though_another_transaction_is_open(
    published: Published, outer: str, inner: str
) -> None:
    with transaction.atomic(using=outer):
        write(1, outer)
        with transaction.atomic(using=inner):
            write(2, inner)
            assert keys(published) == []
        assert keys(published) == [2]
    assert keys(published) == [1]


@pytest.mark.parametrize(("outer", "inner"), [("default", "archive"), ("archive", "default")])
def test_a_rollback_takes_along_only_what_is_of_its_own_database(
    published: Published, outer: str, inner: str
) -> None:
    with transaction.atomic(using=inner):
        with pytest.raises(Undone), transaction.atomic(using=outer):
            write(1, outer)
            write(2, inner)
            with pytest.raises(Undone), transaction.atomic(using=inner):
                write(3, inner)
                raise Undone
            raise Undone
        assert keys(published) == []
    assert keys(published) == [2]


def many(using: str) -> None:
    Genre.objects.using(using).bulk_create([Genre(pk=1), Genre(pk=2)])


def by_a_condition(using: str) -> None:
    Genre.objects.using(using).filter(name="x").update(name="y")


def cascade(using: str) -> None:
    Shelf.objects.using(using).all().delete()


def told(using: str) -> None:
    notify(Genre.objects.using(using).all())


def told_of_one(using: str) -> None:
    notify(Genre.objects.using(using).earliest("pk"))


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (many, ["library.genre 1", "library.genre 2"]),
        (by_a_condition, ["library.genre 5"]),
        (cascade, ["library.book 6", "library.shelf 7"]),
        (told, ["library.genre 5"]),
        (told_of_one, ["library.genre 5"]),
    ],
)
def test_every_way_to_write_is_of_the_database_that_it_writes_to(
    published: Published, change: Callable[[str], None], changed: list[str]
) -> None:
    Genre(pk=5, name="x").save(using="archive")
    shelf = Shelf(pk=7)
    shelf.save(using="archive")
    Book(pk=6, shelf=shelf).save(using="archive")
    published.take()
    with transaction.atomic(using="default"), transaction.atomic(using="archive"):
        change("archive")
        assert published.take() == []
    assert sorted(f"{each.model} {each.pk}" for each in published.take()) == changed
