"""The hub's books: who listens, first and last, and whom a change can concern."""

import pytest

from gql_live.audience import Audience, AudienceKey, Known, Moves, Principal
from gql_live.changes import Change, ChangeKind
from gql_live.hub import Came, Hub
from tests.runtime.test_audience import Listener

ADA = Principal("http", (("authorization", "Token ada"),), "", ("localhost", "80"))
GRACE = Principal("http", (("authorization", "Token grace"),), "", ("localhost", "80"))
LIST, RETRIEVE = object(), object()


def key(endpoint: object = LIST, principal: Principal = ADA) -> AudienceKey:
    return AudienceKey(endpoint, (), (), principal)


def change(pk: int, model: str = "todo.task") -> Change:
    return Change(model, pk, ChangeKind.UPDATED)


def concerned(hub: Hub, changed: Change) -> list[Audience]:
    return list(hub.index.rooted(changed))


def test_equal_keys_share_an_audience_and_others_do_not() -> None:
    hub = Hub()
    one = hub.join(key(), Listener(), model="todo.task", watches=None)
    same = hub.join(key(), Listener(), model="todo.task", watches=None)
    other = hub.join(key(principal=GRACE), Listener(), model="todo.task", watches=None)
    assert one.audience is same.audience
    assert one.audience is not other.audience


def test_the_first_to_join_and_the_last_to_leave_are_reported() -> None:
    hub, one, two = Hub(), Listener(), Listener()
    assert (joined := hub.join(key(), one, model="todo.task", watches=None)).first
    assert not hub.join(key(), two, model="todo.task", watches=None).first
    assert not hub.leave(joined.audience, one).last
    assert hub.leave(joined.audience, two).last
    assert hub.empty
    assert hub.leave(joined.audience, two).last


def test_an_audience_made_anew_is_not_forgotten_through_its_predecessor() -> None:
    hub, one, two = Hub(), Listener(), Listener()
    old = hub.join(key(), one, model="todo.task", watches=None).audience
    hub.leave(old, one)
    new = hub.join(key(), two, model="todo.task", watches=None).audience
    hub.forget(old)
    hub.leave(old, one)
    assert list(hub) == [new]
    assert concerned(hub, change(1)) == [new]


def test_a_change_concerns_lists_of_its_model_and_the_subscribers_of_its_row() -> None:
    hub = Hub()
    tasks = hub.join(key(), Listener(), model="todo.task", watches=None).audience
    seven = hub.join(key(RETRIEVE), Listener(), model="todo.task", watches=7).audience
    hub.join(key(object()), Listener(), model="todo.list", watches=None)
    assert concerned(hub, change(8)) == [tasks]
    assert concerned(hub, change(7)) == [seven, tasks]
    assert concerned(hub, change(7, model="auth.user")) == []


def test_nobody_is_concerned_after_leaving() -> None:
    hub, listener = Hub(), Listener()
    audience = hub.join(key(RETRIEVE), listener, model="todo.task", watches=7).audience
    hub.leave(audience, listener)
    assert concerned(hub, change(7)) == []


def test_an_audience_hears_what_came_before_it_had_read() -> None:
    hub = Hub()
    hub.note([change(0)])
    audience = hub.join(key(), Listener(), model="todo.task", watches=None).audience
    hub.note([change(1)])
    hub.begin(audience)
    hub.note([change(2), change(3)])
    assert hub.settle(audience, Known(), Moves()) == Came((change(1),), (change(2), change(3)))
    hub.note([change(4)])
    hub.begin(audience)
    assert hub.settle(audience, Known(), Moves()) == Came((), ())


def test_who_joins_while_an_audience_reads_waits_for_its_next_reading() -> None:
    hub = Hub()
    audience = hub.join(key(), Listener(), model="todo.task", watches=None).audience
    hub.begin(audience)
    hub.note([change(1)])
    hub.join(key(), Listener(), model="todo.task", watches=None)
    hub.note([change(2)])
    assert hub.settle(audience, Known(), Moves()) == Came((), (change(1), change(2)))
    hub.note([change(3)])
    hub.begin(audience)
    hub.note([change(4)])
    assert hub.settle(audience, Known(), Moves()) == Came((change(2), change(3)), (change(4),))


def test_each_reader_hears_what_came_since_it_began() -> None:
    hub = Hub()
    one = hub.join(key(), Listener(), model="todo.task", watches=None).audience
    hub.begin(one)
    hub.note([change(1)])
    two = hub.join(key(principal=GRACE), Listener(), model="todo.task", watches=None).audience
    hub.begin(two)
    hub.note([change(2)])
    assert hub.settle(one, Known(), Moves()) == Came((), (change(1), change(2)))
    assert hub.settle(two, Known(), Moves()) == Came((), (change(2),))


@pytest.mark.parametrize("begins_after", [0, 1, 10_001])
def test_more_than_can_be_remembered_is_not_forgotten_in_silence(begins_after: int) -> None:
    hub = Hub()
    audience = hub.join(key(), Listener(), model="todo.task", watches=None).audience
    for number in range(10_001):
        if number == begins_after:
            hub.begin(audience)
        hub.note([change(number)])
    if begins_after > 10_000:
        hub.begin(audience)
    came = hub.settle(audience, Known(), Moves())
    assert (came.waiting is None) == (begins_after > 0)
    assert (came.reading is None) == (begins_after == 0)


@pytest.mark.parametrize("leaves", ["waiting", "reading"])
def test_nothing_is_remembered_for_a_joiner_who_has_left(leaves: str) -> None:
    hub, stays, goes = Hub(), Listener(), Listener()
    audience = hub.join(key(), stays, model="todo.task", watches=None).audience
    hub.begin(audience)
    hub.settle(audience, Known(), Moves())
    audience.admit(stays)
    hub.join(key(), goes, model="todo.task", watches=None)
    hub.note([change(1)])
    if leaves == "reading":
        hub.begin(audience)
        hub.leave(audience, goes)
        hub.settle(audience, Known(), Moves())
    hub.leave(audience, goes)
    assert not hub._recent


def test_as_much_as_can_be_remembered_is_told() -> None:
    hub = Hub()
    audience = hub.join(key(), Listener(), model="todo.task", watches=None).audience
    hub.begin(audience)
    came = [change(number) for number in range(10_000)]
    hub.note(came)
    assert hub.settle(audience, Known(), Moves()) == Came((), tuple(came))


def test_what_came_is_remembered_only_while_somebody_reads() -> None:
    hub, one, two = Hub(), Listener(), Listener()
    reading = hub.join(key(), one, model="todo.task", watches=None).audience
    leaving = hub.join(key(principal=GRACE), two, model="todo.task", watches=None).audience
    hub.begin(reading)
    hub.begin(leaving)
    hub.note([change(1)])
    hub.leave(leaving, two)
    assert hub.settle(reading, Known(), Moves()) == Came((), (change(1),)), "one reads still"
    hub.note([change(2)])
    assert not vars(hub)["_recent"]
    hub.leave(reading, one)
    assert not any(vars(hub)[book] for book in ("_audiences", "_waiting", "_reading", "_recent"))


def test_audiences_of_one_question_are_named_together_a_few_at_a_time() -> None:
    hub = Hub()
    principals = [Principal("http", (), str(number), ("localhost", "80")) for number in range(7)]
    lists, rows = (
        [
            hub.join(key(asked, each), Listener(), model="todo.task", watches=None).audience
            for each in principals
        ]
        for asked in (LIST, RETRIEVE)
    )
    assert list(hub.by_question(3)) == [
        *map(tuple, (lists[:3], lists[3:6], lists[6:], rows[:3], rows[3:6], rows[6:]))
    ]  # fmt: skip
    assert list(Hub().by_question(3)) == []
