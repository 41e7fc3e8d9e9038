"""Small writes on whatever rows there are, for random histories."""

from collections.abc import Callable
from itertools import count
from typing import Any

from django.core import serializers
from django.db.models import F, Model, QuerySet, Value
from django.db.models.functions import Concat

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
)
from tests.publish.stock import Link, Sequel, set_

Write = Callable[[int, int], object]
"""What is done, with two small numbers that choose rows and values."""

MODELS: list[type[Model]] = [
    Artwork,
    Book,
    Comic,
    Favourite,
    Genre,
    Label,
    Loan,
    Novel,
    Reader,
    Saga,
    Shelf,
    Link,
    Sequel,
]


NEW = count(10_000)
"""Values that no row has."""


def some(model: type[Model], number: int) -> Any:
    """One of the rows, or none where there are none."""
    rows = list(model._base_manager.order_by("pk"))
    return rows[number % len(rows)] if rows else None


def maybe(model: type[Model], number: int) -> Any:
    """One of the rows, or none."""
    return some(model, number) if number % 3 else None


def on(model: type[Model], write: Callable[[Any, int], object]) -> Write:
    """A write on one of the rows of a model, if there are any."""

    def written(which: int, number: int) -> object:
        row = some(model, which)
        return None if row is None else write(row, number)

    return written


def books(number: int) -> QuerySet[Book]:
    """Some books."""
    return Book.objects.filter(title__lte=str(number))


def reload(row: Any, _: int) -> None:
    """As loaddata does."""
    for each in serializers.deserialize("json", serializers.serialize("json", [row])):
        each.save()


def delete_from_saga(saga: Saga, number: int) -> object:
    return saga.delete(keep_parents=bool(number % 2))


WRITES: list[Write] = [
    # Saves.
    lambda a, b: Shelf.objects.create(name=str(a)),
    lambda a, b: Book.objects.create(title=str(a), shelf=maybe(Shelf, b)),
    lambda a, b: Saga.objects.create(title=str(a), shelf=maybe(Shelf, b), volumes=b),
    lambda a, b: Comic.objects.create(title=str(a), code=next(NEW)),
    lambda a, b: Reader.objects.create(card=f"{next(NEW)} {b}"),
    on(Book, lambda book, b: Loan.objects.create(book=book, reader=maybe(Reader, b), days=b)),
    on(Book, lambda book, b: set_(book, shelf=maybe(Shelf, b), title=str(b)).save()),
    on(Book, lambda book, b: set_(book, shelf=maybe(Shelf, b)).save(update_fields=["title"])),
    on(Saga, lambda saga, b: set_(saga, shelf=maybe(Shelf, b), pages=b, volumes=b).save()),
    on(Saga, lambda saga, b: set_(saga, pages=b).save(update_fields=["pages"])),
    on(Comic, lambda comic, b: set_(comic, title=str(b)).save()),
    on(Loan, lambda loan, b: set_(loan, reader=maybe(Reader, b), days=b).save()),
    on(Loan, lambda loan, b: set_(loan, book=some(Book, b), days=F("days") + 1).save()),
    on(Reader, lambda reader, b: set_(reader, card=reader.card).save()),
    on(Loan, reload),
    on(Saga, reload),
    lambda a, b: Genre.objects.get_or_create(name=str(a)),
    lambda a, b: Genre.objects.update_or_create(pk=a + 1000, defaults={"name": str(b)}),
    # Updates.
    lambda a, b: books(a).update(shelf=maybe(Shelf, b)),
    lambda a, b: Paperback.objects.filter(shelf=maybe(Shelf, a)).update(title=str(b)),
    lambda a, b: Book.objects.exclude(genres=maybe(Genre, a)).update(shelf=maybe(Shelf, b)),
    lambda a, b: Loan.objects.filter(days__lt=a).update(reader=maybe(Reader, b)),
    lambda a, b: Loan.objects.filter(book__shelf=maybe(Shelf, a)).update(days=b, state="late"),
    lambda a, b: Loan.objects.filter(reader=maybe(Reader, a)).update(
        reader=maybe(Reader, b), renewed=True
    ),
    lambda a, b: Saga.objects.filter(volumes__lt=a).update(title=str(b), volumes=b),
    lambda a, b: Saga.objects.update(pages=F("pages") + b, shelf=maybe(Shelf, b)),
    lambda a, b: Comic.objects.update(title=Concat("title", Value("x"))),
    on(Shelf, lambda shelf, b: shelf.books.update(title=str(b))),
    on(Shelf, lambda shelf, b: shelf.books.set(books(b))),
    # At once.
    lambda a, b: Book.objects.bulk_create(
        [Book(title=str(each), shelf=maybe(Shelf, b)) for each in range(a)]
    ),
    lambda a, b: Loan.objects.bulk_create(
        [Loan(book=book, days=a, slip=f"{b:032x}") for book in Book.objects.all()[:1]],
        update_conflicts=True,
        update_fields=["days", "book"],
        unique_fields=["slip"],
    ),
    lambda a, b: Genre.objects.bulk_create([Genre(pk=1000 + a), Genre()], ignore_conflicts=True),
    lambda a, b: Loan.objects.bulk_update(
        [set_(loan, reader=maybe(Reader, b), days=a) for loan in Loan.objects.all()],
        ["reader", "days"],
        batch_size=2,
    ),
    # Relations.
    on(Book, lambda book, b: book.genres.add(*Genre.objects.filter(name__lte=str(b)))),
    on(Book, lambda book, b: book.genres.set(Genre.objects.filter(name__gte=str(b)))),
    on(Book, lambda book, b: book.genres.clear()),
    on(Genre, lambda genre, b: genre.books.set(books(b))),
    on(Genre, lambda genre, b: genre.books.remove(*books(b))),
    on(Book, lambda book, b: book.sequels.set(books(b))),
    on(Reader, lambda reader, b: reader.favourites.set(books(b))),
    on(Book, lambda book, b: book.fans.set(Reader.objects.all()[:b])),
    on(Book, lambda book, b: book.labels.create(text=str(b))),
    on(Book, lambda book, b: book.labels.clear()),
    on(Label, lambda label, b: set_(label, on=some(Shelf, b) or some(Book, b)).save()),
    # Deletes.
    on(Book, lambda book, b: book.delete()),
    on(Saga, delete_from_saga),
    on(Comic, lambda comic, b: comic.delete()),
    on(Shelf, lambda shelf, b: shelf.delete()),
    on(Reader, lambda reader, b: reader.delete()),
    on(Genre, lambda genre, b: genre.delete()),
    on(Loan, lambda loan, b: loan.delete()),
    lambda a, b: Loan.objects.filter(days__lt=a).delete(),
    lambda a, b: books(a).delete(),
    lambda a, b: Paperback.objects.filter(title=str(a)).delete(),
    lambda a, b: Reader.objects.filter(card__endswith=str(a)).delete(),
    lambda a, b: Link.objects.filter(book__in=books(a))._raw_delete("default"),
]
