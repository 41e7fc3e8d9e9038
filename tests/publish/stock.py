"""The rows that are in the library before a write."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from gql_live.changes import Change
from tests.publish.library.models import (
    Book,
    Comic,
    Favourite,
    Genre,
    Label,
    Loan,
    Reader,
    Saga,
    Shelf,
)

ADA, BOB = UUID(int=0xAA), UUID(int=0xBB)
SLIP, OTHER_SLIP = UUID(int=1), UUID(int=2)
Link = Book.genres.through
Sequel = Book.sequels.through


@dataclass
class Library:
    """Rows as they were read."""

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
    fan: Favourite


Case = tuple[str, Callable[[Library], object], list[Change]]
"""A write, as a sentence, and what it publishes."""


def stock() -> None:
    """Create the rows."""
    shelf = Shelf.objects.create(pk=1, name="top")
    Shelf.objects.create(pk=2, name="low")
    book = Book.objects.create(pk=10, title="Emma", shelf=shelf)
    other = Book.objects.create(pk=11, title="Persuasion")
    Saga.objects.create(pk=12, title="Edda", shelf=shelf)
    Comic.objects.create(id=13, title="Asterix", code=913)
    genre = Genre.objects.create(pk=20, name="romance")
    ada = Reader.objects.create(pk=ADA, card="a1")
    Reader.objects.create(pk=BOB, card="b1")
    Link.objects.create(pk=40, book=book, genre=genre)
    Sequel.objects.create(pk=41, from_book=book, to_book=other)
    Sequel.objects.create(pk=42, from_book=other, to_book=book)
    Favourite.objects.create(pk=43, reader=ada, book=book)
    Loan.objects.create(pk=50, reader=ada, book=book, slip=SLIP)
    Label.objects.create(pk=60, text="new", on=book)
    _number_from_here()


def _number_from_here() -> None:
    """Have what is created next numbered beyond what is there.

    PostgreSQL's sequences go on from test to test, and would come to a key that is given above.
    """
    models: list[type[Model]] = [Shelf, Book, Genre, Link, Sequel, Favourite, Loan, Label]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def fetch() -> Library:
    """Read the rows."""
    return Library(
        Shelf.objects.get(pk=1),
        Book.objects.get(pk=10),
        Book.objects.get(pk=11),
        Saga.objects.get(pk=12),
        Comic.objects.get(pk=13),
        Genre.objects.get(pk=20),
        Reader.objects.get(pk=ADA),
        Reader.objects.get(pk=BOB),
        Loan.objects.get(pk=50),
        Label.objects.get(pk=60),
        Favourite.objects.get(pk=43),
    )


def set_(row: Any, **values: Any) -> Any:
    """The row with other values, unsaved."""
    for name, value in values.items():
        setattr(row, name, value)
    return row


class Undone(Exception):
    """Rolls the innermost block back."""


def undo(block: Callable[[], object]) -> None:
    """Do it in a block, and roll that back."""
    with suppress(Undone), transaction.atomic():
        block()
        raise Undone
