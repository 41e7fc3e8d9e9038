"""Writes of rows, and what each publishes."""

from typing import Any
from uuid import UUID

from django.core import serializers
from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat

from tests.publish.expected import any_row, created, deleted, updated
from tests.publish.library.models import (
    Book,
    Favourite,
    Genre,
    Label,
    Loan,
    Reader,
    Saga,
    Shelf,
    Visit,
)
from tests.publish.stock import ADA, BOB, OTHER_SLIP, SLIP, Case, Link, Sequel, set_


def load(row: Any) -> None:
    """As loaddata does."""
    for each in serializers.deserialize("json", serializers.serialize("json", [row])):
        each.save()


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
        lambda it: set_(it.saga, volumes=F("volumes") * 7).save(update_fields=["volumes"]),
        [updated(Saga, 12, moved="volumes", volumes=21)],
    ),
    (
        "a key given as text",
        lambda _: Genre(pk="20", name="love").save(),
        [updated(Genre, 20)],
    ),
    ("a key that is no number", lambda it: it.ada.save(), [updated(Reader, str(ADA))]),
    (
        "such a key given as text",
        lambda it: set_(it.ada, pk=ADA.hex).save(),
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
    ("a row that no relation leads to", lambda _: Visit.objects.create(), [any_row(Visit)]),
    (
        "rows that no relation leads to, of which there are none",
        lambda _: Visit.objects.update(day="2000-01-01"),
        [],
    ),
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
        "an update that moves rows and computes by SQL of its own",
        lambda _: Loan.objects.update(reader=None, days=RawSQL("id * 2", ())),
        [updated(Loan, 50, moved="days", **LOAN | {"reader_id": (str(ADA), None), "days": 100})],
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
