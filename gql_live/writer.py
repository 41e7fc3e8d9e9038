"""What goes out of one socket: what the protocol answers, what operations say, and the close.

What a socket takes at once goes straight to it, past the queue and without a task. Otherwise one
task waits, for its own peer alone, and what is said meanwhile waits in the queue; an idle
connection has no task.
"""

import asyncio
import logging
import types
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol

from gql_live.adapters.protocol import Adapter, Close, CloseCode, Operation
from gql_live.audience import Payload
from gql_live.conf import setting
from gql_live.instruments import Counter, LabelledCounter, instruments
from gql_live.send_queue import Credit, SendQueue, Waiting

logger = logging.getLogger("gql_live")

STUCK_SECONDS: Final = 10.0
"""How long a peer has to read the rest, once more came than may wait for it."""

_CLOSE_PATIENCE = 5.0
"""Seconds that a peer has to read what stands before the close frame."""

_DRAIN_PATIENCE = 1.0
"""Seconds that a peer has to read what waits, where it is to be closed in peace."""

Renewal = Callable[[], None]


class Socket(Protocol):
    """The transport under a connection."""

    def send(self, text: str) -> Awaitable[None]:
        """Send a text frame; may wait for a slow peer."""

    async def close(self, code: int, reason: str) -> None:
        """Close the WebSocket."""


_TAKEN: Final = object()


@types.coroutine
def _resumed(sending: Generator[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    """The rest of what was begun by hand and waits for ``awaited``, for a task."""
    while True:
        try:
            value = yield awaited
        except BaseException as error:
            step = partial(sending.throw, error)
        else:
            step = partial(sending.send, value)
        try:
            awaited = step()
        except StopIteration:
            return


def _no_renewal(_operation: Operation) -> None:
    """No operation can be told anew."""


class Writer:
    """Takes frames to a socket, in order. Its methods are called on the event loop.

    ``before_close`` is called once, before the close frame is sent. ``renewal`` gives what has an
    operation told anew where things stand; it is called when the peer has read what waited, after
    events were dropped. Where it gives None, a peer that is too slow is closed instead. ``credit``:
    for a socket whose ``send`` never waits.
    """

    def __init__(
        self,
        adapter: Adapter,
        socket: Socket,
        before_close: Callable[[], None],
        renewal: Callable[[Operation], Renewal | None] = _no_renewal,
        credit: Credit | None = None,
    ) -> None:
        self._adapter = adapter
        self._socket = socket
        self._before_close = before_close
        self._renewal = renewal
        self._credit = credit
        self._capacity: int = setting("SEND_QUEUE_BYTES")
        self._queue = SendQueue(self._capacity)
        self._control: deque[str] = deque()
        self._question: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._sending = False
        self._stopped = False
        self._behind: dict[Operation, Renewal] = {}
        self._stuck: asyncio.TimerHandle | None = None

    def say(self, operation: Operation, payload: Payload) -> None:
        """Send a result, or queue it where the socket does not take it at once."""
        if self._task is None and (self._credit is None or not self._credit.spent):
            # Then nothing waits: this is the way of nearly every frame.
            frame = self._adapter.next_frame(operation, payload.text)
            if frame is not None and self._send(frame) and self._question is not None:
                self._send_at_once()
        elif operation not in self._behind:
            self._put(operation, payload)

    def end(self, operation: Operation, errors: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Queue the end of an operation: an ``error``, or ``complete`` without errors."""
        self._behind.pop(operation, None)
        self._queue.end(operation, errors)
        self.wake()

    def discard(self, operation: Operation) -> None:
        """Drop what waits for an operation."""
        self._behind.pop(operation, None)
        self._queue.discard(operation)

    def acknowledge(self, payload: Mapping[str, Any] | None) -> None:
        """The peer has answered a ping."""
        if self._credit is not None:
            self._credit.acknowledge(payload)

    @property
    def waiting(self) -> int:
        """Bytes of results that wait to be sent."""
        return self._queue.size

    def wake(self) -> None:
        """See to it that what waits, in the adapter or here, goes out."""
        self._control += self._adapter.take_frames()
        if sum(map(len, self._control)) > self._capacity:
            self._control.clear()
            self._give_up()
            return
        if self._stopped:
            return
        if self._task is None:
            self._send_at_once()
        elif self._sending and self._adapter.closing is not None:
            self._task.cancel()  # it waits for a peer that does not read

    async def drained(self) -> None:
        """Wait until nothing waits to be sent, but not for ever: the peer may not read."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_PATIENCE):
                while (task := self._task) is not None and not task.done():
                    await asyncio.wait({task})

    async def stop(self) -> None:
        """Send nothing more: the socket is gone."""
        self._stopped = True
        if self._stuck is not None:
            self._stuck.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # --- a peer that reads too slowly ---

    def _put(self, operation: Operation, payload: Payload) -> None:
        conflated = self._queue.conflated
        if not self._queue.put(operation, payload):
            self._drop_events(operation, payload)
        if self._queue.conflated > conflated:
            instruments.count(Counter.CONFLATIONS, self._queue.conflated - conflated)

    def _drop_events(self, operation: Operation, payload: Payload) -> None:
        """A result does not fit: drop events, and have their operations told anew once the peer has
        read the rest. One that did not read that, or reads nothing, is closed.
        """
        operations = self._queue.drop_events()
        fits = payload.action is not None or self._queue.put(operation, payload)
        if payload.action is not None:
            operations.add(operation)
        renewals = {each: self._renewal(each) for each in operations}
        behind = {each: renewal for each, renewal in renewals.items() if renewal is not None}
        if self._stuck is not None or not fits or len(behind) < len(operations):
            self._give_up()
        elif behind:
            self._behind = behind
            loop = asyncio.get_running_loop()
            self._stuck = loop.call_later(STUCK_SECONDS, self._give_up)

    def _tell_anew(self) -> None:
        """Where the peer has read what waited: have those operations told that missed something."""
        if self._stuck is None or self._task is not None or self._spent:
            return
        self._stuck.cancel()
        self._stuck = None
        behind, self._behind = self._behind, {}
        instruments.count(Counter.RENEWALS, len(behind))
        for renew in behind.values():
            renew()

    def _give_up(self) -> None:
        self._adapter.fail(Close(CloseCode.TRY_AGAIN_LATER, "Too slow: the send queue is full"))
        self.wake()

    # --- what goes out ---

    @property
    def _spent(self) -> bool:
        return self._credit is not None and self._credit.spent

    def _send_at_once(self) -> None:
        """Send what the socket takes without waiting, and leave the rest to a task."""
        while self._adapter.closing is None and (frame := self._next_frame()) is not None:
            if not self._send(frame):
                return
        if self._adapter.closing is not None:
            self._task = asyncio.create_task(self._write(self._adapter.closing))
        else:
            self._tell_anew()

    def _send(self, frame: str) -> bool:
        """Send a frame. False where a task waits for the socket to take it, or where it is gone.

        A task for each frame would double what a delivery costs (docs/benchmarks.md).
        """
        try:
            sending = self._socket.send(frame).__await__()
            awaited = next(sending, _TAKEN)
        except Exception as error:
            self._lose(error)
            return False
        if awaited is _TAKEN:
            if self._credit is not None:
                self._spend(self._credit, frame)
            return True
        rest = self._write(self._adapter.closing, frame, _resumed(sending, awaited))
        self._task = asyncio.create_task(rest)
        return False

    async def _write(
        self,
        begun_under: Close | None,
        frame: str | None = None,
        sending: Awaitable[None] | None = None,
    ) -> None:
        """``begun_under``: the close under which ``sending`` was begun, as that of a last frame
        is.
        """
        if self._adapter.closing is not begun_under:
            frame = sending = None  # closed before this task had its first turn
        try:
            while (frame := frame or self._next_frame()) is not None:
                self._sending = True
                await (sending or self._socket.send(frame))
                self._sending = False
                if self._credit is not None:
                    self._spend(self._credit, frame)
                frame = sending = None
        except asyncio.CancelledError:
            if self._adapter.closing is None:
                raise
        except Exception as error:
            self._lose(error)
            return
        if self._adapter.closing is None:
            # In the same step as the last look: whoever has more to say wakes another task.
            self._task = None
            self._tell_anew()
        else:
            await self._close(self._adapter.closing)

    def _spend(self, credit: Credit, frame: str) -> None:
        """The socket has taken a frame; ask the peer whether it has read it, when that is due."""
        mark = credit.spend(len(frame.encode()))
        if mark is not None and self._adapter.closing is None:
            self._adapter.ping(mark)
            *answers, self._question = self._adapter.take_frames()
            self._control += answers

    def _lose(self, error: Exception) -> None:
        """The server says that the socket is gone; it says so to the consumer as well."""
        logger.debug("A frame could not be sent: %r", error)
        self._adapter.fail(Close(CloseCode.GOING_AWAY))
        self._before_close()

    async def _close(self, close: Close) -> None:
        self._sending = False
        instruments.count_labelled(LabelledCounter.CLOSES, str(int(close.code)))
        self._before_close()
        try:
            async with asyncio.timeout(_CLOSE_PATIENCE):
                await self._socket.close(close.code, close.reason)
        except Exception as error:
            # Too slow, or gone before us: that is what a close may find.
            logger.debug("A socket could not be closed: %r", error)

    def _next_frame(self) -> str | None:
        """What goes out next: what the protocol itself answers, then what waits; None for
        nothing.
        """
        if self._question is not None:
            question, self._question = self._question, None
            return question
        if self._spent and self._adapter.closing is None:
            return None
        if self._control:
            return self._control.popleft()
        while self._adapter.closing is None and (waiting := self._queue.take()) is not None:
            frame = self._frame(waiting)
            if frame is not None:
                return frame
        return None

    def _frame(self, waiting: Waiting) -> str | None:
        if waiting.payload is not None:
            return self._adapter.next_frame(waiting.operation, waiting.payload.text)
        if waiting.errors is not None:
            return self._adapter.error_frame(waiting.operation, waiting.errors)
        return self._adapter.complete_frame(waiting.operation)
