"""A statement among other people's wrappers, on databases that say less, of models that share."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Q, Value
from django.db.models.sql.compiler import SQLUpdateCompiler

from gql_live.changes import NAMED_ROWS, Change
from gql_live.writes import track
from tests.publish.conftest import Published
from tests.publish.expected import any_row, created, deleted, in_order, updated
from tests.publish.library.models import Book, Genre, Ledger, Loan, Reader, Shelf
from tests.publish.row_writes import LOAN
from tests.publish.stock import BOB, SLIP, Library, Link, fetch, set_, stock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def library(published: Published) -> Library:
    stock()
    library = fetch()
    published.take()
    return library


def commented(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    return execute(f"{sql} /* route=/loans/ */", params, many, context)


def ended(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    return execute(f"{sql};", params, many, context)


def led(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    return execute(f"/* route=/loans/ */ {sql}", params, many, context)


def with_copied_params(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    return execute(sql, params and [*params], many, context)


def stubborn(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Tries again what failed, and sees to it that it fails."""
    if params:
        with pytest.raises(DatabaseError):
            execute(sql, (), many, context)
    return execute(sql, params, many, context)


KNOWN = updated(Loan, 50, moved="days", **LOAN | {"days": 3})


@pytest.mark.parametrize(
    ("wrapper", "by_key", "by_value", "by_none"),
    [
        (commented, KNOWN, KNOWN, []),
        (ended, KNOWN, KNOWN, []),
        (stubborn, KNOWN, KNOWN, []),
        (led, updated(Loan, 50), any_row(Loan), [updated(Loan, 99)]),
        (with_copied_params, updated(Loan, 50), any_row(Loan), []),
    ],
    ids=["a comment behind", "a semicolon", "an attempt", "a comment in front", "other parameters"],
)
def test_a_wrapper_of_the_project_that_adds(
    library: Library,
    published: Published,
    wrapper: Any,
    by_key: Change,
    by_value: Change,
    by_none: list[Change],
) -> None:
    with connection.execute_wrapper(wrapper):
        assert Loan.objects.filter(pk=50).update(days=3) == 1
        assert published.take() == [by_key]
        assert Loan.objects.filter(note="").update(days=3) == 1
        assert published.take() == [by_value]
        assert Loan.objects.filter(pk=99).update(days=3) == 0
        assert published.take() == by_none


def test_a_wrapper_that_writes_by_itself(library: Library, published: Published) -> None:
    def audit(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            Shelf.objects.filter(name="top").delete()
            with connection.execute_wrapper(lambda *args: args[0](*args[1:])):
                Genre.objects.create(pk=21)
        return execute(sql, params, many, context)

    Book.objects.update(shelf=None)
    published.take()
    with connection.execute_wrapper(audit):
        assert Loan.objects.update(days=3) == 1
    assert in_order(published.take()) == in_order([deleted(Shelf, 1), created(Genre, 21), KNOWN])


@pytest.mark.parametrize("more", ["WITH one AS (SELECT 1) {}", "{} RETURNING 1"])
def test_a_statement_that_another_package_compiles_is_left_alone(
    library: Library, published: Published, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    as_sql = SQLUpdateCompiler.as_sql

    def compiled(compiler: Any) -> Any:
        sql, params = as_sql(compiler)
        return more.format(sql), params

    monkeypatch.setattr(SQLUpdateCompiler, "as_sql", compiled)
    Loan.objects.filter(pk=50).update(reader=None)
    assert published.take() == [updated(Loan, 50)]
    Loan.objects.filter(days=None).update(reader=None)
    assert published.take() == [any_row(Loan)]


@pytest.fixture
def says_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite before 3.35, and much as MySQL."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL always returns what is asked for")
    for feature in ("can_return_columns_from_insert", "can_return_rows_from_bulk_insert"):
        monkeypatch.setattr(type(connection.features), feature, False)
        monkeypatch.setitem(vars(connection.features), feature, False)  # or it is remembered


SAID: list[tuple[str, Callable[[Library], object], list[Change]]] = [
    ("a new row", lambda _: Genre.objects.create(pk=21), [created(Genre, 21)]),
    (
        "a new row with a key that is no number",
        lambda _: Reader.objects.create(pk=UUID(int=5).hex, card="c1"),
        [created(Reader, str(UUID(int=5)))],
    ),
    (
        "new rows",
        lambda _: Genre.objects.bulk_create([Genre(pk=21), Genre(pk=22)]),
        [created(Genre, 21), created(Genre, 22)],
    ),
    (
        "new rows unless they are there",
        lambda _: Genre.objects.bulk_create([Genre(pk=20), Genre(pk=21)], ignore_conflicts=True),
        [created(Genre, 20), created(Genre, 21)],
    ),
    (
        "new rows without keys unless they are there",
        lambda it: it.other.genres.add(it.genre),
        [any_row(Link)],
    ),
    (
        "rows created or updated",
        lambda _: Loan.objects.bulk_create(
            [Loan(pk=51, book_id=11, days=5, slip=SLIP)],
            update_conflicts=True,
            update_fields=["days"],
            unique_fields=["slip"],
        ),
        [any_row(Loan)],
    ),
    (
        "many new rows",
        lambda _: Genre.objects.bulk_create(
            [Genre(pk=pk) for pk in range(100, 101 + NAMED_ROWS)], batch_size=10 * NAMED_ROWS
        ),
        [any_row(Genre)],
    ),
    ("a saved row", lambda it: it.loan.save(), [updated(Loan, 50)]),
    ("a row that moves", lambda it: set_(it.loan, reader=it.bob).save(), [updated(Loan, 50)]),
    (
        "an update by keys",
        lambda _: Loan.objects.filter(pk__in=[50, 51]).update(days=1),
        [updated(Loan, 50), updated(Loan, 51)],
    ),
    (
        "an update by a key that is no number",
        lambda _: Reader.objects.filter(pk=BOB.hex, card="b1").update(card="c1"),
        [updated(Reader, str(BOB))],
    ),
    (
        "an update by a value",
        lambda _: Loan.objects.filter(days=None).update(days=1),
        [any_row(Loan)],
    ),
    (
        "an update by one key or another",
        lambda _: Loan.objects.filter(Q(pk=50) | Q(days=None)).update(days=1),
        [any_row(Loan)],
    ),
    (
        "an update by all keys but one",
        lambda _: Loan.objects.exclude(pk=51).update(days=1),
        [any_row(Loan)],
    ),
    (
        "an update by the key of another row",
        lambda _: Book.objects.filter(sequels__pk=11).update(title="x"),
        [any_row(Book)],
    ),
    (
        "a delete by the key of another row",
        lambda _: Link.objects.filter(book__sequels__pk=11)._raw_delete("default"),
        [any_row(Link)],
    ),
    (
        "an update by a computed key",
        lambda _: Loan.objects.filter(pk__in=[Value(25) * 2]).update(days=1),
        [any_row(Loan)],
    ),
    ("a new key for a row", lambda _: Shelf.objects.filter(pk=2).update(id=3), [any_row(Shelf)]),
    ("an update that finds nothing", lambda _: Loan.objects.filter(days=9).update(days=1), []),
    ("a deleted row", lambda it: it.loan.delete(), [deleted(Loan, 50)]),
    (
        "rows deleted by a queryset",
        lambda _: Loan.objects.filter(days=None).delete(),
        [any_row(Loan)],
    ),
]


@pytest.mark.usefixtures("says_less")
@pytest.mark.parametrize(
    ("write", "expected"), [pytest.param(*case[1:], id=case[0]) for case in SAID]
)
def test_a_database_that_returns_nothing_has_keys_named_by_the_statement(
    library: Library,
    published: Published,
    write: Callable[[Library], object],
    expected: list[Change],
) -> None:
    write(library)
    assert in_order(published.take()) == in_order(expected)


def test_a_model_on_the_table_of_a_tracked_one(library: Library, published: Published) -> None:
    writes: list[Callable[[], object]] = [
        lambda: Ledger.objects.create(pk=3, name="low"),
        lambda: Ledger.objects.filter(pk=3).update(name="high"),
        lambda: Ledger.objects.get(pk=3).save(),
        lambda: Ledger.objects.filter(pk=3).delete(),
    ]
    for write in writes:
        write()
        assert published.take() == [any_row(Shelf)]


@pytest.mark.usefixtures("own_tracking")
def test_two_tracked_models_on_one_table(library: Library, published: Published) -> None:
    """What an unmanaged one stands for need not return what is written to it."""
    track(Ledger)
    Ledger.objects.create(pk=3, name="low")
    assert in_order(published.take()) == in_order([created(Ledger, 3), any_row(Shelf)])
    Ledger.objects.filter(pk=3).update(name="high")
    assert in_order(published.take()) == in_order([updated(Ledger, 3), any_row(Shelf)])
    Ledger.objects.filter(name="high").delete()
    assert in_order(published.take()) == in_order([any_row(Ledger), any_row(Shelf)])
    Shelf.objects.filter(pk=2).update(name="mid")
    assert in_order(published.take()) == in_order([updated(Shelf, 2), any_row(Ledger)])


def test_a_model_as_a_migration_knows_it(library: Library, published: Published) -> None:
    state: Any = ProjectState()
    state.add_model(ModelState.from_model(Shelf))
    shelf = state.apps.get_model("library", "Shelf")
    shelf.objects.filter(pk=1).update(name="x")
    assert published.take() == [any_row(Shelf)]
