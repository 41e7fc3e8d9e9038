"""One channel in the group of all processes that publish: joined, watched, joined again."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers

from gql_live.cancellation import cancel
from gql_live.changes import Arrival, Batch, Change, Gap, GapDetector
from gql_live.publisher import GROUP

logger = logging.getLogger(__name__)

PROBE_TYPE: Final = "gql_live.probe"
PROBE_EVERY: Final = 10.0
PROBE_ATTEMPTS: Final = 5
JOIN_DEADLINE: Final = 5.0
ECHO_DEADLINE: Final = 2.0
START_DEADLINE: Final = 3.0
LEAVE_DEADLINE: Final = 1.0
REJOIN_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # the last one for as long as it takes


class Membership:
    """Holds one channel in the group and tells what arrives there.

    A channel layer can stop delivering without an error: a client library reconnects by itself, a
    broker forgets its groups. So a probe is sent to the group now and then. While probes come
    back, what the others send arrives as well, and what was lost in between shows in their
    sequences. When one does not come back, or the layer raises, the group is joined anew.

    ``on_changes`` and ``on_gap`` are called on the loop of ``hold()`` and must not raise. What
    ``sender`` itself published is left out. Belongs to one event loop.
    """

    def __init__(
        self,
        sender: str,
        on_changes: Callable[[Sequence[Change]], None],
        on_gap: Callable[[Gap], None],
        probe_every: float = PROBE_EVERY,
    ) -> None:
        self._sender = sender
        self._on_changes = on_changes
        self._on_gap = on_gap
        self._probe_every = probe_every
        self._layer = own_layer()
        self._channel = ""
        self._echo = asyncio.Event()
        self._gaps = GapDetector()
        self._joining_since = 0.0
        self._attempted = asyncio.Event()
        self._released = asyncio.Event()
        self._missed = False
        self._failures = 0

    async def first_attempt(self) -> None:
        """Wait until the group is joined, or joining failed once, or ``START_DEADLINE`` is over."""
        try:
            async with asyncio.timeout(START_DEADLINE):
                await self._attempted.wait()
        except TimeoutError:
            self._missed = True

    async def hold(self) -> None:
        """Join, listen, and join again after every failure, until released; then leave."""
        while not self._released.is_set():
            try:
                await self._session()
            except Exception as error:
                if not self._failures:
                    logger.error(
                        "gql_live: changes of other processes do not arrive, trying again: %s (%s)",
                        error,
                        type(error).__name__,
                    )
            self._missed = True
            self._attempted.set()
            with suppress(TimeoutError):
                pause = REJOIN_PAUSES[min(self._failures, len(REJOIN_PAUSES) - 1)]
                async with asyncio.timeout(pause):
                    await self._released.wait()
            self._failures += 1

    def release(self) -> None:
        """Let ``hold()`` come to its end."""
        self._released.set()

    async def _session(self) -> None:
        """Be a member until something fails, and raise that; or until released."""
        tasks = []
        try:
            async with asyncio.timeout(JOIN_DEADLINE):
                self._channel = await self._layer.new_channel()
            parts = (self._receive(), self._stay(), self._released.wait())
            tasks = [asyncio.create_task(part) for part in parts]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                await cancel(task)
            await self._leave()
        for failure in [task.exception() for task in tasks if not task.cancelled()]:
            if failure is not None:
                raise failure

    async def _stay(self) -> None:
        self._gaps = GapDetector()
        self._joining_since = time.monotonic()
        await self._join()
        if self._missed:
            self._missed = False
            self._on_gap(Gap.REJOINED)
            logger.warning("gql_live: changes of other processes arrive again")
        self._attempted.set()
        while True:
            await asyncio.sleep(self._probe_every)
            await self._join()
            self._failures = 0

    async def _join(self) -> None:
        """Add the channel to the group, or refresh it there, and see a probe come back."""
        self._echo.clear()
        probe = {"type": PROBE_TYPE, "channel": self._channel}
        for _ in range(PROBE_ATTEMPTS):  # a channel that is full for a moment drops it
            with suppress(TimeoutError):
                async with asyncio.timeout(JOIN_DEADLINE):
                    await self._layer.group_add(GROUP, self._channel)
                    await self._layer.group_send(GROUP, probe)
                async with asyncio.timeout(ECHO_DEADLINE):
                    await self._echo.wait()
                    return
        raise ConnectionError("what is sent to the group does not come back")

    async def _receive(self) -> None:
        while True:
            try:
                message = await self._layer.receive(self._channel)
            except Exception as error:
                # redis-py's own TimeoutError, too: nothing arrived for a while, that is all.
                if type(error).__name__ != "TimeoutError":
                    raise
            else:
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") == PROBE_TYPE:
            if message.get("channel") == self._channel:
                self._echo.set()
            return
        try:
            batch = Batch.from_message(message)
        except ValueError as error:
            logger.warning("gql_live: a message of another process is unreadable: %s", error)
            self._on_gap(Gap.UNREADABLE)
            return
        if batch.sender == self._sender:
            return
        arrival = self._gaps.feed(batch, time.monotonic() - self._joining_since)
        if arrival is Arrival.AFTER_GAP:
            self._on_gap(Gap.LOST)
        if arrival is not Arrival.OLD and batch.changes:
            self._on_changes(batch.changes)

    async def _leave(self) -> None:
        # A broker that is gone needs no goodbye, and one that is back forgets the channel in
        # time.
        with suppress(Exception):
            async with asyncio.timeout(LEAVE_DEADLINE):
                await self._layer.group_discard(GROUP, self._channel)
        with suppress(Exception):
            async with asyncio.timeout(LEAVE_DEADLINE):
                await close_layer(self._layer)


def own_layer() -> Any:
    """Make a layer object of our own: channels_redis refuses two receiving loops on one object."""
    layer: Any = channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)
    if hasattr(type(layer), "brpop_timeout"):
        # Its blocking read lasts as long as redis-py's socket timeout, so that each idle one ends
        # in an error and a new connection, and may take a message with it. A shorter one does
        # not.
        layer.brpop_timeout = 2
    return layer


async def close_layer(layer: Any) -> None:
    """Close a layer's connections of the running loop, as far as the layer knows how to."""
    if hasattr(layer, "close_pools"):  # channels_redis.core, whose flush() deletes everybody's keys
        await layer.close_pools()
    elif type(layer).__module__ == "channels_redis.pubsub":  # flush() is its way to close
        await layer.flush()
    elif hasattr(layer, "close"):
        await layer.close()
