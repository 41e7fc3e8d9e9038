"""GraphQL over Server-Sent Events: the frames, read as an event stream is read."""

import pytest

from gql_live.adapters.graphql_sse import GraphQLSSE
from gql_live.adapters.messages import GraphQLRequest
from gql_live.adapters.protocol import Close, CloseCode, LocalProtocolError, Operation
from tests.adapters.event_stream import events_in
from tests.adapters.table import close_of

REQUEST = GraphQLRequest("subscription { tasks { action } }")
ERRORS = [{"message": "Cannot query field 'x'."}]


def stream() -> tuple[GraphQLSSE, Operation]:
    adapter = GraphQLSSE()
    return adapter, adapter.subscribe(REQUEST).operation


def test_a_result_is_a_next_event() -> None:
    adapter, operation = stream()
    frame = adapter.next_frame(operation, '{"data":{"text":"☃"}}')
    assert frame == 'event: next\ndata: {"data":{"text":"☃"}}\n\n'


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"], ids=ascii)
def test_a_line_break_in_a_result_does_not_break_the_event(line_break: str) -> None:
    adapter, operation = stream()
    frame = adapter.next_frame(operation, f'{{{line_break}"data":{{}}{line_break}}}')
    assert frame is not None
    assert events_in(frame) == [("next", {"data": {}})]


def test_a_separator_that_only_javascript_breaks_lines_at_is_kept() -> None:
    adapter, operation = stream()
    frame = adapter.next_frame(operation, '{"data":"\u2028\u0085"}')
    assert frame is not None
    assert events_in(frame) == [("next", {"data": "\u2028\u0085"})]


def test_completion_ends_the_stream() -> None:
    adapter, operation = stream()
    assert adapter.complete_frame(operation) == "event: complete\ndata:\n\n"
    assert close_of(adapter) == (CloseCode.NORMAL, "")


def test_errors_before_execution_are_a_next_event_and_the_end() -> None:
    # "MUST report errors through an accepted SSE connection by emitting `next` events"
    adapter, operation = stream()
    frame = adapter.error_frame(operation, ERRORS)
    assert frame is not None
    assert events_in(frame) == [("next", {"errors": ERRORS}), ("complete", None)]
    assert close_of(adapter) == (CloseCode.NORMAL, "")


def test_a_keep_alive_is_a_comment() -> None:
    adapter, _ = stream()
    adapter.ping({"sent": 7})
    assert adapter.take_frames() == [":\n\n"]
    assert events_in(":\n\n") == []


def test_a_stream_has_one_operation() -> None:
    adapter, operation = stream()
    with pytest.raises(LocalProtocolError, match="has one operation"):
        adapter.subscribe(REQUEST)
    assert list(adapter.operations) == [operation]


def test_a_stream_that_we_cut_ends_without_complete_so_that_the_client_returns() -> None:
    adapter, operation = stream()
    adapter.fail(Close(CloseCode.SERVICE_RESTART, "Restarting"))
    assert adapter.complete_frame(operation) is None
    assert adapter.take_frames() == []
