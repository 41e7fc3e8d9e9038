"""Capture changes nothing of what Django does: the same statements, results, errors and rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext

from gql_live.changes import NAMED_ROWS
from gql_live.compilers import unwrap_compilers, wrap_compilers
from tests.publish.conftest import Published
from tests.publish.library.models import Book, Genre, Loan, Reader, Saga, Shelf, Visit
from tests.publish.relation_writes import GENERIC, INHERITANCE, RELATIONS
from tests.publish.row_writes import BULK, DELETES, SAVES, UPDATES
from tests.publish.stock import ADA, Library, Link, fetch, set_, stock

pytestmark = pytest.mark.django_db

CASES = [*SAVES, *DELETES, *UPDATES, *BULK, *INHERITANCE, *RELATIONS, *GENERIC]
MODELS: list[type[models.Model]] = [Book, Genre, Loan, Reader, Saga, Shelf, Link]
MANY = NAMED_ROWS + 1
UNKNOWN: dict[str, Any] = {"nothing": 1}


@contextmanager
def without_us() -> Iterator[None]:
    unwrap_compilers()
    try:
        yield
    finally:
        wrap_compilers()


def outcome(write: Callable[[Library], object]) -> tuple[object, int, list[Any]]:
    """Write, and take it back: what was returned or raised, how many statements, the rows."""
    library = fetch()
    ContentType.objects.clear_cache()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as captured:
            try:
                with transaction.atomic():
                    result = plain(write(library))
            except Exception as error:
                result = type(error), str(error)
        rows = stored()
        transaction.set_rollback(True)
    # What a remembered column held before is asked by two statements more, on SQLite.
    locks = [query for query in captured if query["sql"].endswith(" WHERE 0")]
    return result, len(captured) - 2 * len(locks), rows


def refusal(write: Callable[[Library], object]) -> tuple[type[Exception], str]:
    library = fetch()
    try:
        write(library)
    except Exception as error:
        return type(error), str(error)
    pytest.fail("it was taken")


def stored() -> list[Any]:
    return [plain(list(model._base_manager.order_by("pk"))) for model in MODELS]


def plain(result: Any) -> Any:
    if isinstance(result, models.Model):
        held = {name: repr(value) for name, value in vars(result).items() if name[0] != "_"}
        if isinstance(result, Link | Visit):
            del held["id"]  # a sequence goes on when a transaction is rolled back
        return type(result), held
    return [plain(each) for each in result] if isinstance(result, list | tuple) else result


def refused(library: Library) -> None:
    """A write that the database does not take."""
    Reader.objects.create(card=library.ada.card)


ERRORS: list[tuple[str, Callable[[Library], object]]] = [
    ("a value that is there", refused),
    ("a value that is there, at once", lambda _: Reader.objects.bulk_create([Reader(card="a1")])),
    ("a value that is there, updated", lambda _: Reader.objects.update(card="x")),
    ("a null that may not be", lambda _: Loan.objects.update(note=None)),
    ("a null that may not be, by a key", lambda _: Loan.objects.filter(pk=50).update(book=None)),
    ("a column that is not", lambda _: Loan.objects.filter(pk=50).update(**UNKNOWN)),
    ("a value of another type", lambda _: Loan.objects.filter(pk=50).update(days="x")),
    ("a row that is gone", lambda _: Genre(pk=99).save(force_update=True)),
    ("a row that is there", lambda _: Genre(pk=20).save(force_insert=True)),
    ("a row that has no key", lambda _: Genre().delete()),
    ("a slice", lambda _: Genre.objects.all()[:1].update(name="x")),
    ("a slice deleted", lambda _: Genre.objects.all()[:1].delete()),
    ("an F() of a new row", lambda _: Loan.objects.create(book_id=10, days=F("days"))),
    (
        "a conflict with another row than the one that is asked for",
        lambda _: Loan.objects.bulk_create(
            [Loan(pk=50, book_id=10)],
            update_conflicts=True,
            update_fields=["days"],
            unique_fields=["slip"],
        ),
    ),
]
WHERE_TYPES_COUNT: list[tuple[str, Callable[[Library], object]]] = [
    ("a sum that cannot be", lambda _: Loan.objects.update(days=2**40)),
    ("a text that is too long", lambda _: Genre.objects.update(name="x" * 51)),
]
BROKEN_REFERENCES: list[tuple[str, Callable[[Library], object]]] = [
    ("an update", lambda _: Loan.objects.update(book=999)),
    ("an update by a key", lambda _: Loan.objects.filter(pk=50).update(book=999)),
    ("an update of what is remembered", lambda _: Loan.objects.update(reader=UUID(int=9))),
    ("a save", lambda it: set_(it.loan, book_id=999).save()),
    ("a save of what is remembered", lambda it: set_(it.loan, reader_id=UUID(int=9)).save()),
    ("a new row", lambda _: Loan.objects.create(book_id=999)),
    ("a new row with a key of its own", lambda _: Loan.objects.create(pk=51, book_id=999)),
    ("new rows", lambda _: Loan.objects.bulk_create([Loan(book_id=10), Loan(book_id=999)])),
    (
        "new rows unless they are there",
        lambda _: Book.objects.bulk_create([Book(shelf_id=999)], ignore_conflicts=True),
    ),
    ("a delete", lambda _: Reader.objects.filter(card="a1")._raw_delete("default")),
    ("a delete by a key", lambda _: Reader.objects.filter(pk=ADA)._raw_delete("default")),
]
BIG: list[tuple[str, Callable[[Library], object]]] = [
    ("many rows created", lambda _: len(Genre.objects.bulk_create(many()))),
    (
        "many rows created unless they are there",
        lambda _: len(Genre.objects.bulk_create([Genre(pk=20), *many()], ignore_conflicts=True)),
    ),
    (
        "many rows created or updated",
        lambda _: len(
            Genre.objects.bulk_create(
                [Genre(pk=20), *many()],
                update_conflicts=True,
                update_fields=["name"],
                unique_fields=["id"],
            )
        ),
    ),
    ("many rows updated", lambda _: (created(), Genre.objects.update(name=Value("x")))),
    ("many rows deleted", lambda _: (created(), Genre.objects.filter(books=None).delete())),
    (
        "many rows deleted without a look",
        lambda _: (created(), Genre.objects.filter(pk__gt=999)._raw_delete("default")),
    ),
]


WRITES: dict[str, Callable[[Library], object]] = {
    **{case[0]: case[1] for case in CASES},
    **dict(ERRORS),
    **dict(WHERE_TYPES_COUNT),
    **dict(BIG),
}


def many() -> list[Genre]:
    return [Genre(pk=1000 + number) for number in range(MANY)]


def created() -> int:
    return len(Genre.objects.bulk_create(many()))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_with_and_without_us_the_same_happens(write: Callable[[Library], object]) -> None:
    stock()
    with without_us():
        expected = outcome(write)
    assert outcome(write) == expected


REFUSED = {**dict(ERRORS), **dict(BROKEN_REFERENCES)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_outside_of_a_transaction_is_refused_in_the_same_words(
    write: Callable[[Library], object], published: Published
) -> None:
    """SQLite looks at references, and refuses, when a statement has returned its last row."""
    stock()
    published.take()
    before = stored()
    with without_us():
        expected = refusal(write)
    assert refusal(write) == expected
    assert stored() == before
    assert published.take() == []
    assert Loan.objects.filter(pk=50).update(note="x") == 1


def test_what_no_relation_leads_to_is_written_as_ever() -> None:
    with CaptureQueriesContext(connection) as captured:
        Visit.objects.bulk_create([Visit(), Visit(), Visit()])
        assert Visit.objects.filter(pk__gt=0).update(day="2000-01-01") == 3
        assert Visit.objects.all().delete() == (3, {"library.Visit": 3})
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 3
    assert not any("RETURNING" in statement for statement in statements[1:])
