"""Changes between this process and the others.

``publish`` hands changes to every ``Receiver`` of this process directly, so that a process does
not depend on the broker for its own writes, and to the background publisher for all the others.
"""

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Callable, Sequence
from typing import Final

from gql_live.changes import Change, Gap
from gql_live.in_flight import afterwards, watch_requests
from gql_live.membership import PROBE_EVERY, Membership
from gql_live.publisher import Publisher, cross_process_layer

logger = logging.getLogger(__name__)

INBOX_CAPACITY: Final = 20_000  # changes; some 10 MB
# What a request has written waits until that is answered, so long at the most.
ANSWER_PATIENCE: Final = 0.02
EXIT_DEADLINE: Final = 2.0


def publish(changes: Sequence[Change]) -> None:
    """Tell everybody that rows changed, those of a statement at once. To be called after the
    commit.

    From any thread; never blocks and never raises.
    """
    try:
        for receiver in _process.receivers:
            receiver.accept(changes)
        if cross_process_layer() is not None:
            _process.publisher.put(changes)
    except Exception:
        logger.exception("gql_live: %d changes could not be published", len(changes))


def flush(timeout: float) -> bool:
    """Wait until what was published has left this process; ``False`` if that took too long.

    Needed only before a process ends without its exit handlers (``os._exit``).
    """
    return _process.publisher.flush(timeout)


class Receiver:
    """The ear of one event loop: what this and the other processes publish arrives here.

    ``on_changes`` gets the changes in order. ``on_gap`` gets a reason (a ``changes.Gap``) when
    some may have been missed, and then all that is known has to be read again. Both are called on
    the loop that ran ``start()``, from the loop itself; what they raise is logged.
    """

    def __init__(
        self,
        on_changes: Callable[[Sequence[Change]], None],
        on_gap: Callable[[str], None],
        *,
        probe_every: float = PROBE_EVERY,
    ) -> None:
        self._on_changes = on_changes
        self._on_gap = on_gap
        self._probe_every = probe_every
        self._lock = threading.Lock()
        self._inbox: list[Change] = []
        self._overflowed = False
        self._woken = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._membership: Membership | None = None
        self._holding: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen. Returns once everything published from now on will arrive: join, then read.

        When the broker is down it returns after three seconds at the latest and goes on
        trying; ``on_gap`` says when it has joined. Raises what a misconfigured channel layer
        raises.
        """
        if self._loop is not None:
            raise RuntimeError("this receiver was started already")
        alone = cross_process_layer() is None
        watch_requests()
        self._inbox, self._overflowed, self._woken = [], False, False  # of an earlier loop
        self._loop = asyncio.get_running_loop()
        _process.add(self)
        if alone:
            return
        self._membership = Membership(
            _process.publisher.sender, self._tell_changes, self._tell_gap, self._probe_every
        )
        self._holding = asyncio.create_task(self._membership.hold(), name="gql_live membership")
        await self._membership.first_attempt()

    async def stop(self) -> None:
        """Leave, and call back no more. May be called twice, or without a start."""
        _process.remove(self)
        self._loop = None
        membership, self._membership = self._membership, None
        if membership is not None and self._holding is not None:
            membership.release()
            await asyncio.wait({self._holding})

    def accept(self, changes: Sequence[Change]) -> None:
        """Take changes of this process, from any thread.

        The inbox holds ``INBOX_CAPACITY`` changes. A loop that is further behind loses them all
        and is told of a gap instead. Those of a request are taken out when it has been answered.
        """
        with self._lock:
            first = not self._inbox
            if len(self._inbox) + len(changes) > INBOX_CAPACITY:
                self._inbox.clear()
                self._overflowed = True
            self._inbox.extend(changes[-INBOX_CAPACITY:])
        if not afterwards(self._wake):
            self._wake()
        elif first:
            self._soon(self._wait_for_answer)

    def _wake(self) -> None:
        with self._lock:
            woken, self._woken = self._woken, True
        if not woken:
            self._soon(self.empty_inbox)

    def _soon(self, act: Callable[[], None]) -> None:
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(act)
        except RuntimeError:  # the loop was closed without stop()
            _process.remove(self)

    def _wait_for_answer(self) -> None:
        if self._loop is not None:
            self._loop.call_later(ANSWER_PATIENCE, self.empty_inbox)

    def empty_inbox(self) -> None:
        """Take in what waits, on the loop: also what a request has written that is not answered
        yet.
        """
        with self._lock:
            changes, self._inbox = self._inbox, []
            overflowed, self._overflowed = self._overflowed, False
            self._woken = False
        if overflowed:
            self._tell_gap(Gap.OVERFLOW)
        if changes:
            self._tell_changes(changes)

    def _tell_changes(self, changes: Sequence[Change]) -> None:
        if self._loop is None:
            return
        try:
            self._on_changes(changes)
        except Exception:
            logger.exception("gql_live: %d changes were not taken in", len(changes))

    def _tell_gap(self, reason: Gap) -> None:
        if self._loop is None:
            return
        try:
            self._on_gap(reason)
        except Exception:
            logger.exception("gql_live: a gap (%s) was not taken in", reason)


class _Process:
    """Who publishes and who listens in this process; a forked child starts with nobody."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start anew: another sender, no thread, no receivers, no lock that somebody may hold."""
        self._lock = threading.Lock()
        self.publisher = Publisher()
        self.receivers: tuple[Receiver, ...] = ()  # replaced, never changed: read without the lock

    def add(self, receiver: Receiver) -> None:
        with self._lock:
            self.receivers = (*self.receivers, receiver)

    def remove(self, receiver: Receiver) -> None:
        with self._lock:
            self.receivers = tuple(other for other in self.receivers if other is not receiver)

    def end(self) -> None:
        """Let a command that exits right after its ``save()`` get its changes out."""
        self.publisher.close(EXIT_DEADLINE)


_process = _Process()
atexit.register(_process.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_process.begin)
