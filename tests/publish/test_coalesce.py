"""Many changes told at once: each row once, and never too many of them."""

from typing import Any

import pytest

from gql_live.changes import EVERYBODY, IDENTITY, NAMED_ROWS, Change, ChangeKind, coalesce

CREATED, UPDATED, DELETED = ChangeKind


def task(
    pk: int | None = 1, kind: ChangeKind = UPDATED, moved: str = "", **held: tuple[Any, ...]
) -> Change:
    return Change("todo.task", pk, kind, held, frozenset(moved.split()))


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (task(), task(), task()),
        (task(kind=CREATED), task(), task(kind=CREATED)),
        (task(), task(kind=DELETED), task(kind=DELETED)),
        (task(kind=CREATED), task(kind=DELETED), task(kind=DELETED)),
        (task(kind=DELETED), task(kind=CREATED), task(kind=CREATED)),
        (task(done=(True,)), task(done=(True,)), task(done=(True,))),
        (task(list=(1, 2)), task(list=(2, 3)), task(list=(1, 2, 3))),
        (task(list=(1,)), task(), task()),
        (task(), task(list=(1,)), task()),
        (
            task(list=(1,)),
            task(list=(2,), moved="list"),
            task(list=(1, 2), moved="list"),
        ),
        (
            task(list=(2,), moved="list"),
            task(list=(2,), kind=DELETED),
            task(list=(2,), moved="list", kind=DELETED),
        ),
        (task(list=(2,), moved="list"), task(), task()),
    ],
)
def test_a_row_that_is_written_twice_is_named_once(
    first: Change, second: Change, both: Change
) -> None:
    assert coalesce([first, second]) == [both]


def test_different_rows_stay_in_their_order() -> None:
    note = Change("todo.note", 1, UPDATED)
    assert coalesce([task(2), task(1), note, task(2)]) == [task(2), task(1), note]


def test_any_row_stands_for_all_that_are_named() -> None:
    note = Change("todo.note", 1, UPDATED)
    assert coalesce([task(1), note, task(None), task(2)]) == [task(None), note]
    assert coalesce([task(None), task(None)]) == [task(None)]


@pytest.mark.parametrize("count", [NAMED_ROWS, NAMED_ROWS + 1, 3 * NAMED_ROWS])
def test_more_rows_than_can_be_named_are_any_row(count: int) -> None:
    named = [task(pk) for pk in range(count)]
    assert coalesce(named) == (named if count <= NAMED_ROWS else [task(None)])


def test_rows_written_again_and_again_are_not_too_many() -> None:
    assert coalesce([task(pk % 10) for pk in range(3 * NAMED_ROWS)]) == [
        task(pk) for pk in range(10)
    ]


def test_too_many_users_are_everybody() -> None:
    users = [Change(IDENTITY, str(pk), UPDATED) for pk in range(NAMED_ROWS + 1)]
    assert coalesce(users) == [Change(IDENTITY, EVERYBODY, UPDATED)]
    assert coalesce([Change(IDENTITY, EVERYBODY, UPDATED), *users[:1]]) == [
        Change(IDENTITY, EVERYBODY, UPDATED)
    ]
