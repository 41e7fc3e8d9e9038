"""What a remembered column held before is what it held when it was written, whoever else writes."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from gql_live.changes import NAMED_ROWS, Change
from tests.publish.conftest import Published
from tests.publish.expected import any_row, in_order, updated
from tests.publish.library.models import Loan
from tests.publish.row_writes import LOAN
from tests.publish.stock import ADA, BOB, Library, fetch, set_, stock

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE = 20.0


@pytest.fixture
def library(published: Published) -> Library:
    stock()
    library = fetch()
    published.take()
    return library


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """Another thread, with a connection of its own."""
    with ThreadPoolExecutor(1) as thread:
        yield thread
        thread.submit(connections.close_all).result()


def lent_to(before: Any, after: Any, moved: str = "") -> Change:
    return updated(Loan, 50, moved=moved, **LOAN | {"reader_id": (before, after)})


MOVES: dict[str, Callable[[Library], object]] = {
    "by a key": lambda _: Loan.objects.filter(pk=50).update(reader=None),
    "by a value": lambda _: Loan.objects.filter(note="").update(reader=None),
    "of all rows": lambda _: Loan.objects.update(reader=None),
    "at once": lambda it: Loan.objects.bulk_update([set_(it.loan, reader=None)], ["reader"]),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("in_a_block", [False, True])
def test_a_row_that_somebody_else_moves_meanwhile(
    library: Library,
    published: Published,
    elsewhere: ThreadPoolExecutor,
    move: Callable[[Library], object],
    in_a_block: bool,
) -> None:
    began = threading.Event()

    def move_there() -> None:
        def announce(execute: Any, *args: Any) -> Any:
            began.set()
            return execute(*args)

        with connection.execute_wrapper(announce):
            if in_a_block:
                with transaction.atomic():
                    move(library)
            else:
                move(library)

    with transaction.atomic():
        Loan.objects.filter(pk=50).update(reader=BOB)
        moving = elsewhere.submit(move_there)
        assert began.wait(DEADLINE)
        wait_until_blocked()
        assert not moving.done()
    moving.result(DEADLINE)
    changes = published.take()
    assert in_order(changes) == in_order([lent_to(str(ADA), str(BOB)), lent_to(str(BOB), None)])


def wait_until_blocked() -> None:
    """Wait until another connection waits for this one; SQLite keeps no books of that."""
    if connection.vendor != "postgresql":
        return
    deadline = time.monotonic() + DEADLINE
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < deadline, "nobody waits"


def test_a_row_that_comes_meanwhile_and_is_written_too(
    library: Library, published: Published, elsewhere: ThreadPoolExecutor
) -> None:
    """Whatever the statement writes is told, though it was not there when it began."""
    with transaction.atomic():
        Loan.objects.filter(pk=50).update(note="mine")
        moving = elsewhere.submit(Loan.objects.filter(note="mine").update, reader=None)
        if connection.vendor == "postgresql":
            moving.result(DEADLINE)  # it sees no such row
    moving.result(DEADLINE)
    expected = [updated(Loan, 50, **LOAN)]
    if connection.vendor == "sqlite":  # where it waits for its turn
        expected.append(lent_to(str(ADA), None))
    assert in_order(published.take()) == in_order(expected)


@contextmanager
def deferred_transactions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQLite's own default: a transaction takes the lock for writing when it first writes."""
    with monkeypatch.context() as patch:
        patch.setattr(connections["default"], "transaction_mode", None, raising=False)
        yield


def test_sqlite_lets_nobody_write_between_the_look_and_the_update(
    library: Library,
    published: Published,
    elsewhere: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A transaction that has read cannot write any more when somebody else has written since."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL looks and writes at once")
    refused = []

    def write_there() -> None:
        connection.cursor().execute("PRAGMA busy_timeout = 0")
        try:
            Loan.objects.update(days=1)
        except OperationalError as error:
            refused.append(str(error))

    def write_meanwhile(execute: Any, sql: str, *args: Any) -> Any:
        result = execute(sql, *args)
        if sql.startswith("SELECT"):
            elsewhere.submit(write_there).result()
        return result

    with deferred_transactions(monkeypatch):
        with connection.execute_wrapper(write_meanwhile), transaction.atomic():
            assert Loan.objects.update(reader=None) == 1
        with connection.execute_wrapper(write_meanwhile):
            assert Loan.objects.update(reader=BOB) == 1
    assert refused == ["database is locked"] * 2
    assert published.take() == [lent_to(str(ADA), None), lent_to(None, str(BOB))]


def test_many_moved_rows_are_any_row(library: Library, published: Published) -> None:
    Loan.objects.bulk_create(
        [Loan(pk=100 + each, book_id=10, reader_id=ADA) for each in range(NAMED_ROWS)]
    )
    published.take()
    assert Loan.objects.filter(book=10).update(reader=BOB) == NAMED_ROWS + 1
    assert published.take() == [any_row(Loan)]


def test_what_is_rolled_back_moved_nothing(library: Library, published: Published) -> None:
    with transaction.atomic():
        Loan.objects.update(reader=BOB)
        transaction.set_rollback(True)
    assert published.take() == []
    assert Loan.objects.get().reader_id == ADA
