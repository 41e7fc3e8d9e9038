"""What the audiences that are evaluated together have in common: one fetch of a row, one run of the
serializer, one execution of a selection, one copy of the members.

Rows are fetched once for those whose question is the same, down to the parameters of its SQL, and
around whom the same is active. What a serializer made of them is shared by those of them who agree
on everything that it read of the request (``recording``). What is made of shared rows is found by
the identity of those, so it is shared by the same and by nobody else.
"""

from collections.abc import Callable, Hashable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from gql_live.audience import Action, Event, Key, Moves, Payload, Row
from gql_live.members import Members
from gql_live.plan import GraphQLSelection, Selection
from gql_live.read_ahead import ReadAhead
from gql_live.recording import Common, Facets, agrees
from gql_live.resolvers import path_of
from gql_live.wanted import Wanted

_held: "WeakValueDictionary[Hashable, Members]" = WeakValueDictionary()


def held_once(fingerprint: Hashable, members: Mapping[Key, str]) -> Mapping[Key, str]:
    """``members``, or an equal object that another audience holds whose question is the same.

    A thousand audiences of one list need not hold its keys a thousand times.
    """
    if fingerprint is None or not isinstance(members, Members):
        return members
    held = _held.get(fingerprint)
    if held is not None and (held is members or held == members):
        return held
    _held[fingerprint] = members
    return members


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows as they were serialized. ``personal``: what they show depends on who asked."""

    rows: Mapping[Key, Row]
    personal: bool
    content: frozenset[str] = frozenset()
    facets: Facets | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows of a question are looked at, and what of them. ``keys`` are None for all.

    ``common`` is what those who share have in common besides the question
    (``recording.in_common``); None for whoever shares nothing, not even a fetch.
    """

    fingerprint: Hashable
    keys: tuple[Key, ...] | None
    common: Common | None

    @property
    def private(self) -> bool:
        """Whether nobody else may be given these rows."""
        return self.fingerprint is None or self.common is None


@dataclass
class Shared:
    """``alone``: there is only one audience, so nothing is kept for another. ``ahead``: what those
    who ask are going to look up. ``path_of`` finds the path of their question.
    """

    alone: bool
    ahead: ReadAhead = field(default_factory=ReadAhead)
    path_of: Callable[[Any, tuple[tuple[str, Any], ...]], str] = path_of
    _fetched: dict[Part, list[Any] | None] = field(default_factory=dict)
    _loaded: dict[Part, Members] = field(default_factory=dict)
    _seen: dict[Part, list[tuple[Wanted, Seen]]] = field(default_factory=dict)
    # Where something is found by an identity, its owner is kept with it: it means something only
    # while that lives.
    _members: dict[Any, tuple[Mapping[Key, str], Members]] = field(default_factory=dict)
    _payloads: dict[Any, tuple[Any, Payload]] = field(default_factory=dict)
    _snapshots: dict[int, tuple[Mapping[Key, Row], Event]] = field(default_factory=dict)

    def instances(self, part: Part, load: Callable[[], list[Any] | None]) -> list[Any] | None:
        """The rows of a part of a question, fetched once, a copy for each who asks: a serializer
        may write on what it is given.
        """
        if self.alone or part.private:
            return load()
        if part not in self._fetched:
            self._fetched[part] = load()
        fetched = self._fetched[part]
        return None if fetched is None else deepcopy(fetched)

    def keys(self, part: Part, load: Callable[[], Members]) -> Members:
        """The keys of a part of a question, loaded once."""
        if self.alone or part.private:
            return load()
        if part not in self._loaded:
            self._loaded[part] = load()
        return self._loaded[part]

    def seen(self, part: Part, wanted: Wanted, view: Any) -> Seen | None:
        """What another audience saw of the same part that agrees in all that was read."""
        for also_wanted, seen in self._seen.get(part, ()):
            if (
                also_wanted == wanted
                and seen.facets is not None
                and agrees(seen.facets, view, part.common and part.common.around)
            ):
                return seen
        return None

    def keep(self, part: Part, wanted: Wanted, seen: Seen) -> None:
        """Let others see the same, where they agree."""
        if not self.alone and not part.private and seen.facets is not None:
            self._seen.setdefault(part, []).append((wanted, seen))

    def members(self, before: Mapping[Key, str] | None, moves: Moves) -> Mapping[Key, str]:
        """``before`` with ``moves`` made: one object for all who saw the same before."""
        if before is None:
            return Members.of(moves.entered.items())
        if not moves:
            return before
        after = before if isinstance(before, Members) else Members.of(before.items())
        told = id(before), (tuple(moves.left), tuple(moves.entered.items()))
        if told not in self._members:
            self._members[told] = before, after.replacing(moves.left, moves.entered)
        return self._members[told][1]

    def payload(self, selection: Selection, event: Event, make: Callable[[], Payload]) -> Payload:
        """What ``selection`` makes of ``event``: one text for all who are told the same content."""
        if self.alone or not isinstance(selection, GraphQLSelection):
            return make()
        told = event.instance if event.instances is None else event.instances
        name = selection, event.action, event.lookup, id(told)
        if name not in self._payloads:
            self._payloads[name] = told, make()
        return self._payloads[name][1]

    def snapshot(self, rows: Mapping[Key, Row]) -> Event:
        """All rows as one event: the same for all who see the same rows."""
        if id(rows) not in self._snapshots:
            event = Event(Action.SNAPSHOT, instances=tuple(row.instance for row in rows.values()))
            self._snapshots[id(rows)] = rows, event
        return self._snapshots[id(rows)][1]
