"""Whatever a peer sends and however our own calls fall in between, every adapter keeps its word.

From any situation, sequences of valid, nearly valid and garbage messages, mixed with calls of ours
on operations that run or are over, are driven at an adapter and at a model of what must then be so.
A message may move the connection only as some row of the decision table does.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gql_live.adapters.protocol import (
    Adapter,
    Close,
    CloseCode,
    Event,
    LocalProtocolError,
    State,
    Stop,
    Subscribe,
    SubscribeView,
)
from tests.adapters.dialects import DIALECTS, Dialect
from tests.adapters.table import Text, check, close_of, feed

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=8)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
GARBAGE = st.one_of(
    ANY_JSON,
    ANY_TEXT.map(Text),
    st.binary(max_size=8),
    st.sampled_from(["[", '{"a":', '"', "9"]).map(lambda piece: Text(piece * 5000)),
)


def valid(dialect: Dialect) -> st.SearchStrategy[Any]:
    """What gets a conversation far: the table's messages, and operations of ids that meet."""
    names = st.sampled_from(["x", "run", "held"])
    harmless = [row.sends for row in dialect.table if row.close is None]
    stops = [] if dialect.stop is None else [names.map(dialect.stop)]
    return st.one_of(names.map(dialect.start), st.sampled_from(harmless), *stops)


@st.composite
def nearly_valid(draw: st.DrawFn, dialect: Dialect) -> Any:
    """A valid message with one key left out, replaced or added."""
    message = draw(valid(dialect))
    if not isinstance(message, dict):
        return message
    key = draw(st.sampled_from(sorted({*message, "id", "type", "payload"})))
    rest = {name: value for name, value in message.items() if name != key}
    return rest if draw(st.booleans()) else {**rest, key: draw(ANY_JSON)}


Transition = tuple[State, State, int | None]


def code_of(adapter: Adapter) -> int | None:
    """The code of its close, if it is closing."""
    return None if adapter.closing is None else adapter.closing.code


@cache
def known_transitions(name: str) -> set[Transition]:
    """Every way in which some row of the dialect's table moves an open connection."""
    dialect = DIALECTS[name]
    known: set[Transition] = set()
    for row in dialect.table:
        for situation in row.situations:
            adapter = dialect.situations[situation]()
            before = adapter.state
            check(row, adapter)
            known.add((before, adapter.state, code_of(adapter)))
    return known


class Conversation:
    """An adapter, and what must be so of it after all that was sent and said."""

    def __init__(self, name: str, situation: str) -> None:
        self.dialect = DIALECTS[name]
        self.transitions = known_transitions(name)
        self.adapter = self.dialect.situations[situation]()
        ready = self.adapter.state is State.ACKNOWLEDGED
        self.running = list(self.adapter.operations) if ready else []
        self.announced = list(self.running)

    def hear(self, message: Any) -> None:
        state, close = self.adapter.state, close_of(self.adapter)
        events = feed(self.adapter, message)
        if state is State.CLOSED:
            assert events == []
            assert close_of(self.adapter) == close
        else:
            assert (state, self.adapter.state, code_of(self.adapter)) in self.transitions
        self.heed(events)

    def heed(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Subscribe | SubscribeView):
                assert event.operation not in self.announced
                self.announced.append(event.operation)
                self.running.append(event.operation)
            elif isinstance(event, Stop):
                self.running.remove(event.operation)
        self.settle()

    def settle(self) -> None:
        """What is so at any time."""
        adapter = self.adapter
        assert (adapter.closing is not None) is (adapter.state is State.CLOSED)
        if adapter.state is State.CLOSED:
            self.running.clear()
        if adapter.state in (State.ACKNOWLEDGED, State.CLOSED):
            assert list(adapter.operations) == self.running
        for frame in adapter.take_frames():
            self.dialect.read(frame)

    def judge(self, verdict: Callable[[], list[Event] | None]) -> None:
        """Acknowledge or refuse, which only a connection that asks for it lets happen."""
        if self.adapter.state in (State.ACKNOWLEDGING, State.CLOSED):
            self.heed(verdict() or [])
        else:
            with pytest.raises(LocalProtocolError):
                verdict()

    def say(self, what: str, which: int) -> None:
        """Speak for any operation that there ever was."""
        if not self.announced:
            return
        operation = self.announced[which % len(self.announced)]
        runs = operation in self.running
        match what:
            case "next":
                frame = self.adapter.next_frame(operation, '{"a":"\u2603"}')
                assert (frame is not None) is runs
            case "error":
                frame = self.adapter.error_frame(operation, [{"message": "\ud800"}])
                assert (frame is not None) is runs
            case _:
                frame = self.adapter.complete_frame(operation)
                assert frame is None or runs
        if frame is not None:
            self.dialect.read(frame)
        if runs and what != "next":
            self.running.remove(operation)
        self.settle()

    def do(self, what: str, which: int) -> None:
        """One call of ours."""
        adapter, state = self.adapter, self.adapter.state
        match what:
            case "acknowledge":
                self.judge(lambda: adapter.acknowledge({"v": which}))
            case "refuse":
                self.judge(adapter.refuse)
            case "time out":
                assert adapter.initialisation_timed_out() is (state is State.CONNECTING)
            case "fail":
                close = Close(CloseCode.TRY_AGAIN_LATER, "Busy")
                assert adapter.fail(close) is (state is not State.CLOSED)
            case "ping":
                adapter.ping({"sent": which})
            case _:
                self.say(what, which)
        self.settle()


SAYINGS = ["next", "error", "complete"]
# What ends a conversation comes up less often than what lets it go on.
CALLS = ["acknowledge"] * 4 + ["ping", *SAYINGS, *SAYINGS, "refuse", "time out", "fail"]


@pytest.mark.parametrize("name", DIALECTS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_sequence_of_messages_and_calls_breaks_an_adapter(
    name: str, data: st.DataObject
) -> None:
    dialect = DIALECTS[name]
    conversation = Conversation(name, data.draw(st.sampled_from(sorted(dialect.situations))))
    calls = st.tuples(st.sampled_from(CALLS), st.integers(0, 9))
    messages = st.one_of(valid(dialect), valid(dialect), nearly_valid(dialect), GARBAGE)
    steps = st.lists(st.tuples(st.booleans(), calls, messages), max_size=25)
    for sends, (call, which), message in data.draw(steps):
        if sends:
            conversation.hear(message)
        else:
            conversation.do(call, which)
