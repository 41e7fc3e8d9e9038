"""Only what is committed is published, and all of it."""

from collections.abc import Callable, Sequence

import pytest
from django.db import IntegrityError, connection, transaction

from gql_live import commits, notify
from gql_live.changes import Change
from tests.publish.conftest import Published
from tests.publish.expected import created
from tests.publish.library.models import Book, Genre
from tests.publish.stock import Undone, undo

pytestmark = pytest.mark.django_db(transaction=True)


def write(pk: int) -> None:
    Genre.objects.create(pk=pk)


def autocommit() -> None:
    write(1)
    write(2)


def commit() -> None:
    with transaction.atomic():
        write(1)
        write(2)


def nested_commit() -> None:
    with transaction.atomic():
        write(1)
        with transaction.atomic():
            write(2)
            with transaction.atomic(savepoint=False):
                write(3)
        write(4)


def rollback() -> None:
    undo(lambda: write(1))
    write(2)


def rolled_back_savepoint_first() -> None:
    with transaction.atomic():
        undo(lambda: write(1))
        write(2)


def rolled_back_savepoint_between() -> None:
    with transaction.atomic():
        write(1)
        undo(lambda: write(2))
        write(3)


def same_row_written_inside_and_outside_a_rolled_back_savepoint() -> None:
    with transaction.atomic():
        undo(lambda: write(1))
        write(1)


def committed_savepoint_in_a_rolled_back_one() -> None:
    def inner() -> None:
        with transaction.atomic():
            write(1)

    with transaction.atomic():
        undo(inner)
        write(2)


def rollback_of_everything() -> None:
    def outer() -> None:
        with transaction.atomic():
            write(1)
        write(2)

    undo(outer)


def marked_for_rollback() -> None:
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)
    write(2)


def notified_in_a_rolled_back_block() -> None:
    genre = Genre(pk=1)
    undo(lambda: notify(genre))
    with transaction.atomic():
        notify(Genre(pk=2))


def commit_refused_by_the_database() -> None:
    @transaction.atomic
    def refused() -> None:
        write(1)
        Book.objects.create(pk=2, shelf_id=404)  # a constraint checked at the commit

    with pytest.raises(IntegrityError):
        refused()
    write(3)


@pytest.mark.parametrize(
    ("writes", "keys"),
    [
        (autocommit, [1, 2]),
        (commit, [1, 2]),
        (nested_commit, [1, 2, 3, 4]),
        (rollback, [2]),
        (rolled_back_savepoint_first, [2]),
        (rolled_back_savepoint_between, [1, 3]),
        (same_row_written_inside_and_outside_a_rolled_back_savepoint, [1]),
        (committed_savepoint_in_a_rolled_back_one, [2]),
        (rollback_of_everything, []),
        (marked_for_rollback, [2]),
        (notified_in_a_rolled_back_block, [2]),
        (commit_refused_by_the_database, [3]),
    ],
    ids=lambda value: value.__name__.replace("_", " ") if callable(value) else f"publishes {value}",
)
def test_what_is_committed_is_published_in_the_order_of_the_writes(
    published: Published, writes: Callable[[], None], keys: list[int]
) -> None:
    writes()
    assert [change.pk for change in published.take()] == keys


def test_nothing_is_published_before_the_commit(published: Published) -> None:
    with transaction.atomic():
        with transaction.atomic():
            write(1)
        write(2)
        assert published.take() == []
    assert [change.pk for change in published.take()] == [1, 2]


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Change]]:
    """What is published, as it is published."""
    sent: list[Sequence[Change]] = []
    monkeypatch.setattr(commits, "publish", sent.append)
    return sent


def test_a_transaction_is_published_at_once(messages: list[Sequence[Change]]) -> None:
    with transaction.atomic():
        write(1)
        transaction.on_commit(lambda: None)
        with transaction.atomic():
            write(2)
        undo(lambda: write(3))
        Genre.objects.filter(pk=1).update(name="x")
    assert messages == [[created(Genre, 1), created(Genre, 2)]]


def test_a_rolled_back_savepoint_at_the_end_takes_along_only_its_own(
    messages: list[Sequence[Change]],
) -> None:
    with transaction.atomic():
        write(1)
        write(2)
        undo(lambda: write(3))
    assert messages == [[created(Genre, 1)], [created(Genre, 2)]]


def test_a_failing_hook_of_somebody_else_takes_nothing_along(published: Published) -> None:
    def fail() -> None:
        raise Undone

    @transaction.atomic
    def committed() -> None:
        write(1)
        transaction.on_commit(fail)
        write(2)

    with pytest.raises(Undone):
        committed()
    assert published.take() == [created(Genre, 1), created(Genre, 2)]


def test_what_goes_wrong_when_changes_are_published_takes_nobody_along(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Sequence[Change]) -> None:
        raise Undone

    monkeypatch.setattr(commits, "publish", fail)
    called: list[str] = []
    with transaction.atomic():
        write(1)
        transaction.on_commit(lambda: called.append("somebody else's"))
    assert called == ["somebody else's"]
    assert "_Hook.publish" in caplog.text


def test_transactions_managed_by_hand_are_published_when_autocommit_is_turned_on(
    published: Published,
) -> None:
    connection.set_autocommit(False)
    try:
        write(1)
        connection.rollback()
        write(2)
        connection.commit()
        assert published.take() == []
    finally:
        connection.set_autocommit(True)
    assert published.take() == [created(Genre, 2)]
