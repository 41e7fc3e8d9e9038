"""What goes out of one socket: what the protocol answers, what operations say, and the close.

One task at a time, while there is something to send: an idle connection has none. It waits for its
own peer alone; a peer that does not take what waits for it is closed.
"""

import asyncio
import logging
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from gql_live.adapters.protocol import Adapter, Close, CloseCode, Operation
from gql_live.audience import Payload
from gql_live.conf import setting
from gql_live.send_queue import SendQueue, Waiting

logger = logging.getLogger("gql_live")

_CLOSE_PATIENCE = 5.0
"""Seconds that a peer has to read what stands before the close frame."""

_DRAIN_PATIENCE = 1.0
"""Seconds that a peer has to read what waits, where it is to be closed in peace."""


class Socket(Protocol):
    """The transport under a connection."""

    def send(self, text: str) -> Coroutine[Any, Any, None]:
        """Send a text frame; may wait for a slow peer."""

    async def close(self, code: int, reason: str) -> None:
        """Close the WebSocket."""


@types.coroutine
def _resumed(sending: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    """The rest of a coroutine that was started by hand and waits for ``awaited``, for a task."""
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


class Writer:
    """Takes frames to a socket, in order. Its methods are called on the event loop.

    ``before_close`` is called once, before the close frame is sent.
    """

    def __init__(self, adapter: Adapter, socket: Socket, before_close: Callable[[], None]) -> None:
        self._adapter = adapter
        self._socket = socket
        self._before_close = before_close
        self._capacity: int = setting("SEND_QUEUE_BYTES")
        self._queue = SendQueue(self._capacity)
        self._control: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None
        self._sending = False
        self._stopped = False

    def say(self, operation: Operation, payload: Payload) -> None:
        """Queue a result. A client too slow to take it is closed."""
        if not self._queue.put(operation, payload):
            self._give_up()
        self.wake()

    def end(self, operation: Operation, errors: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Queue the end of an operation: an ``error``, or ``complete`` without errors."""
        self._queue.end(operation, errors)
        self.wake()

    def discard(self, operation: Operation) -> None:
        """Drop what waits for an operation."""
        self._queue.discard(operation)

    def wake(self) -> None:
        """See to it that what waits, in the adapter or here, goes out."""
        self._control += self._adapter.take_frames()
        if sum(map(len, self._control)) > self._capacity:
            self._control.clear()
            self._give_up()
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
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _give_up(self) -> None:
        self._adapter.fail(Close(CloseCode.TRY_AGAIN_LATER, "Too slow: the send queue is full"))

    def _send_at_once(self) -> None:
        """Send what the socket takes without waiting, and leave the rest to a task.

        A task for each frame would double what a delivery costs (docs/benchmarks.md).
        """
        while self._adapter.closing is None and (frame := self._next_frame()) is not None:
            sending = self._socket.send(frame)
            try:
                awaited = sending.send(None)
            except StopIteration:
                continue
            except Exception as error:
                self._lose(error)
                return
            self._task = asyncio.create_task(self._write(_resumed(sending, awaited)))
            return
        if self._adapter.closing is not None:
            self._task = asyncio.create_task(self._write())

    async def _write(self, sending: Awaitable[None] | None = None) -> None:
        try:
            if sending is not None:
                self._sending = True
                await sending
                self._sending = False
            while (frame := self._next_frame()) is not None:
                self._sending = True
                await self._socket.send(frame)
                self._sending = False
        except asyncio.CancelledError:
            if self._adapter.closing is None:
                raise
        except Exception as error:
            self._lose(error)
            return
        if self._adapter.closing is None:
            # In the same step as the last look: whoever has more to say wakes another task.
            self._task = None
        else:
            await self._close(self._adapter.closing)

    def _lose(self, error: Exception) -> None:
        """The server says that the socket is gone; it says so to the consumer as well."""
        logger.debug("A frame could not be sent: %r", error)
        self._adapter.fail(Close(CloseCode.GOING_AWAY))
        self._before_close()

    async def _close(self, close: Close) -> None:
        self._sending = False
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
