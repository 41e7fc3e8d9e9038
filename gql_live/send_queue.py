"""What waits for one client, conflated and bounded in bytes, and what it has yet to acknowledge.
Sans-I/O.

Policy. Of a row only the newest state waits, in the place of the older one; what a snapshot or a
resync makes moot is dropped. Over the bound its owner drops all events that wait, and has their
operations told anew once the client has read the rest: a queue that drops in silence would leave a
client with something that is not true.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gql_live.adapters.protocol import Operation
from gql_live.audience import Action, Key, Payload


@dataclass(eq=False, slots=True)
class Waiting:
    """The next thing to say of an operation: a result, or its end (with ``errors``, or complete
    without).
    """

    operation: Operation
    payload: Payload | None = None
    errors: Sequence[Mapping[str, Any]] | None = None

    @property
    def size(self) -> int:
        """Bytes of the encoded result."""
        return 0 if self.payload is None else self.payload.size


_SUPERSEDES_ALL: Final = frozenset({Action.SNAPSHOT, Action.RESYNC})


class SendQueue:
    """The results and ends of one connection's operations, in order.

    ``capacity``: bytes of encoded results. A single result fits whatever its size, or a client
    could never be told it.
    """

    __slots__ = ("_capacity", "_latest", "_waiting", "conflated", "size")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: dict[Waiting, None] = {}
        self._latest: dict[tuple[Operation, Key | None], Waiting] = {}
        self.size = 0
        """Bytes of encoded results that wait."""
        self.conflated = 0
        """Results that a later one made moot."""

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, operation: Operation, payload: Payload) -> bool:
        """Queue a result. False, and it is not queued, where it does not fit."""
        if payload.action in _SUPERSEDES_ALL:
            self.conflated += self.discard(operation)
        older = self._latest.get((operation, payload.row))
        if older is None or older.payload is None:
            return self._append(operation, payload)
        match _merged(older.payload, payload):
            case ():
                self._remove(older)
                self.conflated += 2
                return True
            case (merged,):
                return self._replace(older, merged)
            case _:
                return self._append(operation, payload)

    def end(self, operation: Operation, errors: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Queue the operation's end, after its results. Small, and one an operation: it always
        fits.
        """
        self._waiting[Waiting(operation, errors=errors)] = None

    def discard(self, operation: Operation) -> int:
        """Drop what waits for an operation that is over; how many results that were."""
        moot = [each for each in self._waiting if each.operation is operation]
        for each in moot:
            self._remove(each)
        return len(moot)

    def drop_events(self) -> set[Operation]:
        """Drop every event, of all operations; those of them that go on. Results of queries, and
        ends, stay.
        """
        ended = {each.operation for each in self._waiting if each.payload is None}
        events = [each for each in self._waiting if each.payload and each.payload.action]
        for each in events:
            self._remove(each)
        return {each.operation for each in events} - ended

    def take(self) -> Waiting | None:
        """The next thing to say, or None."""
        if not self._waiting:
            return None
        return self._remove(next(iter(self._waiting)))

    def _append(self, operation: Operation, payload: Payload) -> bool:
        if not self._fits(payload, among=self.size):
            return False
        waiting = Waiting(operation, payload)
        self._waiting[waiting] = None
        self.size += payload.size
        if payload.row is not None:
            self._latest[operation, payload.row] = waiting
        return True

    def _replace(self, older: Waiting, payload: Payload) -> bool:
        """The newer state takes the older one's place: a row that changes all the time would else
        be sent last, and so never.
        """
        others = self.size - older.size
        if not self._fits(payload, among=others):
            return False
        older.payload = payload
        self.size = others + payload.size
        self.conflated += 1
        return True

    def _fits(self, payload: Payload, *, among: int) -> bool:
        return not among or among + payload.size <= self._capacity

    def _remove(self, waiting: Waiting) -> Waiting:
        del self._waiting[waiting]
        self.size -= waiting.size
        if waiting.payload is not None:
            place = waiting.operation, waiting.payload.row
            if self._latest.get(place) is waiting:
                del self._latest[place]
        return waiting


def _merged(older: Payload, newer: Payload) -> tuple[Payload, ...]:
    """What two events of one row come to, told one after the other: nothing, one, or both.

    A row that came and went is told as DELETED even so, unless all that the client knows are events
    since a snapshot: it may have fetched the row meanwhile.
    """
    match older.action, newer.action:
        case Action.UPDATED, Action.UPDATED | Action.DELETED:
            return (newer,)
        case Action.CREATED, Action.DELETED:
            return () if older.gapless else (newer,)
        case Action.CREATED, Action.UPDATED:
            created = None if newer.as_created is None else newer.as_created()
            return (older, newer) if created is None else (created,)
    return older, newer


class Credit:
    """How much may be on its way to a peer, where the server takes all that it is given and never
    says that the peer has stopped reading.

    A ping follows each ``step`` bytes, and its echo acknowledges all that was sent before it.
    Beyond ``window`` bytes without an echo nothing more is due.
    """

    __slots__ = ("_acknowledged", "_marks", "_sent", "_step", "_window")

    def __init__(self, window: int = 1_000_000, step: int = 250_000) -> None:
        self._window = window
        self._step = step
        self._sent = 0
        self._acknowledged = 0
        self._marks: deque[int] = deque()

    @property
    def spent(self) -> bool:
        """Whether the peer has to acknowledge something before more is sent."""
        return self._sent - self._acknowledged >= self._window

    def spend(self, size: int) -> dict[str, int] | None:
        """Note that so many bytes were sent; the payload of the ping that is due, or None."""
        self._sent += size
        if self._sent - (self._marks[-1] if self._marks else self._acknowledged) < self._step:
            return None
        self._marks.append(self._sent)
        return {"sent": self._sent}

    def acknowledge(self, payload: Mapping[str, Any] | None) -> None:
        """Take an answer to a ping.

        Not every client echoes the payload, which the protocol leaves open: then the answer is to
        the oldest ping that is unanswered.
        """
        if not self._marks:
            return
        mark = (payload or {}).get("sent", self._marks[0])
        if mark in self._marks:
            while self._acknowledged < mark:
                self._acknowledged = self._marks.popleft()
