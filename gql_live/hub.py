"""Who listens to what in this process. Sans-I/O: it keeps the books and reports; others act."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from gql_live.audience import Audience, AudienceKey, Key, Known, Moves, Subscriber
from gql_live.changes import Change
from gql_live.index import Index

_REMEMBERED: Final = 10_000
"""Changes that are remembered while audiences read."""


@dataclass(frozen=True, slots=True)
class Joined:
    """``first``: nobody listened to anything before, so somebody has to start receiving changes."""

    audience: Audience
    first: bool


@dataclass(frozen=True, slots=True)
class Left:
    """``last``: nobody listens to anything any more."""

    last: bool


@dataclass(frozen=True, slots=True)
class Came:
    """The changes that came while somebody who had joined was ``waiting`` to be read for, and then
    while the audience was ``reading``. None: more than can be remembered.
    """

    waiting: Sequence[Change] | None
    reading: Sequence[Change] | None


class Hub:
    """The audiences of one event loop, by key and by what can concern them."""

    def __init__(self) -> None:
        self._audiences: dict[AudienceKey, Audience] = {}
        self.index: Final = Index()
        self._recent: deque[Change] = deque()
        self._noted = 0
        # How many changes had been noted when the first of its joiners came, and when it began.
        self._waiting: dict[Audience, int] = {}
        self._reading: dict[Audience, tuple[int, int]] = {}

    @property
    def empty(self) -> bool:
        """Whether nobody listens."""
        return not self._audiences

    @property
    def subscribers(self) -> int:
        """How many listen."""
        return sum(map(len, tuple(self._audiences.values())))

    def __len__(self) -> int:
        return len(self._audiences)

    def __iter__(self) -> Iterator[Audience]:
        return iter(tuple(self._audiences.values()))

    def by_question(self, most: int) -> Iterator[tuple[Audience, ...]]:
        """The audiences, ``most`` of one question at a time."""
        asking: defaultdict[Hashable, list[Audience]] = defaultdict(list)
        for audience in self:
            asking[audience.key.question].append(audience)
        for audiences in asking.values():
            for start in range(0, len(audiences), most):
                yield tuple(audiences[start : start + most])

    def __contains__(self, audience: Audience) -> bool:
        return self._audiences.get(audience.key) is audience

    # --- who comes and goes ---

    def join(
        self, key: AudienceKey, subscriber: Subscriber, *, model: str, watches: Key | None
    ) -> Joined:
        """Put a subscriber into the audience of ``key``, which is made if there is none.

        ``model`` is the ``label_lower`` of the model whose rows it sees, ``watches`` the only row
        that it can see.
        """
        first = self.empty
        audience = self._audiences.get(key)
        if audience is None:
            audience = self._audiences[key] = Audience(key, model, watches)
            self.index.add(audience)
        audience.join(subscriber)
        self._waiting.setdefault(audience, self._noted)
        return Joined(audience, first)

    def leave(self, audience: Audience, subscriber: Subscriber) -> Left:
        """Take a subscriber out; harmless for one that is out already."""
        audience.leave(subscriber)
        if audience.empty:
            self.forget(audience)
        elif not audience.awaited:
            self._waiting.pop(audience, None)
            self._remember_for_those_who_read()
        return Left(self.empty)

    def forget(self, audience: Audience) -> None:
        """Take a whole audience out; harmless for one that is out already."""
        if audience not in self:
            return
        del self._audiences[audience.key]
        self.index.remove(audience)
        self._waiting.pop(audience, None)
        self._reading.pop(audience, None)
        self._remember_for_those_who_read()

    # --- what happens before an audience has read ---

    def note(self, changes: Sequence[Change]) -> None:
        """Remember changes for the audiences that read at present, or are about to: what concerns
        one, nobody can say before it has read.
        """
        if not self._reading and not self._waiting:
            return
        self._recent.extend(changes)
        self._noted += len(changes)
        while len(self._recent) > _REMEMBERED:
            self._recent.popleft()

    def begin(self, audience: Audience) -> None:
        """An audience begins to read, for all who have joined it by now."""
        self._reading[audience] = self._waiting.pop(audience, self._noted), self._noted

    def settle(self, audience: Audience, known: Known, moves: Moves | None) -> Came:
        """An audience has read: make ``known`` what it knows. ``moves``: how its members changed,
        None where they are others altogether.

        Returns the changes that came before: what those concern of what it knows now, nobody has
        asked.
        """
        joined, began = self._reading.pop(audience)
        came = Came(self._between(joined, began), self._between(began, self._noted))
        self.index.place(audience, known, moves)
        self._remember_for_those_who_read()
        return came

    def _between(self, start: int, end: int) -> Sequence[Change] | None:
        if start == end:
            return ()
        first = self._noted - len(self._recent)
        return None if start < first else tuple(islice(self._recent, start - first, end - first))

    def _remember_for_those_who_read(self) -> None:
        if not self._reading and not self._waiting:
            self._recent.clear()
