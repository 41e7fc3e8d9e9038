"""Which changes follow from which write."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.core import serializers
from django.db import models

from gql_live.changes import Change, ChangeKind
from tests.publish.conftest import Published
from tests.publish.library.models import (
    Artwork,
    Book,
    Comic,
    Genre,
    Novel,
    Paperback,
    Reader,
    Saga,
    Shelf,
    Visit,
)

pytestmark = pytest.mark.django_db(transaction=True)


def created(model: type[models.Model], pk: int | str) -> Change:
    return Change(model._meta.label_lower, pk, ChangeKind.CREATED)


def updated(model: type[models.Model], pk: int | str) -> Change:
    return Change(model._meta.label_lower, pk, ChangeKind.UPDATED)


def deleted(model: type[models.Model], pk: int | str) -> Change:
    return Change(model._meta.label_lower, pk, ChangeKind.DELETED)


@dataclass
class Library:
    """The rows that are there before each write."""

    shelf: Shelf
    book: Book
    other: Book
    saga: Saga
    comic: Comic
    genre: Genre
    reader: Reader


@pytest.fixture
def library(published: Published) -> Library:
    shelf = Shelf.objects.create(pk=1, name="top")
    book = Book.objects.create(pk=10, title="Emma", shelf=shelf)
    other = Book.objects.create(pk=11, title="Persuasion")
    genre = Genre.objects.create(pk=20, name="romance")
    reader = Reader.objects.create(pk=READER, card="r1")
    saga = Saga.objects.create(pk=12, title="Edda")
    comic = Comic.objects.create(id=13, title="Asterix", code=913)
    book.genres.add(genre)
    book.sequels.add(other)
    reader.favourites.add(book)
    published.take()
    return Library(shelf, book, other, saga, comic, genre, reader)


READER = UUID("00000000-0000-0000-0000-0000000000aa")
READER_KEY = str(READER)

# Each write, as a sentence, and what it publishes: a list, for nothing is said twice.
Case = tuple[str, Callable[[Library], object], list[Change]]
SAVES: list[Case] = [
    ("a new row", lambda _: Genre.objects.create(pk=21), [created(Genre, 21)]),
    ("a saved row", lambda it: it.genre.save(), [updated(Genre, 20)]),
    (
        "a row saved with some fields",
        lambda it: it.genre.save(update_fields=["name"]),
        [updated(Genre, 20)],
    ),
    ("a save of no fields", lambda it: it.genre.save(update_fields=[]), []),
    (
        "a key given as text",
        lambda _: Genre(pk="20", name="love").save(),
        [updated(Genre, 20)],
    ),
    ("a key that is no number", lambda it: it.reader.save(), [updated(Reader, READER_KEY)]),
    (
        "such a key given as text",
        lambda _: Reader(pk=READER.hex, card="r1").save(force_update=True),
        [updated(Reader, READER_KEY)],
    ),
    (
        "get_or_create that creates",
        lambda _: Genre.objects.get_or_create(pk=22),
        [created(Genre, 22)],
    ),
    ("get_or_create that gets", lambda _: Genre.objects.get_or_create(pk=20), []),
    (
        "update_or_create that updates",
        lambda _: Genre.objects.update_or_create(pk=20, defaults={"name": "love"}),
        [updated(Genre, 20)],
    ),
    ("a row that nobody watches", lambda _: Visit.objects.create(), []),
]
DELETES: list[Case] = [
    ("a deleted row", lambda it: it.reader.delete(), [deleted(Reader, READER_KEY)]),
    (
        "rows deleted by a queryset",
        lambda _: Genre.objects.filter(pk=20).delete(),
        [deleted(Genre, 20)],
    ),
    (
        "a delete that cascades",
        lambda it: it.shelf.delete(),
        [deleted(Shelf, 1), deleted(Book, 10), updated(Saga, 10), updated(Comic, 10)],
    ),
]
INHERITANCE: list[Case] = [
    (
        "a save through a proxy",
        lambda _: Paperback.objects.get(pk=11).save(),
        [updated(Book, 11), updated(Saga, 11), updated(Comic, 11)],
    ),
    (
        "a delete through a proxy",
        lambda _: Paperback.objects.get(pk=11).delete(),
        [deleted(Book, 11), updated(Saga, 11), updated(Comic, 11)],
    ),
    (
        "a save of a child is one of its parents",
        lambda it: it.saga.save(),
        [updated(Saga, 12), updated(Book, 12)],
    ),
    (
        "a save of a parent is one of its children, were there any",
        lambda _: Book.objects.get(pk=12).save(),
        [updated(Book, 12), updated(Saga, 12), updated(Comic, 12)],
    ),
    (
        "a save between a watched parent and a watched child",
        lambda _: Novel.objects.get(pk=12).save(),
        [updated(Book, 12), updated(Saga, 12)],
    ),
    (
        "a new child",
        lambda _: Saga.objects.create(pk=30),
        [created(Saga, 30), updated(Book, 30)],
    ),
    (
        "a deleted child takes its parents along",
        lambda it: it.saga.delete(),
        [
            deleted(Saga, 12),
            deleted(Book, 12),
            updated(Book, 12),  # of the saga
            updated(Book, 12),  # of the novel
            updated(Saga, 12),  # of the novel
            updated(Saga, 12),  # of the book
            updated(Comic, 12),
        ],
    ),
    (
        "a child deleted alone",
        lambda it: it.saga.delete(keep_parents=True),
        [deleted(Saga, 12), updated(Book, 12)],
    ),
    (
        "a save of a child of two parents",
        lambda it: it.comic.save(),
        [updated(Comic, 13), updated(Book, 13), updated(Artwork, 913)],
    ),
    (
        "a save of one of two parents",
        lambda _: Book.objects.get(pk=13).save(),
        [updated(Book, 13), updated(Saga, 13), updated(Comic, 13)],
    ),
    (
        "a save of the other parent",
        lambda _: Artwork.objects.get(pk=913).save(),
        [updated(Artwork, 913), updated(Comic, 13)],
    ),
]
BOOKS_LINK = [updated(Book, 10), updated(Saga, 10), updated(Comic, 10)]
OTHERS_LINK = [updated(Book, 11), updated(Saga, 11), updated(Comic, 11)]
RELATIONS: list[Case] = [
    (
        "an added link",
        lambda it: it.other.genres.add(it.genre),
        [*OTHERS_LINK, updated(Genre, 20)],
    ),
    (
        "a link added from the far side",
        lambda it: it.genre.books.add(it.other),
        [*OTHERS_LINK, updated(Genre, 20)],
    ),
    (
        "a link that was there already still names its row",
        lambda it: it.book.genres.add(it.genre),
        BOOKS_LINK,
    ),
    (
        "a removed link",
        lambda it: it.book.genres.remove(it.genre),
        [*BOOKS_LINK, updated(Genre, 20)],
    ),
    (
        "cleared links name the far side, too",
        lambda it: it.book.genres.clear(),
        [*BOOKS_LINK, updated(Genre, 20)],
    ),
    (
        "links cleared from the far side",
        lambda it: it.genre.books.clear(),
        [updated(Genre, 20), *BOOKS_LINK],
    ),
    ("links set to what they are", lambda it: it.book.genres.set([it.genre]), []),
    (
        "links set to nothing",
        lambda it: it.book.genres.set([]),
        [*BOOKS_LINK, updated(Genre, 20)],
    ),
    (
        "a link between rows of one model",
        lambda it: it.book.sequels.remove(it.other),
        [*BOOKS_LINK, *OTHERS_LINK],
    ),
    (
        "a link that is a model, referring to another column than the key",
        lambda it: it.book.fans.remove(it.reader),
        [*BOOKS_LINK, updated(Reader, READER_KEY)],
    ),
    (
        "such links cleared",
        lambda it: it.book.fans.clear(),
        [*BOOKS_LINK, updated(Reader, READER_KEY)],
    ),
    (
        "a link of a child, inherited from its parent",
        lambda it: it.saga.genres.add(it.genre),
        [updated(Saga, 12), updated(Book, 12), updated(Genre, 20)],
    ),
]


def parameters(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("write", "expected"),
        [case[1:] for case in cases],
        ids=[case[0] for case in cases],
    )


def in_order(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (change.model, str(change.pk), change.kind))


@parameters(SAVES + DELETES + INHERITANCE + RELATIONS)
def test_a_write_publishes(
    published: Published,
    library: Library,
    write: Callable[[Library], object],
    expected: list[Change],
) -> None:
    write(library)
    assert in_order(published.take()) == in_order(expected)


def test_fixtures_publish_as_well(published: Published, library: Library) -> None:
    text = serializers.serialize("json", [*Genre.objects.all(), *Shelf.objects.all()])
    for row in serializers.deserialize("json", text):
        row.save()
    assert published.take() == [updated(Genre, 20), updated(Shelf, 1)]
