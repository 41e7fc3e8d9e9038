"""Many rows, many statements: few hooks, little memory, and at last any row."""

import tracemalloc
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from gql_live.commits import WAITING, publish_on_commit
from tests.publish.conftest import Published
from tests.publish.expected import any_row, created
from tests.publish.library.models import Genre
from tests.publish.stock import undo

pytestmark = pytest.mark.django_db(transaction=True)


def say(pk: int) -> None:
    """As a statement does."""
    publish_on_commit([created(Genre, pk)], connection)


def say_in_a_row() -> None:
    for pk in range(100_000):
        say(pk)


def say_in_savepoints() -> None:
    for pk in range(5000):
        with transaction.atomic():
            say(pk)


def say_between_rollbacks() -> None:
    for pk in range(5000):
        say(pk)
        undo(partial(say, pk))


def say_after_somebody_else() -> None:
    transaction.on_commit(lambda: None)
    say_in_a_row()


@pytest.mark.parametrize(
    "say_many",
    [say_in_a_row, say_in_savepoints, say_between_rollbacks, say_after_somebody_else],
    ids=lambda function: function.__name__.replace("_", " "),
)
def test_a_transaction_of_many_statements_keeps_few_hooks_and_is_any_row(
    published: Published, say_many: Callable[[], None]
) -> None:
    with transaction.atomic():
        say_many()
        hooks = [hook[1] for hook in connection.run_on_commit]
        assert len(hooks) <= WAITING + 2
        kept = [hook.__self__.changes for hook in hooks if hasattr(hook, "__self__")]
        assert sum(map(len, kept)) <= 2 * WAITING
    changes = published.take()
    assert any_row(Genre) in changes
    assert len(changes) <= WAITING + 1


def test_hooks_that_are_joined_still_fall_with_their_savepoint(published: Published) -> None:
    def many(first: int) -> None:
        for pk in range(first, first + 2 * WAITING):
            say(first + pk % 10)

    with transaction.atomic():
        many(0)
        undo(lambda: many(100))
        with transaction.atomic():
            many(200)
            undo(lambda: many(300))
    keys = {change.pk for change in published.take()}
    assert keys == {*range(10), *range(200, 210)}


def test_hooks_of_somebody_else_stay_where_others_are_joined(published: Published) -> None:
    called: list[str] = []
    with transaction.atomic():
        for pk in range(WAITING - 1):
            say(pk % 10)
        transaction.on_commit(partial(called.append, "somebody else's"))
        for pk in range(WAITING):
            say(10 + pk % 10)
    assert called == ["somebody else's"]
    assert {change.pk for change in published.take()} == {*range(20)}


@pytest.mark.django_db(transaction=False)
def test_in_a_test_case_no_hook_is_joined_for_it_counts_them(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    for pk in range(WAITING):
        say(pk)
    with django_capture_on_commit_callbacks() as captured:
        say(WAITING)
        transaction.on_commit(say_in_a_row)
    assert captured[-1] is say_in_a_row


def test_a_hundred_thousand_rows_in_one_statement(published: Published) -> None:
    count = 100_000
    with connection.cursor() as cursor:
        numbers = (
            f"generate_series(1, {count}) AS numbers(n)"
            if connection.vendor == "postgresql"
            else f"(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers"
            f" LIMIT {count}) SELECT n FROM numbers)"
        )
        cursor.execute(f"INSERT INTO library_genre (id, name) SELECT n, 'x' FROM {numbers}")
    tracemalloc.start()
    try:
        assert Genre.objects.update(name="y") == count
        assert published.take() == [any_row(Genre)]
        assert Genre.objects.filter(pk__lte=count)._raw_delete("default") == count
        assert published.take() == [any_row(Genre)]
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
