"""`graphql-transport-ws`, beyond its decision table: what the server says, and races."""

from typing import Any

import pytest

from gql_live.adapters.protocol import CloseCode, LocalProtocolError, State
from tests.adapters.table import close_of, decoded, feed, frames_of, started
from tests.adapters.transport_ws_table import (
    ACKNOWLEDGED,
    ACKNOWLEDGING,
    CLOSED,
    CONNECTING,
    RUNNING,
    SITUATIONS,
    subscribe,
)

ERROR = {"message": "Syntax Error", "locations": [{"line": 1, "column": 1}]}


# ── what the server says ──


@pytest.mark.parametrize(
    ("payload", "frame"),
    [
        (None, {"type": "connection_ack"}),
        ({}, {"type": "connection_ack", "payload": {}}),
        ({"v": "ü"}, {"type": "connection_ack", "payload": {"v": "ü"}}),
    ],
    ids=["without a payload", "with an empty payload", "with a payload"],
)
def test_an_acknowledgement(payload: dict[str, Any] | None, frame: dict[str, Any]) -> None:
    adapter = SITUATIONS[ACKNOWLEDGING]()
    assert adapter.acknowledge(payload) == []
    assert adapter.state is State.ACKNOWLEDGED
    assert frames_of(adapter) == [frame]


def test_a_refusal_closes_with_4403() -> None:
    adapter = SITUATIONS[ACKNOWLEDGING]()
    adapter.refuse()
    assert close_of(adapter) == (CloseCode.FORBIDDEN, "Forbidden")
    assert frames_of(adapter) == []


def test_a_refusal_can_say_why() -> None:
    adapter = SITUATIONS[ACKNOWLEDGING]()
    adapter.refuse("Invalid token.")
    assert close_of(adapter) == (CloseCode.FORBIDDEN, "Invalid token.")


def test_nothing_for_too_long_closes_with_4408() -> None:
    adapter = SITUATIONS[CONNECTING]()
    assert adapter.initialisation_timed_out() is True
    timeout = (CloseCode.INITIALISATION_TIMEOUT, "Connection initialisation timeout")
    assert close_of(adapter) == timeout


@pytest.mark.parametrize("situation", [ACKNOWLEDGING, ACKNOWLEDGED, RUNNING, CLOSED])
def test_a_timeout_after_the_initialisation_has_lost_the_race(situation: str) -> None:
    adapter = SITUATIONS[situation]()
    before = close_of(adapter)
    assert adapter.initialisation_timed_out() is False
    assert close_of(adapter) == before


@pytest.mark.parametrize("situation", [CONNECTING, ACKNOWLEDGING, ACKNOWLEDGED, RUNNING])
def test_a_ping_goes_out_in_every_state(situation: str) -> None:
    adapter = SITUATIONS[situation]()
    adapter.take_frames()
    adapter.ping()
    adapter.ping({"sent": 7})
    assert frames_of(adapter) == [{"type": "ping"}, {"type": "ping", "payload": {"sent": 7}}]


def test_frames_are_taken_once_and_in_order() -> None:
    adapter = SITUATIONS[ACKNOWLEDGING]()
    feed(adapter, {"type": "ping", "payload": {"n": 1}})
    adapter.acknowledge()
    feed(adapter, {"type": "ping", "payload": {"n": 2}})
    assert frames_of(adapter) == [
        {"type": "pong", "payload": {"n": 1}},
        {"type": "connection_ack"},
        {"type": "pong", "payload": {"n": 2}},
    ]
    assert frames_of(adapter) == []


# ── one operation ──


@pytest.mark.parametrize(
    "name", ["1", 'a"b\\c', "naïve ☃ 𝄞", "\ud800", "\x00\n", "a" * 5000], ids=ascii
)
def test_every_frame_of_an_operation_carries_its_id(name: str) -> None:
    adapter = SITUATIONS[ACKNOWLEDGED]()
    operation = started(adapter, subscribe(name))
    assert operation.id == name
    result = '{"data":{"text":"☃"}}'
    assert decoded(adapter.next_frame(operation, result)) == {
        "id": name,
        "type": "next",
        "payload": {"data": {"text": "☃"}},
    }
    assert decoded(adapter.complete_frame(operation)) == {"id": name, "type": "complete"}

    again = started(adapter, subscribe(name))
    assert decoded(adapter.error_frame(again, [ERROR])) == {
        "id": name,
        "type": "error",
        "payload": [ERROR],
    }


def test_a_result_is_spliced_and_not_encoded_again() -> None:
    adapter = SITUATIONS[ACKNOWLEDGED]()
    operation = started(adapter, subscribe("x"))
    frame = adapter.next_frame(operation, '{ "data" : 1.50 }')
    assert frame == '{"id":"x","type":"next","payload":{ "data" : 1.50 }}'


# ── races ──


def test_the_late_complete_of_an_ended_operation_stops_nobody() -> None:
    adapter = SITUATIONS[ACKNOWLEDGED]()
    operation = started(adapter, subscribe("x"))
    adapter.complete_frame(operation)
    assert feed(adapter, {"id": "x", "type": "complete"}) == []
    assert adapter.closing is None


def test_an_id_is_taken_from_the_moment_of_its_subscribe() -> None:
    # Two in one read, before anybody has had the time to prepare the first of them.
    adapter = SITUATIONS[ACKNOWLEDGED]()
    feed(adapter, subscribe("x"))
    assert feed(adapter, subscribe("x")) == []
    assert close_of(adapter) == (
        CloseCode.SUBSCRIBER_ALREADY_EXISTS,
        "Subscriber for x already exists",
    )


def test_a_verdict_on_credentials_that_comes_after_the_close_changes_nothing() -> None:
    adapter = SITUATIONS[ACKNOWLEDGING]()
    feed(adapter, {"type": "connection_init"})
    too_many = close_of(adapter)
    assert adapter.acknowledge() == []
    adapter.refuse()
    assert close_of(adapter) == too_many
    assert adapter.state is State.CLOSED
    assert frames_of(adapter) == []


# ── our own misuse ──


@pytest.mark.parametrize("situation", [CONNECTING, ACKNOWLEDGED, RUNNING])
def test_only_a_connection_that_asks_is_acknowledged_or_refused(situation: str) -> None:
    adapter = SITUATIONS[situation]()
    with pytest.raises(LocalProtocolError, match="cannot acknowledge"):
        adapter.acknowledge()
    with pytest.raises(LocalProtocolError, match="cannot refuse"):
        adapter.refuse()
    assert adapter.closing is None
