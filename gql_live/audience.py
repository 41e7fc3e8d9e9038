"""Who may share a result: principals, audiences, and what their members are told. Sans-I/O."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from gql_live.exceptions import Refusal
from gql_live.plan import Selection

Key = int | str
"""The primary key of a row as it travels: integers as they are, everything else as text."""


@dataclass(frozen=True, slots=True)
class Principal:
    """All that an evaluation can read of who is asking. Two equal principals get equal answers.

    ``headers`` are the handshake's with the credentials of ``connection_init`` laid over them,
    sorted, names in lower case, without those that name one connection and nothing else.
    ``user_key`` is the primary key of a user whom middleware other than the session's put into the
    scope. Nothing here is a judgement: the view's authentication classes and the session are asked
    again at every evaluation.
    """

    scheme: str
    headers: tuple[tuple[str, str], ...]
    remote_addr: str
    server: tuple[str, str]
    session_key: str | None = None
    user_key: str | None = None

    @property
    def identity(self) -> tuple[str, str] | None:
        """What tells this asker from others, as far as it is known; None for whoever brings
        nothing.
        """
        authorization = dict(self.headers).get("authorization")
        for kind, value in (
            ("user", self.user_key),
            ("authorization", authorization),
            ("session", self.session_key),
        ):
            if value is not None:
                return kind, value
        return None


@dataclass(frozen=True, slots=True)
class AudienceKey:
    """Subscribers of equal key share every evaluation.

    ``endpoint`` is the schema builder's ``Endpoint``: one view under one action, compared by
    identity.
    """

    endpoint: Any
    kwargs: tuple[tuple[str, Any], ...]
    params: tuple[tuple[str, str], ...]
    principal: Principal


class Action(StrEnum):
    """What a change is to the subscriber's queryset (DESIGN §2)."""

    SNAPSHOT = "SNAPSHOT"
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"
    RESYNC = "RESYNC"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the view serializes it. ``lookup`` is the value of the view's lookup field: the
    client's id of it.
    """

    lookup: str
    instance: Any


@dataclass(frozen=True, slots=True)
class Event:
    """What one change is to one audience; ``row`` is the key of the row it speaks of, None for
    all of them.
    """

    action: Action
    row: Key | None = None
    lookup: str | None = None
    instance: Any = None
    instances: tuple[Any, ...] | None = None

    def as_source(self) -> dict[str, Any]:
        """The source event that the change type's fields resolve from (GraphQL §6.2.3.2)."""
        return {
            "action": self.action.value,
            "id": self.lookup,
            "instance": self.instance,
            "instances": None if self.instances is None else list(self.instances),
        }


@dataclass(frozen=True, slots=True)
class Payload:
    """One event, executed and encoded for one selection: what every subscriber of that selection is
    sent.

    ``size`` is the length of ``text`` in bytes of UTF-8. ``action`` is None for what is no event of
    a view: the result of a query.
    """

    action: Action | None
    row: Key | None
    text: str
    size: int


class Subscriber(Protocol):
    """One running operation, as its audience sees it. Both calls return at once and never raise."""

    @property
    def selection(self) -> Selection:
        """What it selects of every event; whether it asked for a snapshot is part of that."""

    def deliver(self, payload: Payload) -> None:
        """An event, encoded for this subscriber's selection."""

    def refuse(self, refusal: Refusal) -> None:
        """The operation ends here; the audience has let it go."""


@dataclass(frozen=True, slots=True)
class Work:
    """What an audience needs to know next, taken in one piece.

    ``changed`` are keys to look at again, ``joiners`` wait for their first evaluation. ``resync``
    says that changes may have been missed, ``reconsider`` that other rows may be visible though
    none changed. ``selections`` are those of the subscribers already admitted.
    """

    changed: tuple[Key, ...]
    joiners: tuple[Subscriber, ...]
    resync: bool
    reconsider: bool
    selections: tuple[Selection, ...]


@dataclass(eq=False)
class Audience:
    """The subscribers of one key, the rows they are known to see, and what is still to be looked
    at.

    ``members`` maps the key of each visible row to its lookup value; None until the first
    evaluation. ``watches`` is the only row that can concern this audience, None where any row of
    the model can. ``user`` is the key of the user whom the view last took the principal for.
    """

    key: AudienceKey
    model: str
    watches: Key | None = None
    members: Mapping[Key, str] | None = None
    user: str | None = None
    _joiners: dict[Subscriber, None] = field(default_factory=dict)
    _admitted: dict[Selection, dict[Subscriber, None]] = field(default_factory=dict)
    _changed: dict[Key, None] = field(default_factory=dict)
    _resync: bool = False
    _reconsider: bool = False

    @property
    def empty(self) -> bool:
        """Whether nobody is left."""
        return not self._joiners and not self._admitted

    def join(self, subscriber: Subscriber) -> None:
        """Take a subscriber in; it hears nothing before its first evaluation."""
        self._joiners[subscriber] = None

    def leave(self, subscriber: Subscriber) -> bool:
        """Let a subscriber go. False if it was here no more."""
        if subscriber in self._joiners:
            del self._joiners[subscriber]
            return True
        group = self._admitted.get(subscriber.selection, {})
        if subscriber not in group:
            return False
        del group[subscriber]
        if not group:
            del self._admitted[subscriber.selection]
        return True

    def concern(self, key: Key) -> bool:
        """Note that a row changed. False where it cannot concern this audience."""
        if self.watches is not None and key != self.watches:
            return False
        self._changed[key] = None
        return True

    def resync(self) -> None:
        """Note that changes may have been missed: everything is to be looked at."""
        self._resync = True

    def reconsider(self) -> None:
        """Note that what is visible may have changed though no row did: who asks, or the time."""
        self._reconsider = True

    def take_work(self) -> Work | None:
        """What is to be evaluated now, or None. What arrives later is the next work."""
        due = self._joiners or self._changed or self._resync or self._reconsider
        if not due or self.empty:
            return None
        work = Work(
            changed=tuple(self._changed),
            joiners=tuple(self._joiners),
            resync=self._resync,
            reconsider=self._reconsider,
            selections=tuple(self._admitted),
        )
        self._changed = {}
        self._resync = self._reconsider = False
        return work

    def admit(self, subscriber: Subscriber) -> bool:
        """The first evaluation allowed this joiner in. False if it has left meanwhile."""
        if subscriber not in self._joiners:
            return False
        del self._joiners[subscriber]
        self._admitted.setdefault(subscriber.selection, {})[subscriber] = None
        return True

    def subscribers(self, selection: Selection) -> tuple[Subscriber, ...]:
        """Those admitted who select the same."""
        return tuple(self._admitted.get(selection, ()))

    def dissolve(self) -> tuple[Subscriber, ...]:
        """Let everybody go, joiners too, and say who it was."""
        gone = (*self._joiners, *(s for group in self._admitted.values() for s in group))
        self._joiners, self._admitted, self._changed = {}, {}, {}
        return gone


def compare(
    members: Mapping[Key, str],
    visible: Mapping[Key, Row],
    *,
    changed: Collection[Key],
    scope: Collection[Key] | None,
) -> tuple[list[Event], dict[Key, str]]:
    """What happened to an audience, and whom it sees now.

    ``visible`` are the rows that the view shows at present among those in ``scope`` (None: among
    all rows); rows outside the scope are taken to be as before. A row that was visible and is so
    still is UPDATED if it is in ``changed``. A row whose lookup value changed is another row to the
    client: DELETED under the old value, CREATED under the new one.
    """
    events: list[Event] = []
    now = dict(members)
    for key in _in_scope(members, scope):
        row = visible.get(key)
        if row is None or row.lookup != members[key]:
            events.append(Event(Action.DELETED, key, members[key]))
            del now[key]
    for key, row in visible.items():
        if key not in now:
            events.append(Event(Action.CREATED, key, row.lookup, row.instance))
            now[key] = row.lookup
        elif key in changed:
            events.append(Event(Action.UPDATED, key, row.lookup, row.instance))
    return events, now


def _in_scope(members: Mapping[Key, str], scope: Collection[Key] | None) -> Iterable[Key]:
    if scope is None:
        return members
    return (key for key in scope if key in members)
