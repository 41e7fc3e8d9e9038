"""Random books, and random questions about them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet, FieldError
from django.db import NotSupportedError, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import Abs, Coalesce, Length, RowNumber, Upper
from hypothesis import strategies as st

from tests.schema_builder.catalog.models import Author, Book, Shelf

TOKENS = [UUID(int=1), UUID(int=2)]
AUTHORS = [UUID(int=11), UUID(int=12)]
SHELVES = [1, 2, 3]
NUMBERS = [0, 1, 2]
TITLES = ["", "a", "A", "b c"]
STATES = ["draft", "on sale"]
SIZES = ["2x", "", "1/2"]

_shelf = st.sampled_from(SHELVES)
_author = st.sampled_from(AUTHORS)
_number = st.sampled_from(NUMBERS)
_title = st.sampled_from(TITLES)
_state = st.sampled_from(STATES)
_size = st.sampled_from(SIZES)
_token = st.sampled_from(TOKENS)


def _set(column: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Q]:
    """Terms on one column: equal, in, null or not."""
    return st.one_of(
        values.map(lambda value: Q(**{column: value})),
        st.lists(st.one_of(st.none(), values), max_size=3).map(
            lambda some: Q(**{f"{column}__in": some})
        ),
        st.booleans().map(lambda null: Q(**{f"{column}__isnull": null})),
    )


_TERMS = st.one_of(
    _set("shelf", _shelf),
    _set("spare_shelf_id", _shelf),
    _set("author", _author),
    _set("sequel_to", st.integers(1, 4)),
    _set("rank", _number),
    _set("pages", _number),
    _set("status", _state),
    _set("size", _size),
    _set("token", _token),
    _set("in_print", st.booleans()),
    _set("signed", st.booleans()),
    _set("title", _title),
    _set("pk", st.integers(1, 4)),
    _set("shelf__code", _title),
    _set("spare_shelf__room", _title),
    _set("author__name", _title),
    _set("editors", _author),
    _set("editors__name", _title),
    _set("sequel_to__rank", _number),
    _set("sequel__shelf", _shelf),
    _set("notes__text", _title),
    st.tuples(_number, _number).map(lambda ends: Q(rank__range=ends)),
    _number.map(lambda value: Q(pages__gt=value)),
    _title.map(lambda value: Q(title__iexact=value)),
    _title.map(lambda value: Q(status__contains=value)),
    _number.map(lambda value: Q(isbn__in=[value, F("rank")])),
    _shelf.map(lambda value: Q(shelf__in=Shelf.objects.filter(books__spare_shelf=value))),
    _author.map(lambda value: Q(Exists(Author.objects.filter(pk=value, edited=OuterRef("pk"))))),
    st.sampled_from(
        [
            Q(rank=F("pages")),
            Q(shelf=F("spare_shelf")),
            Q(in_print=F("signed")),
            Q(published_on=date(2030, 1, 1)),
            Q(price__gte="1.5"),
            Q(pk__in=[]),
            Q(),
        ]
    ),
)

TREES = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] & pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] ^ pair[1]),
        inner.map(lambda one: ~one),
    ),
    max_leaves=5,
)

Step = Callable[[QuerySet[Any]], QuerySet[Any]]


def _counted(most: int) -> Step:
    return lambda books: books.annotate(editing=Count("editors")).filter(editing__lte=most)


def _ranked(most: int) -> Step:
    window = Window(RowNumber(), order_by="pk")
    return lambda books: books.annotate(place=window).filter(place__lte=most)


def _far(distance: int) -> Step:
    return lambda books: books.alias(far=Abs(F("rank") - distance)).filter(far__gte=1)


def _named(title: str) -> Step:
    return lambda books: books.alias(name=Upper("title")).filter(name=title.upper())


def _rated(number: int) -> Step:
    rating = Case(When(rank=number, then=Value(number)), default=Coalesce("pages", Value(7)))
    return lambda books: books.annotate(rating=rating).filter(rating__lte=2).order_by("rating")


def _measured(length: int) -> Step:
    return lambda books: books.annotate(length=Length("title"), same=F("rank")).filter(
        length__gte=length, same__in=[0, 1]
    )


_STEPS: st.SearchStrategy[Step] = st.one_of(
    TREES.map(lambda tree: lambda books: books.filter(tree)),
    TREES.map(lambda tree: lambda books: books.exclude(tree)),
    TREES.map(lambda tree: lambda books: books | Book.objects.filter(tree)),
    TREES.map(lambda tree: lambda books: books & Book.objects.filter(tree)),
    _number.map(_counted),
    _number.map(_far),
    _title.map(_named),
    _number.map(_rated),
    _number.map(_measured),
    st.sampled_from(
        [
            lambda books: books.distinct(),
            lambda books: books.select_related("shelf", "spare_shelf"),
            lambda books: books.order_by("-rank", "pk"),
            lambda books: books.extra(where=["isbn >= %s"], params=[1]),
            lambda books: books.none(),
        ]
    ),
)

_WHOLES: st.SearchStrategy[Step] = st.one_of(
    st.just(lambda books: books),
    st.integers(0, 3).map(lambda end: lambda books: books.order_by("-rank")[1 : 1 + end]),
    TREES.map(lambda tree: _beside("union", tree)),
    TREES.map(lambda tree: _beside("difference", tree)),
    _number.map(_ranked),
)


def _beside(way: str, tree: Q) -> Step:
    """Both sides of a union are the keys, or what else is selected would have to be the same."""
    return lambda books: getattr(books.order_by().values("pk"), way)(
        Book.objects.filter(tree).values("pk")
    )


def _chained(steps: list[Step]) -> QuerySet[Any] | None:
    books: QuerySet[Any] = Book.objects.all()
    try:
        for step in steps:
            books = step(books)
        books.query.get_compiler(books.db).as_sql()
    except (FieldError, NotSupportedError, TypeError, ValueError, NotImplementedError):
        return None  # what Django does not combine
    except EmptyResultSet:
        pass
    return books


def _not_none(books: QuerySet[Any] | None) -> bool:
    return books is not None


NARROWABLE = st.lists(_STEPS, max_size=4).map(_chained).filter(_not_none)
"""Querysets that can be narrowed to one row."""

QUERYSETS = (
    st.tuples(st.lists(_STEPS, max_size=3), _WHOLES)
    .map(lambda parts: _chained([*parts[0], parts[1]]))
    .filter(_not_none)
)
"""All querysets: slices, unions and filters by a window, too."""

BOOKS = st.lists(
    st.fixed_dictionaries(
        {
            "title": _title,
            "isbn": _number,
            "pages": st.one_of(st.none(), _number),
            "price": st.sampled_from(["1.00", "2.50"]),
            "in_print": st.booleans(),
            "signed": st.one_of(st.none(), st.booleans()),
            "published_on": st.sampled_from([None, date(2030, 1, 1)]),
            "token": _token,
            "status": _state,
            "rank": _number,
            "size": _size,
            "shelf_id": _shelf,
            "spare_shelf_id": st.one_of(st.none(), _shelf),
            "author_id": _author,
        }
    ),
    min_size=1,
    max_size=4,
)


@contextmanager
def library(rows: list[dict[str, Any]]) -> Iterator[list[Book]]:
    """The books, numbered from 1, each after the first the sequel of the one before it or nobody's;
    gone afterwards.
    """
    with transaction.atomic():
        Shelf.objects.bulk_create(
            Shelf(pk=pk, code=f"{title}{pk}" if title else "", room=title)
            for pk, title in zip(SHELVES, TITLES[1:], strict=True)
        )
        Author.objects.bulk_create(
            Author(pk=pk, name=title) for pk, title in zip(AUTHORS, TITLES[1:3], strict=True)
        )
        books = Book.objects.bulk_create(
            Book(pk=pk, slug=str(pk), sequel_to_id=pk - 1 if pk % 2 == 0 else None, **row)
            for pk, row in enumerate(rows, 1)
        )
        books[0].editors.set(Author.objects.all())
        books[-1].notes.create(text="a")
        yield books
        transaction.set_rollback(True)
