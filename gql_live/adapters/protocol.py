"""What every adapter is: a state machine that is fed frames and asked for frames.

An adapter knows one dialect and one connection. It never awaits, owns no socket and reads no clock,
so its caller (`gql_live.connection`) does all three:

    for event in adapter.receive_text(text): ...    # act on what the peer asks for
    for frame in adapter.take_frames(): ...         # then send what the protocol itself answers
    if adapter.closing: ...                         # then close, if it came to that

Three rules hold for every method. A peer cannot make an adapter raise; our own misuse raises
`LocalProtocolError`; losing a race (the operation is over, the connection is closing) is no error,
and the return value says so.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, ClassVar, Literal

from gql_live.adapters.messages import (
    ConnectionAckMessage,
    GraphQLRequest,
    JsonObject,
    OperationId,
    RemoteProtocolError,
    encode,
    parse_message,
)

__all__ = [
    "Adapter",
    "Close",
    "CloseCode",
    "ConnectionInit",
    "Event",
    "GraphQLRequest",
    "LocalProtocolError",
    "Operation",
    "OperationId",
    "Pong",
    "State",
    "Stop",
    "Subscribe",
    "SubscribeView",
]


class LocalProtocolError(Exception):
    """Our own code asked for what the protocol forbids now: our bug, never the peer's doing."""


class CloseCode(IntEnum):
    """Every code that a socket is closed with, and what a stock `graphql-ws` client does on it."""

    NORMAL = 1000  # reconnects at once where operations run
    GOING_AWAY = 1001  # retries with back-off
    POLICY_VIOLATION = 1008  # gives up
    MESSAGE_TOO_BIG = 1009  # gives up
    SERVICE_RESTART = 1012  # retries with back-off
    TRY_AGAIN_LATER = 1013  # retries with back-off
    UNAUTHENTICATED = 4003  # django-rest-live's refusal of an anonymous socket
    BAD_REQUEST = 4400  # gives up
    UNAUTHORIZED = 4401  # gives up
    FORBIDDEN = 4403  # retries with back-off
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406  # gives up
    INITIALISATION_TIMEOUT = 4408  # retries with back-off
    SUBSCRIBER_ALREADY_EXISTS = 4409  # gives up
    TOO_MANY_INITIALISATION_REQUESTS = 4429  # gives up


MAX_REASON_BYTES = (
    123  # RFC 6455, 5.5: a control frame holds 125 bytes, and the code takes two of them
)


@dataclass(frozen=True, slots=True)
class Close:
    """How to close the socket.

    The reason is made to fit: at most 123 bytes of valid UTF-8, cut between characters.
    """

    code: int
    reason: str = ""

    def __post_init__(self) -> None:
        encoded = self.reason.encode("utf-8", "backslashreplace")[:MAX_REASON_BYTES]
        object.__setattr__(self, "reason", encoded.decode("utf-8", "ignore"))


class State(Enum):
    """Where a connection stands; it only ever moves down this list."""

    CONNECTING = "connecting"  # the socket is open, nobody has introduced themselves
    ACKNOWLEDGING = "acknowledging"  # `connection_init` is here, our answer is not yet given
    ACKNOWLEDGED = "acknowledged"  # operations may run
    CLOSED = "closed"  # `closing` says why; whatever else arrives is ignored


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation on one connection, compared by identity: its id may name another one later."""

    id: OperationId
    prefix: str = field(repr=False)  # how each of its results begins on the wire, encoded once


# ── events ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """The client introduces itself; answer with `acknowledge()` or `refuse()`."""

    payload: JsonObject | None


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The client starts an operation, whose id is reserved already."""

    operation: Operation
    request: GraphQLRequest


@dataclass(frozen=True, slots=True)
class SubscribeView:
    """A django-rest-live client subscribes to a view, by the label of its model (`app.Model`)."""

    operation: Operation
    model: str
    action: Literal["list", "retrieve"]
    lookup_by: Any
    view_kwargs: JsonObject
    query_params: JsonObject


@dataclass(frozen=True, slots=True)
class Stop:
    """The client has had enough of an operation; its id is free, and no more is said of it."""

    operation: Operation


@dataclass(frozen=True, slots=True)
class Pong:
    """A sign of life, with the payload of the ping that it answers."""

    payload: JsonObject | None


Event = ConnectionInit | Subscribe | SubscribeView | Stop | Pong


# ── the machine ───────────────────────────────────────────────────────────────────────────────


class Adapter(ABC):
    """One connection in one dialect. What differs between dialects is left to the subclass."""

    subprotocol: ClassVar[str | None]
    """The WebSocket subprotocol that a client offers to get this dialect."""

    answers_pings: ClassVar[bool]
    """Whether a living peer answers `ping()` with `Pong`; where not, silence proves nothing."""

    def __init__(self) -> None:
        self.state = State.CONNECTING
        self.closing: Close | None = None
        self._operations: dict[Operation, None] = {}  # by identity, in order
        self._frames: list[str] = []

    @property
    def operations(self) -> Collection[Operation]:
        """The operations running or being prepared: a live, read-only view, empty once closed."""
        return self._operations.keys()

    def receive_text(self, text: str) -> list[Event]:
        """Take a text frame; what it asks of us, in order."""
        if self.closing is not None:
            return []
        try:
            return self._receive(parse_message(text))
        except RemoteProtocolError as fault:
            return self._reject(fault)

    def receive_bytes(self, _data: bytes) -> list[Event]:
        """Take a binary frame: no dialect has any."""
        self.fail(Close(CloseCode.BAD_REQUEST, "Invalid message: must be text, not binary"))
        return []

    def acknowledge(self, payload: Mapping[str, Any] | None = None) -> list[Event]:
        """Accept the `connection_init`; what the client asked for while it was judged, in order.

        Too late (the connection is closing) is no error: nothing happens.
        """
        if self.state is State.CLOSED:
            return []
        self._require_acknowledging("acknowledge")
        self.state = State.ACKNOWLEDGED
        message: ConnectionAckMessage = {"type": "connection_ack"}
        if payload is not None:
            message["payload"] = payload
        self._frames.append(encode(message))
        return []

    def refuse(self, reason: str = "Forbidden") -> None:
        """Turn the `connection_init` down and close. Too late is no error."""
        if self.state is not State.CLOSED:
            self._require_acknowledging("refuse")
            self.fail(Close(CloseCode.FORBIDDEN, reason))

    def initialisation_timed_out(self) -> bool:
        """Close, as no `connection_init` came in time. False if one did, or if closing already."""
        if self.state is not State.CONNECTING:
            return False
        return self.fail(
            Close(CloseCode.INITIALISATION_TIMEOUT, "Connection initialisation timeout")
        )

    def fail(self, close: Close) -> bool:
        """Close for a reason of the caller's, ending every operation.

        False if the connection is closing already: the first reason stays.
        """
        if self.closing is not None:
            return False
        self.closing = close
        self.state = State.CLOSED
        self._operations.clear()
        return True

    @abstractmethod
    def ping(self, payload: Mapping[str, Any] | None = None) -> None:
        """Queue a keep-alive, in any state. Once closing: nothing."""

    def next_frame(self, operation: Operation, payload: str) -> str | None:
        """The frame of one result, given as encoded JSON; None when the operation is over."""
        if operation not in self._operations:
            return None
        return f"{operation.prefix}{payload}}}"

    def error_frame(self, operation: Operation, errors: Sequence[Mapping[str, Any]]) -> str | None:
        """End the operation with errors, at least one; the frame, or None if it was over.

        Errors that carry what JSON cannot say (NaN, a cycle) go out as their messages alone: a
        project's odd exception must not leave its operation without an end.
        """
        if not errors:
            raise LocalProtocolError("an operation fails with one error at least")
        if not self._end(operation):
            return None
        try:
            return self._error(operation, errors)
        except (ValueError, TypeError, RecursionError):
            return self._error(operation, [{"message": str(e.get("message"))} for e in errors])

    def complete_frame(self, operation: Operation) -> str | None:
        """End the operation; the frame, or None if it was over or the dialect has no such frame."""
        return self._completion(operation) if self._end(operation) else None

    def take_frames(self) -> list[str]:
        """The protocol's own frames (acknowledgement, pong, ping …) since the last call.

        They go out in this order, ahead of results that still wait, and before a close.
        """
        frames, self._frames = self._frames, []
        return frames

    # ── for the dialects ──

    @abstractmethod
    def _receive(self, message: JsonObject) -> list[Event]:
        """Act on a JSON object from the peer. Raises RemoteProtocolError, with nothing changed."""

    @abstractmethod
    def _reject(self, fault: RemoteProtocolError) -> list[Event]:
        """Answer an invalid message as the dialect does."""

    @abstractmethod
    def _error(self, operation: Operation, errors: Sequence[Mapping[str, Any]]) -> str:
        """The frame that says how an operation failed."""

    @abstractmethod
    def _completion(self, operation: Operation) -> str | None:
        """The frame that says that an operation is complete, where the dialect has one."""

    def _initialise(self, payload: JsonObject | None) -> list[Event]:
        if self.state is not State.CONNECTING:
            self.fail(
                Close(
                    CloseCode.TOO_MANY_INITIALISATION_REQUESTS,
                    "Too many initialisation requests",
                )
            )
            return []
        self.state = State.ACKNOWLEDGING
        return [ConnectionInit(payload)]

    def _begin(self, operation: Operation) -> Operation:
        self._operations[operation] = None
        return operation

    def _named(self, name: OperationId) -> list[Operation]:
        """The operations of this id. Looks at each one, of which the caller's limits allow few."""
        return [operation for operation in self._operations if operation.id == name]

    def _end(self, operation: Operation) -> bool:
        """Free the operation's id; False if it is over already."""
        if operation not in self._operations:
            return False
        del self._operations[operation]
        return True

    def _stop(self, name: OperationId) -> list[Event]:
        """End what runs under this id because the client wants it so; nothing for an unknown id."""
        stopped = self._named(name)
        for operation in stopped:
            self._end(operation)
        return [Stop(operation) for operation in stopped]

    def _require_acknowledging(self, verb: str) -> None:
        if self.state is not State.ACKNOWLEDGING:
            raise LocalProtocolError(f"cannot {verb} a connection that is {self.state.value}")
