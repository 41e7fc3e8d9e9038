"""The django-rest-live dialect, beyond its decision table: broadcasts, errors, shared ids."""

import pytest

from gql_live.adapters.protocol import State
from gql_live.adapters.rest_live import RestLive
from tests.adapters.rest_live_table import QUIET, SITUATIONS, subscribe, unsubscribe
from tests.adapters.table import decoded, described, feed, frames_of, started

CHANGE = '{"model":"todo.Task","action":"UPDATED","instance":{"id":1,"text":"☃"}}'


def test_a_connection_is_ready_at_once() -> None:
    adapter = RestLive()
    assert adapter.state is State.ACKNOWLEDGED
    assert adapter.initialisation_timed_out() is False


def test_without_a_registry_every_model_is_passed_on() -> None:
    operation = started(RestLive(), subscribe(model="any.Thing"))
    assert operation.id == 1


@pytest.mark.parametrize("name", [1337, "a", 0, 0.25, "", '"☃\ud800'], ids=ascii)
def test_a_broadcast_carries_the_id_of_its_subscription(name: str | float) -> None:
    adapter = SITUATIONS[QUIET]()
    operation = started(adapter, subscribe(name))
    assert decoded(adapter.next_frame(operation, CHANGE)) == {
        "type": "broadcast",
        "id": name,
        "model": "todo.Task",
        "action": "UPDATED",
        "instance": {"id": 1, "text": "☃"},
    }


@pytest.mark.parametrize(
    ("extensions", "code"),
    [
        ({"code": "BAD_USER_INPUT"}, 400),
        ({"code": "UNAUTHENTICATED"}, 403),
        ({"code": "FORBIDDEN"}, 403),
        ({"code": "NOT_FOUND"}, 404),
        ({"code": "THROTTLED"}, 429),
        ({"code": "INTERNAL_SERVER_ERROR"}, 500),
        ({"code": ["FORBIDDEN"]}, 500),
        ({}, 500),
        (None, 500),
    ],
    ids=str,
)
def test_an_error_has_the_code_of_its_first_cause(
    extensions: dict[str, object] | None, code: int
) -> None:
    adapter = SITUATIONS[QUIET]()
    operation = started(adapter, subscribe(1337))
    errors: list[dict[str, object]] = [
        {"message": "No.", "extensions": extensions},
        {"message": "And no."},
    ]
    assert decoded(adapter.error_frame(operation, errors)) == {
        "type": "error",
        "id": 1337,
        "code": code,
        "message": "No.",
    }


def test_a_subscription_ends_without_a_word() -> None:
    adapter = SITUATIONS[QUIET]()
    operation = started(adapter, subscribe())
    assert adapter.complete_frame(operation) is None
    assert not adapter.operations
    adapter.ping()
    assert frames_of(adapter) == []


def test_one_id_may_serve_several_subscriptions_until_it_is_unsubscribed() -> None:
    # A front end that tells its broadcasts apart by `model` may send the same id always.
    adapter = SITUATIONS[QUIET]()
    tasks = started(adapter, subscribe(1))
    lists = started(adapter, subscribe(1, model="todo.List"))
    for operation in (tasks, lists):
        assert decoded(adapter.next_frame(operation, CHANGE))["id"] == 1

    assert [described(event) for event in feed(adapter, unsubscribe(1))] == [("Stop", 1)] * 2
    assert not adapter.operations


def test_one_of_two_that_share_an_id_can_fail_alone() -> None:
    adapter = SITUATIONS[QUIET]()
    tasks = started(adapter, subscribe(1))
    lists = started(adapter, subscribe(1, model="todo.List"))
    assert adapter.error_frame(tasks, [{"message": "No."}]) is not None
    assert adapter.next_frame(tasks, CHANGE) is None
    assert adapter.next_frame(lists, CHANGE) is not None
