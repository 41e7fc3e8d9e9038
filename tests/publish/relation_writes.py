"""Writes along relations, in inheritance, and by the async ORM, and what each publishes."""

import asyncio

from gql_live.changes import Change
from tests.publish.expected import created, deleted, updated
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
    Saga,
)
from tests.publish.row_writes import LOAN
from tests.publish.stock import Case, Link, Sequel, set_


def saved_book(pk: int, shelf: int | None) -> Change:
    return updated(Book, pk, moved="shelf_id", shelf_id=shelf)


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
