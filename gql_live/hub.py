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


class Hub:
    """The audiences of one event loop, by key and by what can concern them."""

    def __init__(self) -> None:
        self._audiences: dict[AudienceKey, Audience] = {}
        self.index: Final = Index()
        self._recent: deque[Change] = deque()
        self._noted = 0
        self._reading: dict[Audience, int] = {}

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
        return Joined(audience, first)

    def leave(self, audience: Audience, subscriber: Subscriber) -> Left:
        """Take a subscriber out; harmless for one that is out already."""
        audience.leave(subscriber)
        if audience.empty:
            self.forget(audience)
        return Left(self.empty)

    def forget(self, audience: Audience) -> None:
        """Take a whole audience out; harmless for one that is out already."""
        if audience not in self:
            return
        del self._audiences[audience.key]
        self.index.remove(audience)
        self.abandon(audience)

    # --- what happens while an audience reads ---

    def note(self, changes: Sequence[Change]) -> None:
        """Remember changes for the audiences that read at present: what concerns one, nobody can
        say before it has read.
        """
        if not self._reading:
            return
        self._recent.extend(changes)
        self._noted += len(changes)
        while len(self._recent) > _REMEMBERED:
            self._recent.popleft()

    def begin(self, audience: Audience) -> None:
        """An audience begins to read."""
        self._reading[audience] = self._noted

    def abandon(self, audience: Audience) -> None:
        """An audience has read nothing; harmless where it is known."""
        self._reading.pop(audience, None)
        if not self._reading:
            self._recent.clear()

    def settle(
        self, audience: Audience, known: Known, moves: Moves | None
    ) -> Sequence[Change] | None:
        """An audience has read: make ``known`` what it knows. ``moves``: how its members changed,
        None where they are others altogether.

        Returns the changes that came while it read: what they concern of what it knows now, nobody
        has asked. None where they were too many to be remembered.
        """
        came = self._noted - self._reading[audience]
        self.index.place(audience, known, moves)
        remembered = len(self._recent)
        missed: Sequence[Change] | None = None
        if came <= remembered:
            missed = tuple(islice(self._recent, remembered - came, None)) if came else ()
        self.abandon(audience)
        return missed
