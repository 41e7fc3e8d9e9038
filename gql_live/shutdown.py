"""The end of a process: its connections are closed one by one, and then its server stops.

A server that is told to stop drops all its sockets in one moment, and in the next one every client
comes back, to processes that have to authenticate them all and read all their snapshots. So a
SIGTERM is held back until the connections are closed at ``SHUTDOWN_PACE``, with the code that
clients come back on after a while (DESIGN promise 8). Ctrl+C stops at once, as ever.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, ClassVar, Final, Protocol
from weakref import WeakKeyDictionary

from gql_live.adapters.protocol import Close, CloseCode
from gql_live.broadcaster import Broadcaster
from gql_live.conf import setting
from gql_live.instruments import Gauge, instruments

logger = logging.getLogger("gql_live")

RESTART: Final = Close(CloseCode.SERVICE_RESTART, "Service restart")
PATIENCE: Final = 2.0
"""Seconds for what is under way: evaluations before the first close, peers after the last."""


class Closable(Protocol):
    """An open connection."""

    @property
    def waiting(self) -> int:
        """Bytes of results that wait to be sent."""

    def shut(self, close: Close) -> None:
        """Close now."""

    async def retire(self, close: Close) -> None:
        """Say what waits to be said, and then close."""


class Shutdown:
    """The open connections of one event loop, and whether its process is about to end.

    It hears SIGTERM while there are any, if the loop runs in the main thread; elsewhere no handler
    can be set, and the server ends them in its own way. A second SIGTERM goes to the server at
    once.
    """

    _of_loops: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Shutdown"]] = (
        WeakKeyDictionary()
    )

    def __init__(self) -> None:
        self._open: dict[Closable, None] = {}
        instruments.measure(Gauge.CONNECTIONS, self, lambda self: len(self._open))
        instruments.measure(Gauge.SEND_QUEUES, self, lambda self: self._waiting)
        self._retiring: dict[Closable, asyncio.Event] = {}
        self._handler: _Handler | None = None
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    def running(cls) -> "Shutdown":
        """That of the running event loop."""
        loop = asyncio.get_running_loop()
        shutdown = cls._of_loops.get(loop)
        if shutdown is None:
            shutdown = cls._of_loops[loop] = cls()
        return shutdown

    @property
    def _waiting(self) -> int:
        return sum(connection.waiting for connection in tuple(self._open))

    def enter(self, connection: Closable) -> None:
        """A connection opens. It is shut where the process is about to end."""
        self._open[connection] = None
        if self._ending is not None:
            connection.shut(RESTART)
        elif self._handler is None:
            self._handler = _Handler.install(self._begin)

    def leave(self, connection: Closable) -> None:
        """It is gone; harmless for one that is gone already."""
        self._open.pop(connection, None)
        if connection in self._retiring:
            self._retiring[connection].set()
        if not self._open and self._ending is None and self._handler is not None:
            self._handler.remove()
            self._handler = None

    def _begin(self) -> None:
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        logger.info("SIGTERM: %d connections are closed before the server stops.", len(self._open))
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await Broadcaster.running().settled()
            await self._retire_all()
        finally:
            if self._handler is not None:
                self._handler.hand_on()

    async def _retire_all(self) -> None:
        leaving = tuple(self._open)
        if not leaving:
            return
        loop = asyncio.get_running_loop()
        start = loop.time()
        pause = min(1 / setting("SHUTDOWN_PACE"), setting("SHUTDOWN_SECONDS") / len(leaving))
        retiring = set()
        for number, connection in enumerate(leaving):
            await asyncio.sleep(start + number * pause - loop.time())
            retiring.add(loop.create_task(self._retire(connection)))
        _, slow = await asyncio.wait(retiring, timeout=PATIENCE)
        for task in slow:
            task.cancel()

    async def _retire(self, connection: Closable) -> None:
        """Close, and wait until the peer has taken it: a server may stop with frames unsent."""
        gone = self._retiring[connection] = asyncio.Event()
        await connection.retire(RESTART)
        if connection in self._open:
            await gone.wait()


class _Handler:
    """A handler of SIGTERM that lays itself over the one before, and hands on to it later."""

    def __init__(self, previous: Any, begin: Callable[[], None]) -> None:
        self._previous = previous
        self._begin = begin
        self._loop = asyncio.get_running_loop()
        self._signalled = False
        self._handed_on = False

    @classmethod
    def install(cls, begin: Callable[[], None]) -> "_Handler | None":
        """Call ``begin`` on the running loop when the signal comes; None where that cannot be."""
        if threading.current_thread() is not threading.main_thread():
            return None
        previous = signal.getsignal(signal.SIGTERM)
        # None: a handler that was not set from Python, and cannot be set again.
        if previous is None or previous is signal.SIG_IGN:
            return None
        handler = cls(previous, begin)
        signal.signal(signal.SIGTERM, handler)
        return handler

    def remove(self) -> None:
        """Put the one before back. Where another was laid over this one, it only hands on now."""
        self._signalled = True
        on_top = signal.getsignal(signal.SIGTERM) is self
        if on_top:
            signal.signal(signal.SIGTERM, self._previous)

    def hand_on(self) -> None:
        """Let the one before have the signal, once."""
        if not self._handed_on:
            self._handed_on = True
            signal.signal(signal.SIGTERM, self._previous)
            signal.raise_signal(signal.SIGTERM)

    def __call__(self, _signum: int, _frame: FrameType | None) -> None:
        # It interrupts the main thread wherever it stands: nothing happens here but a call to the
        # loop, which must be there to take it.
        if self._signalled or not self._loop.is_running():
            self.hand_on()
        else:
            self._signalled = True
            self._loop.call_soon_threadsafe(self._begin)
