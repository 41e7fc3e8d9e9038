"""Which changes follow from which write, and what they tell."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from gql_live.changes import Change
from tests.publish.conftest import Published
from tests.publish.expected import any_row, created, deleted, in_order, updated
from tests.publish.library.models import (
    Artwork,
    Book,
    Comic,
    Favourite,
    Genre,
    Label,
    Loan,
    Novel,
    Paperback,
    Reader,
    Saga,
    Shelf,
    Visit,
)

pytestmark = pytest.mark.django_db(transaction=True)

ADA, BOB = UUID(int=0xAA), UUID(int=0xBB)
SLIP, OTHER_SLIP = UUID(int=1), UUID(int=2)
Link = Book.genres.through
Sequel = Book.sequels.through


@dataclass
class Library:
    """The rows that are there before each write."""

    shelf: Shelf
    book: Book
    other: Book
    saga: Saga
    comic: Comic
    genre: Genre
    ada: Reader
    bob: Reader
    loan: Loan
    label: Label
    link: Any
    fan: Favourite


@pytest.fixture
def library(published: Published) -> Library:
    shelf = Shelf.objects.create(pk=1, name="top")
    Shelf.objects.create(pk=2, name="low")
    book = Book.objects.create(pk=10, title="Emma", shelf=shelf)
    other = Book.objects.create(pk=11, title="Persuasion")
    saga = Saga.objects.create(pk=12, title="Edda", shelf=shelf)
    comic = Comic.objects.create(id=13, title="Asterix", code=913)
    genre = Genre.objects.create(pk=20, name="romance")
    ada = Reader.objects.create(pk=ADA, card="a1")
    bob = Reader.objects.create(pk=BOB, card="b1")
    link = Link.objects.create(pk=40, book=book, genre=genre)
    Sequel.objects.create(pk=41, from_book=book, to_book=other)
    Sequel.objects.create(pk=42, from_book=other, to_book=book)
    fan = Favourite.objects.create(pk=43, reader=ada, book=book)
    loan = Loan.objects.create(pk=50, reader=ada, book=book, slip=SLIP)
    label = Label.objects.create(pk=60, text="new", on=book)
    published.take()
    return Library(shelf, book, other, saga, comic, genre, ada, bob, loan, label, link, fan)


LOAN: dict[str, Any] = {
    "reader_id": str(ADA),
    "book_id": 10,
    "state": "open",
    "days": None,
    "renewed": False,
    "slip": str(SLIP),
}
"""What the loan holds."""
WRITTEN = "book_id state days renewed slip"
"""What a save writes of it, but for the reader, which is remembered."""
SAVED = updated(Loan, 50, moved=WRITTEN, **LOAN)


def saved_book(pk: int, shelf: int | None) -> Change:
    return updated(Book, pk, moved="shelf_id", shelf_id=shelf)


# Each write, as a sentence, and what it publishes.
Case = tuple[str, Callable[[Library], object], list[Change]]
SAVES: list[Case] = [
    ("a new row", lambda _: Genre.objects.create(pk=21), [created(Genre, 21)]),
    (
        "a new row and its values",
        lambda it: Loan.objects.create(pk=51, book=it.other, days=3, slip=OTHER_SLIP),
        [
            created(
                Loan,
                51,
                reader_id=None,
                book_id=11,
                state="open",
                days=3,
                renewed=False,
                slip=str(OTHER_SLIP),
            )
        ],
    ),
    (
        "a value that the database computes",
        lambda it: Loan.objects.create(
            pk=51, book=it.book, days=Value(2) + Value(3), slip=OTHER_SLIP
        ),
        [created(Loan, 51, **LOAN | {"reader_id": None, "days": 5, "slip": str(OTHER_SLIP)})],
    ),
    ("a saved row", lambda it: it.genre.save(), [updated(Genre, 20)]),
    ("a saved row and its values", lambda it: it.loan.save(), [SAVED]),
    (
        "a row saved with some fields",
        lambda it: it.loan.save(update_fields=["days", "note"]),
        [updated(Loan, 50, moved="days", **LOAN)],
    ),
    ("a save of no fields", lambda it: it.genre.save(update_fields=[]), []),
    (
        "a save that moves a row out of its parent",
        lambda it: set_(it.loan, reader=it.bob).save(),
        [updated(Loan, 50, moved=WRITTEN, **LOAN | {"reader_id": (str(ADA), str(BOB))})],
    ),
    (
        "a save of an expression",
        lambda it: set_(it.loan, days=Coalesce(F("days"), 0) + 7).save(),
        [updated(Loan, 50, moved=WRITTEN, **LOAN | {"days": 7})],
    ),
    (
        "a key given as text",
        lambda _: Genre(pk="20", name="love").save(),
        [updated(Genre, 20)],
    ),
    ("a key that is no number", lambda it: it.ada.save(), [updated(Reader, str(ADA))]),
    (
        "such a key given as text",
        lambda _: Reader(pk=ADA.hex, card="a1").save(force_update=True),
        [updated(Reader, str(ADA))],
    ),
    (
        "such a key of a new row given as text",
        lambda _: Reader(pk="C" * 32, card="c1").save(force_insert=True),
        [created(Reader, str(UUID("C" * 32)))],
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
    (
        "update_or_create that creates",
        lambda _: Genre.objects.update_or_create(pk=22, defaults={"name": "love"}),
        [created(Genre, 22)],
    ),
    ("a fixture", lambda it: load(it.loan), [SAVED]),
    ("a row that nobody watches", lambda _: Visit.objects.create(), []),
    (
        "an update that finds no row",
        lambda _: Genre.objects.filter(pk=99).update(name="x"),
        [],
    ),
    ("an update of nothing", lambda _: Genre.objects.none().update(name="x"), []),
]
DELETES: list[Case] = [
    (
        "a deleted row",
        lambda it: it.fan.delete(),
        [deleted(Favourite, 43, reader_id="a1", book_id=10)],
    ),
    ("a deleted row and its values", lambda it: it.loan.delete(), [deleted(Loan, 50, **LOAN)]),
    ("a delete that finds no row", lambda _: Loan(pk=99).delete(), []),
    (
        "rows deleted by a queryset",
        lambda _: Loan.objects.filter(days=None).delete(),
        [deleted(Loan, 50, **LOAN)],
    ),
    (
        "rows deleted by what they refer to",
        lambda _: Loan.objects.filter(book__title="Emma").delete(),
        [deleted(Loan, 50, **LOAN)],
    ),
    ("every row deleted", lambda _: Loan.objects.all().delete(), [deleted(Loan, 50, **LOAN)]),
    (
        "rows deleted without a look",
        lambda _: Loan.objects.filter(pk__lt=99)._raw_delete("default"),
        [deleted(Loan, 50, **LOAN)],
    ),
    (
        "a delete that cascades",
        lambda it: it.book.delete(),
        [
            deleted(Loan, 50, **LOAN),
            deleted(Link, 40, book_id=10, genre_id=20),
            deleted(Sequel, 41, from_book_id=10, to_book_id=11),
            deleted(Sequel, 42, from_book_id=11, to_book_id=10),
            deleted(Favourite, 43, reader_id="a1", book_id=10),
            deleted(Label, 60, content_type_id="BOOK", object_id="10"),
            deleted(Book, 10, shelf_id=1),
        ],
    ),
    (
        "a delete that sets references to null",
        lambda it: it.ada.delete(),
        [
            deleted(Favourite, 43, reader_id="a1", book_id=10),
            updated(Loan, 50, **LOAN | {"reader_id": (str(ADA), None)}),
            deleted(Reader, str(ADA)),
        ],
    ),
]
UPDATES: list[Case] = [
    (
        "an update of a queryset",
        lambda _: Loan.objects.update(note="x"),
        [updated(Loan, 50, **LOAN)],
    ),
    (
        "an update by a key",
        lambda _: Loan.objects.filter(pk=50).update(renewed=True),
        [updated(Loan, 50, moved="renewed", **LOAN | {"renewed": True})],
    ),
    (
        "an update by keys and more",
        lambda _: Loan.objects.filter(pk__in=[50, 51], days=None).update(days=1),
        [updated(Loan, 50, moved="days", **LOAN | {"days": 1})],
    ),
    (
        "an update by a reference",
        lambda _: Loan.objects.filter(reader__card="a1").update(state="late"),
        [updated(Loan, 50, moved="state", **LOAN | {"state": "late"})],
    ),
    (
        "an update by an annotation",
        lambda _: Book.objects.annotate(n=Count("loan")).filter(n=1).update(title="x"),
        [updated(Book, 10, shelf_id=1)],
    ),
    (
        "an update by an exclusion",
        lambda _: Book.objects.exclude(pk__in=[10, 12, 13]).update(title="x"),
        [updated(Book, 11, shelf_id=None)],
    ),
    (
        "an update of a slice's rows",
        lambda _: Book.objects.filter(pk__in=Book.objects.order_by("pk")[1:2]).update(title="x"),
        [updated(Book, 11, shelf_id=None)],
    ),
    (
        "an update by what an expression says",
        lambda _: Book.objects.filter(pk=Value(5) * 2).update(title=Concat("title", Value("!"))),
        [updated(Book, 10, shelf_id=1)],
    ),
    (
        "an update by a subquery",
        lambda _: Loan.objects.update(
            note=Subquery(Book.objects.filter(pk=OuterRef("book")).values("title"))
        ),
        [updated(Loan, 50, **LOAN)],
    ),
    (
        "an update that moves rows",
        lambda it: Loan.objects.filter(book=it.book).update(reader=it.bob, book=it.other),
        [
            updated(
                Loan,
                50,
                moved="book_id",
                **LOAN | {"reader_id": (str(ADA), str(BOB)), "book_id": 11},
            )
        ],
    ),
    (
        "an update that writes what was there",
        lambda it: Loan.objects.update(reader=it.ada),
        [updated(Loan, 50, **LOAN)],
    ),
    (
        "an update of one row by its reference to another",
        lambda it: Loan.objects.filter(pk=50).update(reader_id=None),
        [updated(Loan, 50, **LOAN | {"reader_id": (str(ADA), None)})],
    ),
    (
        "an update by what refers to the row",
        lambda _: Genre.objects.filter(pk=20).exclude(books=None).update(name="x"),
        [updated(Genre, 20)],
    ),
    (
        "a new key for a row",
        lambda _: Shelf.objects.filter(pk=2).update(id=3),
        [any_row(Shelf)],
    ),
]
BULK: list[Case] = [
    (
        "rows created at once",
        lambda _: Book.objects.bulk_create([Book(pk=30), Book(pk=31, shelf_id=1)]),
        [created(Book, 30, shelf_id=None), created(Book, 31, shelf_id=1)],
    ),
    (
        "rows whose keys are no numbers created at once",
        lambda _: Reader.objects.bulk_create([Reader(pk=UUID(int=1), card="1")]),
        [created(Reader, str(UUID(int=1)))],
    ),
    ("no rows created at once", lambda _: Book.objects.bulk_create([]), []),
    (
        "rows created in batches",
        lambda _: Genre.objects.bulk_create([Genre(pk=30), Genre(pk=31)], batch_size=1),
        [created(Genre, 30), created(Genre, 31)],
    ),
    (
        "rows created unless they are there",
        lambda _: Book.objects.bulk_create(
            [Book(pk=10, shelf_id=2), Book(pk=30, shelf_id=2)], ignore_conflicts=True
        ),
        [created(Book, 30, shelf_id=2)],
    ),
    (
        "a row created unless it is there, and it is",
        lambda _: Book.objects.bulk_create([Book(pk=10)], ignore_conflicts=True),
        [],
    ),
    (
        "rows created or updated",
        lambda _: Loan.objects.bulk_create(
            [Loan(book_id=11, days=5, slip=SLIP)],
            update_conflicts=True,
            update_fields=["days", "note"],
            unique_fields=["slip"],
        ),
        [updated(Loan, 50, moved="days", **LOAN | {"days": 5})],
    ),
    (
        "rows updated at once",
        lambda it: Loan.objects.bulk_update(
            [set_(it.loan, days=9, reader=it.bob)], ["days", "reader"]
        ),
        [updated(Loan, 50, moved="days", **LOAN | {"days": 9, "reader_id": (str(ADA), str(BOB))})],
    ),
]
INHERITANCE: list[Case] = [
    (
        "a save through a proxy",
        lambda _: Paperback.objects.get(pk=11).save(),
        [saved_book(11, None)],
    ),
    (
        "an update through a proxy",
        lambda _: Paperback.objects.filter(pk=11).update(shelf=1),
        [saved_book(11, 1)],
    ),
    (
        "a delete through a proxy",
        lambda _: Paperback.objects.filter(pk=11).delete(),
        [
            deleted(Sequel, 41, from_book_id=10, to_book_id=11),
            deleted(Sequel, 42, from_book_id=11, to_book_id=10),
            deleted(Book, 11, shelf_id=None),
        ],
    ),
    (
        "a save of a child writes its parents' tables",
        lambda it: it.saga.save(),
        [
            saved_book(12, 1),
            updated(Novel, 12, moved="pages", pages=0),
            updated(Saga, 12, moved="volumes", volumes=3),
        ],
    ),
    (
        "a save of what a child has of its parent",
        lambda it: it.saga.save(update_fields=["title"]),
        [updated(Book, 12, shelf_id=1)],
    ),
    ("a save of a parent", lambda _: Book.objects.get(pk=12).save(), [saved_book(12, 1)]),
    (
        "a new child",
        lambda _: Saga.objects.create(pk=30),
        [
            created(Book, 30, shelf_id=None),
            created(Novel, 30, pages=0),
            created(Saga, 30, volumes=3),
        ],
    ),
    (
        "a deleted child",
        lambda it: it.saga.delete(),
        [
            deleted(Saga, 12, volumes=3),
            deleted(Novel, 12, pages=0),
            deleted(Book, 12, shelf_id=1),
        ],
    ),
    (
        "a child deleted alone",
        lambda it: it.saga.delete(keep_parents=True),
        [deleted(Saga, 12, volumes=3)],
    ),
    (
        "an update of a child",
        lambda _: Saga.objects.update(volumes=4),
        [updated(Saga, 12, moved="volumes", volumes=4)],
    ),
    (
        "an update of what a child has of its parents",
        lambda _: Saga.objects.filter(volumes=3).update(title="x", pages=5),
        [updated(Book, 12, shelf_id=1), updated(Novel, 12, moved="pages", pages=5)],
    ),
    (
        "an update of a child and its parent",
        lambda _: Saga.objects.filter(volumes=3).update(title="x", volumes=4),
        [updated(Saga, 12, moved="volumes", volumes=4), updated(Book, 12, shelf_id=1)],
    ),
    (
        "a save of a child of two parents",
        lambda it: it.comic.save(),
        [
            saved_book(13, None),
            updated(Comic, 13, moved="artwork_ptr_id", artwork_ptr_id=913),
        ],
    ),
    (
        "an update of what a child has of either parent",
        lambda _: Comic.objects.update(title="x"),
        [updated(Book, 13, shelf_id=None)],
    ),
    (
        "a deleted child of two parents",
        lambda it: it.comic.delete(),
        [
            deleted(Comic, 13, artwork_ptr_id=913),
            deleted(Book, 13, shelf_id=None),
            deleted(Artwork, 913),
        ],
    ),
]
LINK = {"book_id": 10, "genre_id": 20}
RELATIONS: list[Case] = [
    (
        "an added link",
        lambda it: it.other.genres.add(it.genre),
        [created(Link, 1, book_id=11, genre_id=20)],
    ),
    (
        "a link added from the far side",
        lambda it: it.genre.books.add(it.other),
        [created(Link, 1, book_id=11, genre_id=20)],
    ),
    ("a link that was there already", lambda it: it.book.genres.add(it.genre), []),
    (
        "a removed link",
        lambda it: it.book.genres.remove(it.genre),
        [deleted(Link, 40, **LINK)],
    ),
    (
        "a link removed from the far side",
        lambda it: it.genre.books.remove(it.book),
        [deleted(Link, 40, **LINK)],
    ),
    ("cleared links", lambda it: it.book.genres.clear(), [deleted(Link, 40, **LINK)]),
    (
        "links cleared from the far side",
        lambda it: it.genre.books.clear(),
        [deleted(Link, 40, **LINK)],
    ),
    ("links set to what they are", lambda it: it.book.genres.set([it.genre]), []),
    (
        "links set to others",
        lambda it: it.genre.books.set([it.other]),
        [deleted(Link, 40, **LINK), created(Link, 1, book_id=11, genre_id=20)],
    ),
    (
        "a link between rows of one model",
        lambda it: it.book.sequels.remove(it.other),
        [
            deleted(Sequel, 41, from_book_id=10, to_book_id=11),
            deleted(Sequel, 42, from_book_id=11, to_book_id=10),
        ],
    ),
    (
        "a link that is a model, referring to another column than the key",
        lambda it: it.other.fans.add(it.bob),
        [created(Favourite, 1, reader_id="b1", book_id=11)],
    ),
    (
        "such links cleared",
        lambda it: it.book.fans.clear(),
        [deleted(Favourite, 43, reader_id="a1", book_id=10)],
    ),
    (
        "a link of a child, inherited from its parent",
        lambda it: it.saga.genres.add(it.genre),
        [created(Link, 1, book_id=12, genre_id=20)],
    ),
    (
        "rows created by a reverse relation",
        lambda it: it.shelf.books.create(pk=30),
        [created(Book, 30, shelf_id=1)],
    ),
    (
        "rows added by a reverse relation",
        lambda it: it.shelf.books.add(it.other),
        [saved_book(11, 1)],
    ),
    (
        "rows removed from a reverse relation",
        lambda it: it.shelf.books.clear(),
        [saved_book(10, None), saved_book(12, None)],
    ),
]
GENERIC: list[Case] = [
    (
        "a row that refers to any other",
        lambda it: Label.objects.create(pk=61, on=it.other),
        [created(Label, 61, content_type_id="BOOK", object_id="11")],
    ),
    (
        "such a row created by its relation",
        lambda it: it.other.labels.create(pk=61),
        [created(Label, 61, content_type_id="BOOK", object_id="11")],
    ),
    (
        "such a row that moves",
        lambda it: set_(it.label, on=it.other).save(),
        [
            updated(
                Label,
                60,
                moved="content_type_id object_id",
                content_type_id="BOOK",
                object_id="11",
            )
        ],
    ),
    (
        "such rows removed by their relation",
        lambda it: it.book.labels.clear(),
        [deleted(Label, 60, content_type_id="BOOK", object_id="10")],
    ),
]
ASYNC: list[Case] = [
    ("acreate", lambda _: asyncio.run(Genre.objects.acreate(pk=21)), [created(Genre, 21)]),
    ("asave", lambda it: asyncio.run(it.genre.asave()), [updated(Genre, 20)]),
    ("adelete", lambda it: asyncio.run(it.loan.adelete()), [deleted(Loan, 50, **LOAN)]),
    (
        "aupdate",
        lambda _: asyncio.run(Genre.objects.filter(name="romance").aupdate(name="x")),
        [updated(Genre, 20)],
    ),
    (
        "abulk_create",
        lambda _: asyncio.run(Genre.objects.abulk_create([Genre(pk=21), Genre(pk=22)])),
        [created(Genre, 21), created(Genre, 22)],
    ),
    (
        "aget_or_create",
        lambda _: asyncio.run(Genre.objects.aget_or_create(pk=21)),
        [created(Genre, 21)],
    ),
]


def set_(row: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def load(row: Any) -> None:
    """As loaddata does."""
    for each in serializers.deserialize("json", serializers.serialize("json", [row])):
        each.save()


def named(changes: list[Change]) -> list[Change]:
    """The changes with what only the database knows given a name: types, and new keys."""
    book = ContentType.objects.get_for_model(Book).pk
    kept = []
    for change in changes:
        values = dict(change.values)
        if values.get("content_type_id") == (book,):
            values["content_type_id"] = ("BOOK",)
        new = (
            change.model in {"library.book_genres", "library.favourite"}
            and change.kind == "created"
        )
        kept.append(
            Change(change.model, 1 if new else change.pk, change.kind, values, change.moved)
        )
    return kept


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        pytest.param(*case[1:], id=case[0])
        for case in (*SAVES, *DELETES, *UPDATES, *BULK, *INHERITANCE, *RELATIONS, *GENERIC, *ASYNC)
    ],
)
def test_a_write_publishes(
    published: Published,
    library: Library,
    write: Callable[[Library], object],
    expected: list[Change],
) -> None:
    write(library)
    assert in_order(named(published.take())) == in_order(expected)
