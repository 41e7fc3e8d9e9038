"""How a decision table is written and judged: in a situation the client sends this; what of it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from gql_live.adapters.protocol import (
    Adapter,
    CloseCode,
    Event,
    Operation,
    State,
    Subscribe,
    SubscribeView,
)

Situations = Mapping[str, Callable[[], Adapter]]


@dataclass(frozen=True)
class Text:
    """A frame that is sent as it stands, for what is not JSON."""

    text: str


@dataclass(frozen=True)
class Row:
    """In each of the situations the client sends this: the events, our frames, and our close."""

    client: str  # what the client does, in words
    situations: tuple[str, ...]
    sends: Any  # a JSON value, Text, or bytes
    events: tuple[tuple[Any, ...], ...] = ()
    frames: tuple[Any, ...] = ()
    close: tuple[CloseCode, str] | None = None


def cases(rows: Iterable[Row]) -> dict[str, tuple[str, Row]]:
    """Every (situation, row) of a table by the sentence that names it."""
    found: dict[str, tuple[str, Row]] = {}
    for row in rows:
        for situation in row.situations:
            sentence = f"{row.client} ({situation})"
            assert sentence not in found, f"two rows say: {sentence}"
            found[sentence] = (situation, row)
    return found


def check(row: Row, adapter: Adapter) -> None:
    """Send the row's message and compare the whole outcome: events, frames, close and state."""
    state, closing = adapter.state, close_of(adapter)
    adapter.take_frames()
    assert tuple(map(described, feed(adapter, row.sends))) == row.events
    assert tuple(frames_of(adapter)) == row.frames
    assert close_of(adapter) == (row.close or closing)
    if row.close is not None:
        assert adapter.state is State.CLOSED
        assert not adapter.operations
    elif ("ConnectionInit",) in [event[:1] for event in row.events]:
        assert (state, adapter.state) == (State.CONNECTING, State.ACKNOWLEDGING)
    else:
        assert adapter.state is state


def feed(adapter: Adapter, message: Any) -> list[Event]:
    """Give the adapter one frame: bytes, Text, or any other value as JSON."""
    if isinstance(message, bytes):
        return adapter.receive_bytes(message)
    if isinstance(message, Text):
        return adapter.receive_text(message.text)
    return adapter.receive_text(json.dumps(message))


def described(event: Event) -> tuple[Any, ...]:
    """An event as a row writes it: its kind, then what it holds, with an operation's id for it."""
    values = [getattr(event, field.name) for field in fields(event)]
    return (
        type(event).__name__,
        *(value.id if isinstance(value, Operation) else value for value in values),
    )


def frames_of(adapter: Adapter) -> list[Any]:
    """The frames that the adapter queued, each proven to be JSON in UTF-8."""
    return [decoded(frame) for frame in adapter.take_frames()]


def decoded(frame: str | None) -> Any:
    """A frame's JSON value; fails for text that a strict peer would refuse."""
    assert frame is not None
    return json.loads(frame.encode("utf-8"), parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def close_of(adapter: Adapter) -> tuple[int, str] | None:
    """The close that the adapter decided on, as a row writes it."""
    return None if adapter.closing is None else (adapter.closing.code, adapter.closing.reason)


def started(adapter: Adapter, message: Any) -> Operation:
    """Send a message that must start one operation; that operation."""
    (event,) = feed(adapter, message)
    assert isinstance(event, Subscribe | SubscribeView)
    return event.operation
