"""What waits for one client: conflated, and bounded in bytes. Sans-I/O.

Policy. A row's newer state takes the place of an older one that still waits; what a snapshot or a
resync makes moot is dropped. What does not fit the bound is refused, and its owner closes the
connection as too slow: a queue that drops in silence would leave a client with something that is
not true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from gql_live.adapters.protocol import Operation
from gql_live.audience import Action, Key, Payload


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next thing to say of an operation: a result, or its end (with ``errors``, or complete
    without).
    """

    operation: Operation
    payload: Payload | None = None
    errors: Sequence[Mapping[str, Any]] | None = None


_SUPERSEDES_ALL = frozenset({Action.SNAPSHOT, Action.RESYNC})


class SendQueue:
    """The results and ends of one connection's operations, in order."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._tickets = count()
        self._waiting: dict[int, Waiting] = {}
        self._latest: dict[tuple[Operation, Key], int] = {}
        self.size = 0
        """Bytes of encoded results that wait."""
        self.conflated = 0
        """Results that a later one made moot."""

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, operation: Operation, payload: Payload) -> bool:
        """Queue a result. False, and nothing queued, where it does not fit."""
        self._conflate(operation, payload)
        if self.size + payload.size > self._capacity:
            return False
        ticket = next(self._tickets)
        self._waiting[ticket] = Waiting(operation, payload)
        if payload.row is not None:
            self._latest[operation, payload.row] = ticket
        self.size += payload.size
        return True

    def end(self, operation: Operation, errors: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Queue the operation's end, after its results. Small, and one an operation: it always
        fits.
        """
        self._waiting[next(self._tickets)] = Waiting(operation, errors=errors)

    def discard(self, operation: Operation) -> int:
        """Drop what waits for an operation that is over; how many results that were."""
        moot = [ticket for ticket, each in self._waiting.items() if each.operation is operation]
        for ticket in moot:
            self._remove(ticket)
        return len(moot)

    def take(self) -> Waiting | None:
        """The next thing to say, or None."""
        if not self._waiting:
            return None
        return self._remove(next(iter(self._waiting)))

    def _conflate(self, operation: Operation, newer: Payload) -> None:
        """Drop what the newer result makes moot.

        An UPDATED that waits is moot once the row changes again or leaves. A CREATED that waits is
        not: without it the row would never have entered.
        """
        if newer.action in _SUPERSEDES_ALL:
            self.conflated += self.discard(operation)
        elif newer.row is not None and newer.action is not Action.CREATED:
            ticket = self._latest.get((operation, newer.row))
            older = None if ticket is None else self._waiting[ticket].payload
            if ticket is not None and older and older.action is Action.UPDATED:
                self._remove(ticket)
                self.conflated += 1

    def _remove(self, ticket: int) -> Waiting:
        waiting = self._waiting.pop(ticket)
        payload = waiting.payload
        if payload is not None:
            self.size -= payload.size
            if (
                payload.row is not None
                and self._latest.get((waiting.operation, payload.row)) == ticket
            ):
                del self._latest[waiting.operation, payload.row]
        return waiting
