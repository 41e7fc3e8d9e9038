"""What is made once is found by what it was made of, and by nothing else."""

from functools import partial
from typing import Any
from weakref import ref

import pytest

from gql_live.audience import Action, Event, Key, Moves, Payload, Row
from gql_live.members import Members
from gql_live.recording import Common, Facets
from gql_live.sharing import Part, Seen, Shared, held_once
from gql_live.wanted import EVERYTHING, NOTHING
from tests.runtime.schemas import selection

IDS, ACTIONS = selection("subscription { tasks { id } }"), selection(
    "subscription { tasks { action } }"
)  # fmt: skip


SEEN = Seen({1: Row("1", {"id": 1})}, personal=False, facets=Facets((), ()))
"""Rows of which the serializer read nothing of the request."""


class Content(dict[Any, Any]):
    """Can be referred to weakly."""


def members(*keys: int) -> Members:
    return Members.of((key, str(key)) for key in keys)


def entered(*keys: Key) -> dict[Key, str]:
    return {key: str(key) for key in keys}


@pytest.fixture
def shared() -> Shared:
    return Shared(alone=False)


# --- members ---


def test_those_who_saw_the_same_and_saw_the_same_happen_hold_one_object(shared: Shared) -> None:
    before = members(1, 2)
    after = shared.members(before, Moves([1], entered(3)))
    assert after == members(2, 3)
    assert shared.members(before, Moves([1], entered(3))) is after


@pytest.mark.parametrize(
    ("before", "moves", "after"),
    [
        pytest.param((1, 2), Moves([2], entered(3)), (1, 3), id="another row left"),
        pytest.param((1, 2), Moves([1], entered(4)), (2, 4), id="another row entered"),
        pytest.param((1, 2, 5), Moves([1], entered(3)), (2, 3, 5), id="more was seen before"),
    ],
)
def test_those_who_saw_something_else_hold_something_else(
    shared: Shared, before: tuple[int, ...], moves: Moves, after: tuple[int, ...]
) -> None:
    first = members(1, 2)
    shared.members(first, Moves([1], entered(3)))
    own = first if before == (1, 2) else members(*before)
    assert shared.members(own, moves) == members(*after)


def test_equal_answers_to_one_question_are_held_once_and_other_answers_as_they_are() -> None:
    question = object()
    first, same, other = members(1, 2), members(1, 2), members(1, 3)
    assert held_once(question, first) is first
    assert held_once(question, same) is first
    assert held_once(question, other) is other


# --- fetches ---

COMMON = Common(None, "around", None, ())


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(Part(None, None, COMMON), id="a question that no other equals"),
        pytest.param(Part("question", None, None), id="nothing in common"),
    ],
)
def test_what_is_nobody_elses_is_fetched_for_each(shared: Shared, part: Part) -> None:
    first, second = [object()], [object()]
    assert shared.instances(part, lambda: first) is first
    assert shared.instances(part, lambda: second) is second
    one, another = members(1), members(2)
    assert shared.keys(part, lambda: one) is one
    assert shared.keys(part, lambda: another) is another
    shared.keep(part, EVERYTHING, SEEN)
    assert shared.seen(part, EVERYTHING, None) is None


def test_what_is_shared_is_fetched_once_and_nobody_is_given_anothers_object(
    shared: Shared,
) -> None:
    part = Part("question", None, COMMON)
    first, second = (shared.instances(part, lambda: [{"text": "a"}]) for _ in range(2))
    assert first is not None
    first[0]["text"] = "b"
    assert second == [{"text": "a"}]
    assert shared.instances(part, list) == [{"text": "a"}]
    shared.keep(part, EVERYTHING, SEEN)
    assert shared.seen(part, EVERYTHING, None) is SEEN
    assert shared.seen(part, NOTHING, None) is None


# --- payloads ---


def rows_of(key: Key) -> dict[Key, Row]:
    return {key: Row(str(key), {"id": key})}


def payload(text: str) -> Payload:
    return Payload(Action.UPDATED, 1, text, len(text))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"action": Action.CREATED}, id="another action"),
        pytest.param({"lookup": "2"}, id="another row"),
        pytest.param({"instance": Content(a=1)}, id="another content, though it is equal"),
    ],
)
def test_a_text_is_made_for_each_event_that_tells_something_else(
    shared: Shared, other: dict[str, Any]
) -> None:
    told: dict[str, Any] = {"action": Action.UPDATED, "lookup": "1", "instance": Content(a=1)}
    event, another = Event(row=1, **told), Event(row=1, **told | other)
    first = shared.payload(IDS, event, lambda: payload("first"))
    assert shared.payload(IDS, event, lambda: payload("second")) is first
    assert shared.payload(IDS, another, lambda: payload("another")).text == "another"
    assert shared.payload(ACTIONS, event, lambda: payload("action")).text == "action"


def test_a_row_that_left_is_told_to_each_by_its_own_name(shared: Shared) -> None:
    for lookup in ("1", "2"):
        event = Event(Action.DELETED, int(lookup), lookup)
        assert shared.payload(IDS, event, partial(payload, lookup)).text == lookup


def test_a_snapshot_is_of_its_rows(shared: Shared) -> None:
    rows, others = (rows_of(key) for key in (1, 2))
    snapshot = shared.snapshot(rows)
    assert snapshot.instances == ({"id": 1},)
    assert shared.snapshot(rows) is snapshot
    assert shared.snapshot(others).instances == ({"id": 2},)


def test_what_something_is_found_by_lives_as_long_as_that_can_be_found(shared: Shared) -> None:
    """Or the next object, at the same place in memory, would be taken for it."""
    before, content, rows = members(1), Content(a=1), Content({1: Row("1", {})})
    shared.members(before, Moves([1]))
    shared.payload(IDS, Event(Action.UPDATED, 1, "1", content), lambda: payload("text"))
    shared.snapshot(rows)
    owners: list[ref[Any]] = [ref(before), ref(content), ref(rows)]
    del before, content, rows
    assert None not in [owner() for owner in owners]
