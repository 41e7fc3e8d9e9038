"""The legacy `graphql-ws`, beyond its decision table: what waits for the ack, and frames."""

import pytest

from gql_live.adapters.graphql_ws import MAX_HELD
from gql_live.adapters.protocol import CloseCode, LocalProtocolError, State
from tests.adapters.graphql_ws_table import (
    ACKNOWLEDGED,
    ACKNOWLEDGING,
    CONNECTING,
    HOLDING,
    SITUATIONS,
    start,
)
from tests.adapters.table import close_of, decoded, described, feed, frames_of, started


def test_operations_started_before_the_acknowledgement_follow_it_in_order() -> None:
    adapter = SITUATIONS[CONNECTING]()
    feed(adapter, start("early"))  # ahead of the connection_init, even
    feed(adapter, {"type": "connection_init"})
    feed(adapter, start("late"))
    assert [operation.id for operation in adapter.operations] == ["early", "late"]

    events = adapter.acknowledge({"v": 1})
    assert [described(event)[:2] for event in events] == [
        ("Subscribe", "early"),
        ("Subscribe", "late"),
    ]
    assert adapter.state is State.ACKNOWLEDGED
    assert frames_of(adapter) == [{"type": "connection_ack", "payload": {"v": 1}}]


def test_an_operation_stopped_before_the_acknowledgement_never_starts() -> None:
    adapter = SITUATIONS[HOLDING]()
    feed(adapter, {"id": "held", "type": "stop"})
    assert adapter.acknowledge() == []
    assert not adapter.operations


def test_an_operation_replaced_before_the_acknowledgement_starts_once() -> None:
    adapter = SITUATIONS[HOLDING]()
    feed(adapter, start("held", query="{ again }"))
    (event,) = adapter.acknowledge()
    assert "{ again }" in repr(event)
    assert len(adapter.operations) == 1


def test_only_so_many_operations_wait_for_the_acknowledgement() -> None:
    adapter = SITUATIONS[ACKNOWLEDGING]()
    for n in range(MAX_HELD + 1):
        feed(adapter, start(n))
    assert frames_of(adapter) == [
        {
            "id": MAX_HELD,
            "type": "error",
            "payload": {
                "message": "Invalid message: too many operations before the acknowledgement"
            },
        }
    ]
    assert len(adapter.acknowledge()) == MAX_HELD
    assert started(adapter, start("after")) in adapter.operations


def test_stopping_does_not_make_room_for_more_that_waits() -> None:
    # Or a flood of start and stop would pile up what waits without end.
    adapter = SITUATIONS[ACKNOWLEDGING]()
    for n in range(MAX_HELD):
        feed(adapter, start(n))
        feed(adapter, {"id": n, "type": "stop"})
    adapter.take_frames()
    feed(adapter, start("one more"))
    (frame,) = frames_of(adapter)
    assert frame["type"] == "error"
    assert adapter.acknowledge() == []


def test_a_refusal_is_said_and_then_closes() -> None:
    adapter = SITUATIONS[HOLDING]()
    adapter.refuse("Invalid token.")
    assert frames_of(adapter) == [
        {"type": "connection_error", "payload": {"message": "Invalid token."}}
    ]
    assert close_of(adapter) == (CloseCode.FORBIDDEN, "Invalid token.")
    assert not adapter.operations


def test_nobody_is_refused_who_has_not_asked() -> None:
    adapter = SITUATIONS[CONNECTING]()
    with pytest.raises(LocalProtocolError, match="cannot refuse a connection that is connecting"):
        adapter.refuse()
    assert frames_of(adapter) == []


def test_a_keep_alive_goes_out_once_acknowledged() -> None:
    # The client counts from the first one on, so none may come before it could be followed.
    adapter = SITUATIONS[ACKNOWLEDGING]()
    adapter.ping()
    adapter.acknowledge()
    adapter.ping({"sent": 7})
    assert frames_of(adapter) == [{"type": "connection_ack"}, {"type": "ka"}]


@pytest.mark.parametrize("name", ["1", 1, 2.5, '"☃\ud800'], ids=ascii)
def test_every_frame_of_an_operation_carries_its_id(name: str | float) -> None:
    adapter = SITUATIONS[ACKNOWLEDGED]()
    operation = started(adapter, start(name))
    assert decoded(adapter.next_frame(operation, '{"data":null}')) == {
        "id": name,
        "type": "data",
        "payload": {"data": None},
    }
    assert decoded(adapter.complete_frame(operation)) == {"id": name, "type": "complete"}


def test_an_error_is_one_object_as_typed_clients_expect() -> None:
    adapter = SITUATIONS[ACKNOWLEDGED]()
    operation = started(adapter, start("x"))
    assert decoded(adapter.error_frame(operation, [{"message": "Syntax Error"}])) == {
        "id": "x",
        "type": "error",
        "payload": {"message": "Syntax Error"},
    }


def test_several_errors_are_all_there_for_apollos_client() -> None:
    adapter = SITUATIONS[ACKNOWLEDGED]()
    operation = started(adapter, start("x"))
    errors = [{"message": "One"}, {"message": "Two"}]
    frame = decoded(adapter.error_frame(operation, errors))
    assert frame["payload"] == {"message": "One", "errors": errors}


def test_ids_that_only_look_alike_are_two() -> None:
    adapter = SITUATIONS[ACKNOWLEDGED]()
    text, number = started(adapter, start("1")), started(adapter, start(1))
    feed(adapter, {"id": 1, "type": "stop"})
    assert list(adapter.operations) == [text]
    assert adapter.next_frame(number, "{}") is None
