"""The hub's books: who listens, first and last, and whom a change can concern."""

from gql_live.audience import AudienceKey, Principal
from gql_live.changes import Change, ChangeKind
from gql_live.hub import Hub
from tests.runtime.test_audience import Listener

ADA = Principal("http", (("authorization", "Token ada"),), "", ("localhost", "80"))
GRACE = Principal("http", (("authorization", "Token grace"),), "", ("localhost", "80"))
LIST, RETRIEVE = object(), object()


def key(endpoint: object = LIST, principal: Principal = ADA) -> AudienceKey:
    return AudienceKey(endpoint, (), (), principal)


def change(pk: int, model: str = "todo.task") -> Change:
    return Change(model, pk, ChangeKind.UPDATED)


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
    assert hub.concerned([change(1)]) == [new]


def test_a_change_concerns_lists_of_its_model_and_the_subscribers_of_its_row() -> None:
    hub = Hub()
    tasks = hub.join(key(), Listener(), model="todo.task", watches=None).audience
    seven = hub.join(key(RETRIEVE), Listener(), model="todo.task", watches=7).audience
    hub.join(key(object()), Listener(), model="todo.list", watches=None)
    assert hub.concerned([change(7)]) == [tasks, seven]
    assert hub.concerned([change(8)]) == [tasks]
    assert hub.concerned([change(7), change(7), change(8)]) == [tasks, seven]
    assert hub.concerned([change(7, model="auth.user")]) == []


def test_nobody_is_concerned_after_leaving() -> None:
    hub, listener = Hub(), Listener()
    audience = hub.join(key(RETRIEVE), listener, model="todo.task", watches=7).audience
    hub.leave(audience, listener)
    assert hub.concerned([change(7)]) == []
