"""Who listens to what in this process. Sans-I/O: it keeps the books and reports; others act."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gql_live.audience import Audience, AudienceKey, Key, Subscriber
from gql_live.changes import Change


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
    """The audiences of one event loop, by key and by the rows that can concern them."""

    def __init__(self) -> None:
        self._audiences: dict[AudienceKey, Audience] = {}
        self._by_model: defaultdict[str, dict[Audience, None]] = defaultdict(dict)
        self._by_row: defaultdict[tuple[str, Key], dict[Audience, None]] = defaultdict(dict)

    @property
    def empty(self) -> bool:
        """Whether nobody listens."""
        return not self._audiences

    def __len__(self) -> int:
        return len(self._audiences)

    def __iter__(self) -> Iterator[Audience]:
        return iter(tuple(self._audiences.values()))

    def join(
        self, key: AudienceKey, subscriber: Subscriber, *, model: str, watches: Key | None
    ) -> Joined:
        """Put a subscriber into the audience of ``key``, which is made if there is none.

        ``model`` is the ``label_lower`` of the model whose changes concern it, ``watches`` the only
        row that can.
        """
        first = self.empty
        audience = self._audiences.get(key)
        if audience is None:
            audience = self._audiences[key] = Audience(key, model, watches)
            self._index(audience)[audience] = None
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
        if self._audiences.get(audience.key) is not audience:
            return
        del self._audiences[audience.key]
        index = self._index(audience)
        del index[audience]
        if not index:
            self._drop_index(audience)

    def concerned(self, changes: Iterable[Change]) -> list[Audience]:
        """Note the changes with every audience that they can concern; those audiences, each
        once.
        """
        found: dict[Audience, None] = {}
        for change in changes:
            for audience in (
                *self._by_model.get(change.model, ()),
                *self._by_row.get((change.model, change.pk), ()),
            ):
                if audience.concern(change.pk):
                    found[audience] = None
        return list(found)

    def _index(self, audience: Audience) -> dict[Audience, None]:
        if audience.watches is None:
            return self._by_model[audience.model]
        return self._by_row[audience.model, audience.watches]

    def _drop_index(self, audience: Audience) -> None:
        if audience.watches is None:
            del self._by_model[audience.model]
        else:
            del self._by_row[audience.model, audience.watches]
