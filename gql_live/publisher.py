"""The background publisher: changes of this process, on their way to the other processes.

A writer only appends to a queue in memory. One daemon thread with an event loop of its own takes
the changes from there and sends them, many in one message, so that a broker that is slow or down
neither fails nor delays a write.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final
from uuid import uuid4

from channels.layers import BaseChannelLayer, InMemoryChannelLayer, get_channel_layer

from gql_live.cancellation import cancel
from gql_live.changes import Batch, Change
from gql_live.instruments import Counter, Gauge, instruments

logger = logging.getLogger(__name__)

GROUP: Final = "gql_live.changes"

QUEUE_CAPACITY: Final = 20_000  # changes; some 10 MB
BATCH_CAPACITY: Final = 500  # changes in one message; some 50 KB
# A transaction runs its commit hooks one after the other: wait until it has said all, then send
# once.
LINGER: Final = 0.001
SEND_DEADLINE: Final = 5.0
CLOSE_DEADLINE: Final = 1.0
RETRY_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # the last one for as long as it takes
# After the last batch, heartbeats say its number again: a lost last message is noticed as well.
HEARTBEAT_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


def cross_process_layer() -> BaseChannelLayer | None:
    """Return the default channel layer where it connects processes; ``None`` where nothing does."""
    layer = get_channel_layer()
    return None if isinstance(layer, InMemoryChannelLayer) else layer


class _InlineExecutor(ThreadPoolExecutor):
    """Runs what it is given at once, in the publisher's own thread, which has nothing else to do.

    The event loop resolves host names in an executor, and while the interpreter exits, when the
    last changes of a management command still have to go out, thread pools take no more work.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # as every executor does: it is the caller who gets it
            future.set_exception(error)
        return future


class Publisher:
    """Sends the changes it is given to the group, in order, as numbered batches.

    The queue holds ``capacity`` changes. On overflow everything in it is dropped and a number is
    skipped: the receivers notice the gap and look at everything again, which the dropped changes
    would only have asked for row by row. A batch that the broker does not take is tried again
    with back-off for as long as it takes; one that no layer could ever encode is dropped, and
    leaves a gap as well.
    """

    def __init__(self, capacity: int = QUEUE_CAPACITY) -> None:
        self.sender: Final = uuid4().hex
        self._capacity = capacity
        self._lock = threading.Lock()
        self._queue: deque[Change] = deque()
        self._sequence = 0
        self._drained = threading.Event()
        self._drained.set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._wakeup: asyncio.Event
        self._last_batch_at: float | None = None
        self._beats = len(HEARTBEAT_PAUSES)
        self._outage = False
        instruments.measure(Gauge.PUBLISH_QUEUE, self, lambda self: len(self._queue))

    def put(self, changes: Sequence[Change]) -> None:
        """Queue changes. From any thread; never waits for the broker."""
        with self._lock:
            if len(self._queue) + len(changes) > self._capacity:
                self._queue.clear()
                self._sequence += 1
            sleeping = not self._queue
            self._queue.extend(changes[-self._capacity :])
            self._drained.clear()
            loop = self._loop or self._start()
            if sleeping:
                loop.call_soon_threadsafe(self._wakeup.set)

    def flush(self, timeout: float) -> bool:
        """Wait until everything queued was sent or dropped; ``False`` if that took too long."""
        return self._drained.wait(timeout)

    def close(self, timeout: float) -> None:
        """Flush, then end the thread and its connections. A publisher that never sent has none."""
        if self._loop is None or self._thread is None:
            return
        if not self.flush(timeout):
            logger.warning("gql_live: some changes could not be published before exit")
        with self._lock:
            loop, self._loop = self._loop, None
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(CLOSE_DEADLINE)

    def _start(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_default_executor(_InlineExecutor())
        self._wakeup = asyncio.Event()
        self._wakeup.set()  # for what is queued already
        self._thread = threading.Thread(
            target=self._run, args=(loop,), name="gql_live publisher", daemon=True
        )
        try:
            self._thread.start()
        except RuntimeError:  # no more threads: the next change tries again
            loop.close()
            raise
        self._loop = loop
        return loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(self._publish_forever())
        loop.run_forever()
        loop.run_until_complete(cancel(task))
        loop.close()  # channels_redis closes its connections of a loop together with the loop

    async def _publish_forever(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._until_heartbeat()):
                    await self._wakeup.wait()
            except TimeoutError:
                self._beats += 1
                await self._attempt(self._heartbeat())
                continue
            await asyncio.sleep(LINGER)
            self._wakeup.clear()
            while batch := self._next_batch():
                await self._deliver(batch)

    def _until_heartbeat(self) -> float | None:
        return HEARTBEAT_PAUSES[self._beats] if self._beats < len(HEARTBEAT_PAUSES) else None

    def _next_batch(self) -> Batch | None:
        with self._lock:
            if not self._queue:
                self._drained.set()
                return None
            size = min(len(self._queue), BATCH_CAPACITY)
            changes = tuple(self._queue.popleft() for _ in range(size))
            self._sequence += 1
            return Batch(self.sender, self._sequence, changes, self._quiet())

    def _heartbeat(self) -> Batch:
        with self._lock:
            return Batch(self.sender, self._sequence, quiet=self._quiet())

    def _quiet(self) -> float:
        return 0.0 if self._last_batch_at is None else time.monotonic() - self._last_batch_at

    async def _deliver(self, batch: Batch) -> None:
        attempt = 0
        while not await self._attempt(batch):
            await asyncio.sleep(RETRY_PAUSES[min(attempt, len(RETRY_PAUSES) - 1)])
            attempt += 1
        instruments.count(Counter.PUBLISHED, len(batch.changes))
        self._last_batch_at = time.monotonic()
        self._beats = 0

    async def _attempt(self, batch: Batch) -> bool:
        """Send a batch once. ``False`` if it should be tried again: the broker did not take it."""
        try:
            layer = cross_process_layer()
            if layer is not None:
                async with asyncio.timeout(SEND_DEADLINE):
                    await layer.group_send(GROUP, batch.to_message())
        except (TypeError, ValueError, OverflowError):
            logger.exception("gql_live: the channel layer cannot encode a batch; it is dropped")
        except Exception as error:
            if not self._outage:
                logger.error(
                    "gql_live: changes do not leave this process, trying again: %s (%s)",
                    error,
                    type(error).__name__,
                )
            self._outage = True
            return False
        if self._outage:
            logger.warning("gql_live: changes leave this process again")
        self._outage = False
        return True
