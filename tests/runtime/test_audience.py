"""What a change is to an audience, and what an audience owes to whom."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql_live.audience import (
    Action,
    Audience,
    AudienceKey,
    Key,
    Known,
    Moves,
    Payload,
    Principal,
    Row,
    compare,
)
from gql_live.changes import Change, ChangeKind
from gql_live.exceptions import Refusal
from gql_live.plan import Selection
from gql_live.reach import Direction, Hop, Path, Reach
from tests.runtime.schemas import selection

C, U, D = Action.CREATED, Action.UPDATED, Action.DELETED


def row(lookup: str) -> Row:
    return Row(lookup, {"id": lookup})


def moved(before: dict[Key, str], moves: Moves) -> dict[Key, str]:
    return {key: each for key, each in before.items() if key not in moves.left} | dict(
        moves.entered
    )


@pytest.mark.parametrize(
    ("before", "visible", "scope", "told", "after"),
    [
        ({}, {1: "1"}, [1], [(C, "1")], {1: "1"}),
        ({1: "1"}, {1: "1"}, [1], [(U, "1")], {1: "1"}),
        ({1: "1"}, {}, [1], [(D, "1")], {}),
        ({}, {}, [1], [], {}),
        ({1: "1", 2: "2"}, {1: "1"}, [1], [(U, "1")], {1: "1", 2: "2"}),
        ({1: "1"}, {}, [], [], {1: "1"}),
        ({1: "1", 2: "2"}, {1: "1"}, None, [(D, "2"), (U, "1")], {1: "1"}),
        ({1: "old"}, {1: "new"}, [1], [(D, "old"), (C, "new")], {1: "new"}),
    ],
    ids=[
        "a row that enters is CREATED",
        "a row that stays is UPDATED",
        "a row that leaves is DELETED",
        "a row that was never visible is not named",
        "rows outside the scope are as before",
        "as are all where nothing is in it",
        "without a scope every row is judged",
        "a row under a new lookup value is another row",
    ],
)
def test_what_a_change_is_to_an_audience(
    before: dict[Key, str],
    visible: dict[Key, str],
    scope: list[int] | None,
    told: list[tuple[Action, str]],
    after: dict[Key, str],
) -> None:
    rows: dict[Key, Row] = {key: row(lookup) for key, lookup in visible.items()}
    events, moves = compare(before, rows, changed=[1], scope=scope)
    assert [(event.action, event.lookup) for event in events] == told
    assert moved(before, moves) == after
    assert all((event.instance is None) == (event.action is D) for event in events)


members = st.dictionaries(st.integers(0, 5), st.sampled_from("abc"))


@given(before=members, now=members, changed=st.sets(st.integers(0, 5)))
def test_a_client_that_applies_the_events_holds_what_is_visible(
    before: dict[Key, str], now: dict[Key, str], changed: set[int]
) -> None:
    """Keys are made unique per row and lookup, as a client sees them: ``<pk>/<lookup>``."""
    before = {key: f"{key}/{lookup}" for key, lookup in before.items()}
    now = {key: f"{key}/{lookup}" for key, lookup in now.items()}
    held = set(before.values())
    events, moves = compare(
        before, {key: row(lookup) for key, lookup in now.items()}, changed=changed, scope=None
    )
    for event in events:
        assert event.lookup is not None
        if event.action is D:
            held.remove(event.lookup)
        else:
            assert (event.lookup in held) == (event.action is U)
            held.add(event.lookup)
    assert held == set(now.values())
    assert moved(before, moves) == now


class Listener:
    """A subscriber that keeps what it hears."""

    def __init__(self, query: str = "subscription { tasks { action } }") -> None:
        self.selection: Selection = selection(query)

    def deliver(self, payload: Payload) -> None: ...

    def refuse(self, refusal: Refusal) -> None: ...

    def lose(self) -> None: ...


def audience(watches: int | None = None) -> Audience:
    principal = Principal("http", (), "", ("localhost", "80"))
    return Audience(AudienceKey(object(), (), (), principal), "todo.task", watches)


def test_a_joiner_is_work_until_it_is_admitted() -> None:
    made, listener = audience(), Listener()
    made.join(listener)
    work = made.take_work()
    assert work is not None
    assert (work.joiners, work.selections) == ((listener,), ())
    assert made.subscribers(listener.selection) == ()
    assert made.admit(listener)
    assert made.subscribers(listener.selection) == (listener,)
    assert made.take_work() is None


def test_a_joiner_that_left_during_its_evaluation_is_not_admitted() -> None:
    made, listener = audience(), Listener()
    made.join(listener)
    made.take_work()
    assert made.leave(listener)
    assert not made.admit(listener)
    assert made.empty


def test_changes_gather_until_they_are_taken_and_then_count_as_new() -> None:
    made, listener = audience(), Listener()
    made.join(listener)
    made.take_work()
    made.admit(listener)
    assert made.concern(1)
    assert made.concern(2)
    assert made.concern(1)
    work = made.take_work()
    assert work is not None
    assert work.changed == (1, 2)
    assert work.selections == (listener.selection,)
    assert made.take_work() is None
    made.concern(1)
    assert made.take_work() is not None


@pytest.mark.parametrize(
    ("note", "noted"),
    [
        pytest.param(lambda made: made.concern(1), "changed", id="a row changed"),
        pytest.param(Audience.resync, "resync", id="changes may have been missed"),
        pytest.param(Audience.reconsider, "reconsider", id="other rows may be visible"),
        pytest.param(Audience.refresh, "refresh", id="any row may show something else"),
        pytest.param(Audience.doubt, "identity", id="who asks may be another"),
    ],
)
def test_what_is_noted_is_taken_once_and_disturbs_whoever_joins_then(
    note: Callable[[Audience], object], noted: str
) -> None:
    made, listener, joiner = audience(), Listener(), Listener()
    made.join(listener)
    work = made.take_work()
    assert work is not None
    assert not work.disturbed, "nothing came but a subscriber"
    made.admit(listener)
    note(made)
    made.join(joiner)
    work = made.take_work()
    assert work is not None
    named = ("changed", "resync", "reconsider", "refresh", "identity")
    assert [each for each in named if getattr(work, each)] == [noted]
    assert work.disturbed
    made.admit(joiner)
    assert made.take_work() is None


def test_an_audience_of_one_row_is_not_concerned_by_another() -> None:
    made, listener = audience(watches=7), Listener()
    made.join(listener)
    made.take_work()
    made.admit(listener)
    assert not made.concern(8)
    assert made.take_work() is None
    assert made.concern(7)


def test_nobody_is_owed_anything_once_all_have_left() -> None:
    made, listener = audience(), Listener()
    made.join(listener)
    made.take_work()
    made.admit(listener)
    made.concern(1)
    assert made.leave(listener)
    assert not made.leave(listener)
    assert made.take_work() is None


def test_whoever_starts_anew_is_a_joiner_that_was_admitted_before() -> None:
    made, listener, other = audience(), Listener(), Listener("subscription { tasks { id } }")
    for each in (listener, other):
        made.join(each)
        made.take_work()
        made.admit(each)
    made.renew(listener)
    work = made.take_work()
    assert work is not None
    assert work.joiners == (listener,)
    assert set(work.renewed) == {listener}
    assert work.selections == (other.selection,)
    assert made.admit(listener)
    made.join(other)
    assert made.take_work() is not None


@pytest.mark.parametrize("end", [Audience.admit, Audience.leave])
def test_whoever_started_anew_has_done_so(end: Callable[[Audience, Listener], bool]) -> None:
    made, listener, other = audience(), Listener(), Listener()
    made.join(listener)
    made.admit(listener)
    made.renew(listener)
    assert end(made, listener)
    made.join(other)
    work = made.take_work()
    assert work is not None
    assert work.renewed == frozenset()


def test_whoever_was_not_admitted_yet_cannot_start_anew() -> None:
    """Its first evaluation is still to throttle it."""
    made, listener = audience(), Listener()
    made.join(listener)
    made.renew(listener)
    work = made.take_work()
    assert work is not None
    assert work.joiners == (listener,)
    assert work.renewed == frozenset()


def test_a_stranger_cannot_start_anew() -> None:
    made = audience()
    made.renew(Listener())
    assert made.empty


def test_a_dissolved_audience_names_everybody_it_had() -> None:
    made, admitted, joiner = audience(), Listener(), Listener("subscription { tasks { id } }")
    made.join(admitted)
    made.take_work()
    made.admit(admitted)
    made.join(joiner)
    assert set(made.dissolve()) == {admitted, joiner}
    assert made.empty


PATH = Path("todo.task", (Hop("todo.list", Direction.FORWARD, "list_id", "id"),))
REACH = Reach(paths=frozenset({PATH}), membership=frozenset({"a.b"}), content=frozenset({"c.d"}))


@pytest.mark.parametrize(
    ("model", "watches", "reach", "may"),
    [
        pytest.param("todo.task", None, REACH, True, id="a row of its own"),
        pytest.param("todo.task", 7, REACH, True, id="the row that it watches"),
        pytest.param("todo.task", 8, REACH, False, id="another row than the one it watches"),
        pytest.param("todo.list", None, REACH, True, id="a row on a path"),
        pytest.param("a.b", None, REACH, True, id="what decides who sees what"),
        pytest.param("c.d", None, REACH, True, id="what is shown"),
        pytest.param("e.f", None, REACH, False, id="what it does not rest on"),
        pytest.param("e.f", None, None, True, id="anything, where nothing is known yet"),
    ],
)
def test_what_an_audience_may_rest_on(
    model: str, watches: int | None, reach: Reach | None, may: bool
) -> None:
    key = AudienceKey(object(), (), (), Principal("http", (), "", ("localhost", "80")))
    audience = Audience(key, "todo.task", watches, Known(reach=reach))
    assert audience.may_rest_on([Change(model, 7, ChangeKind.UPDATED)]) is may
    assert not audience.may_rest_on([])


def test_any_row_may_be_the_one_that_is_watched() -> None:
    assert audience(watches=7).may_rest_on([Change.of_any("todo.task")])
