"""Who may share a result: principals, audiences, and what their members are told. Sans-I/O."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from gql_live.changes import Change
from gql_live.exceptions import Refusal
from gql_live.plan import Selection
from gql_live.reach import Reach

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

    @property
    def question(self) -> Hashable:
        """What is asked, whoever asks: audiences of one question may share what they are told."""
        return self.endpoint, self.kwargs, self.params


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
    a view: the result of a query. ``gapless``: whoever is sent this began with a snapshot, and so
    knows of no row but from events. ``as_created`` makes of an UPDATED the CREATED of a row that
    its subscriber has not heard of yet; None, or giving None, where that cannot be made.
    """

    action: Action | None
    row: Key | None
    text: str
    size: int
    gapless: bool = False
    as_created: "Callable[[], Payload | None] | None" = field(
        default=None, compare=False, repr=False
    )


class Subscriber(Protocol):
    """One running operation, as its audience sees it. Both calls return at once and never raise."""

    @property
    def selection(self) -> Selection:
        """What it selects of every event; whether it asked for a snapshot is part of that."""

    def deliver(self, payload: Payload) -> None:
        """An event, encoded for this subscriber's selection."""

    def refuse(self, refusal: Refusal) -> None:
        """The operation ends here; the audience has let it go."""

    def lose(self) -> None:
        """Nobody can say what it should hear: its client is to come back; the audience has let it
        go.
        """


@dataclass(frozen=True, slots=True)
class Known:
    """What an audience knows of itself since its last evaluation.

    ``members`` maps the key of each visible row to its lookup value; None where nothing is known.
    They are the answer to the question of ``fingerprint``; None where no two answers can be told to
    be of one question. ``reach``: what can concern the audience; None before the first evaluation.
    ``user`` is the key of the user whom the view took the principal for, ``personal`` says whether
    what rows show depends on who asks, None where no row was shown yet. ``opaque`` are the
    serializer's fields of which only watching them tells what they read. ``digests`` are of the
    content that was told last of each row, where content is compared. ``sought`` are the rows that
    were looked up to find out who asks (``read_ahead``).
    """

    members: Mapping[Key, str] | None = None
    fingerprint: Hashable = None
    reach: Reach | None = None
    user: str | None = None
    personal: bool | None = None
    opaque: frozenset[str] = frozenset()
    digests: Mapping[Key, int] | None = None
    sought: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What an audience needs to know next, taken in one piece.

    ``changed`` are keys to look at again, ``joiners`` wait for their first evaluation, those of
    them in ``renewed`` were admitted before and start anew. ``resync`` says that changes may have
    been missed, ``reconsider`` that other rows may be visible though none changed, ``refresh`` that
    any row may show something else, ``identity`` that both may be so if it depends on who asks.
    ``selections`` are those of the subscribers already admitted.
    """

    changed: tuple[Key, ...]
    joiners: tuple[Subscriber, ...]
    renewed: frozenset[Subscriber]
    resync: bool
    reconsider: bool
    refresh: bool
    identity: bool
    selections: tuple[Selection, ...]

    @property
    def disturbed(self) -> bool:
        """Whether anything but subscribers came since the audience read last."""
        looks = self.resync or self.reconsider or self.refresh or self.identity
        return bool(self.changed) or looks


@dataclass(eq=False)
class Audience:
    """The subscribers of one key, what they are known to see, and what is still to be looked at.

    ``watches`` is the only row that can concern this audience, None where any row of the model can.
    """

    key: AudienceKey
    model: str
    watches: Key | None = None
    known: Known = field(default_factory=Known)
    _joiners: dict[Subscriber, None] = field(default_factory=dict)
    _renewed: set[Subscriber] = field(default_factory=set)
    _admitted: dict[Selection, dict[Subscriber, None]] = field(default_factory=dict)
    _changed: dict[Key, None] = field(default_factory=dict)
    _resync: bool = False
    _reconsider: bool = False
    _refresh: bool = False
    _identity: bool = False

    @property
    def empty(self) -> bool:
        """Whether nobody is left."""
        return not self._joiners and not self._admitted

    def __len__(self) -> int:
        return len(self._joiners) + sum(map(len, tuple(self._admitted.values())))

    def __bool__(self) -> bool:
        return True

    def join(self, subscriber: Subscriber) -> None:
        """Take a subscriber in; it hears nothing before its first evaluation."""
        self._joiners[subscriber] = None

    def leave(self, subscriber: Subscriber) -> bool:
        """Let a subscriber go. False if it was here no more."""
        if subscriber in self._joiners:
            del self._joiners[subscriber]
            self._renewed.discard(subscriber)
            return True
        group = self._admitted.get(subscriber.selection, {})
        if subscriber not in group:
            return False
        del group[subscriber]
        if not group:
            del self._admitted[subscriber.selection]
        return True

    def renew(self, subscriber: Subscriber) -> None:
        """Have a subscriber start anew: it hears nothing before it has been told where things
        stand.
        """
        if subscriber not in self._joiners and self.leave(subscriber):
            self._joiners[subscriber] = None
            self._renewed.add(subscriber)

    def concern(self, key: Key) -> bool:
        """Note that a row changed. False where it cannot concern this audience."""
        if self.watches is not None and key != self.watches:
            return False
        self._changed[key] = None
        return True

    def resync(self) -> None:
        """Note that changes may have been missed: everything is to be looked at."""
        self._resync = True

    def may_rest_on(self, changes: Iterable[Change]) -> bool:
        """Whether any of ``changes`` may be of a row that this audience sees or saw, or of one that
        such a row rests on.
        """
        reach = self.known.reach
        return any(
            self.watches is None or change.pk in {None, self.watches}
            if change.model == self.model
            else reach is None or reach.includes(change.model)
            for change in changes
        )

    def reconsider(self) -> bool:
        """Note that what is visible may have changed though no row did: who asks, or the time."""
        self._reconsider = True
        return True

    def refresh(self) -> bool:
        """Note that any row may show something else though nobody can say which."""
        self._refresh = True
        return True

    def doubt(self) -> bool:
        """Note that whoever asks may be, or may do, something else than before."""
        self._identity = True
        return True

    @property
    def awaited(self) -> bool:
        """Whether anybody waits for a first evaluation."""
        return bool(self._joiners)

    @property
    def due(self) -> bool:
        """Whether there is anything to be evaluated."""
        doubted = self._reconsider or self._refresh or self._identity
        noted = self._changed or self._resync or doubted
        return bool(self._joiners or (noted and self._admitted))

    def take_work(self) -> Work | None:
        """What is to be evaluated now, or None. What arrives later is the next work."""
        if not self.due:
            return None
        work = Work(
            changed=tuple(self._changed),
            joiners=tuple(self._joiners),
            renewed=frozenset(self._renewed),
            resync=self._resync,
            reconsider=self._reconsider,
            refresh=self._refresh,
            identity=self._identity,
            selections=tuple(self._admitted),
        )
        self._changed = {}
        self._resync = self._reconsider = self._refresh = self._identity = False
        return work

    def admit(self, subscriber: Subscriber) -> bool:
        """The first evaluation allowed this joiner in. False if it has left meanwhile."""
        if subscriber not in self._joiners:
            return False
        del self._joiners[subscriber]
        self._renewed.discard(subscriber)
        self._admitted.setdefault(subscriber.selection, {})[subscriber] = None
        return True

    def subscribers(self, selection: Selection) -> tuple[Subscriber, ...]:
        """Those admitted who select the same."""
        return tuple(self._admitted.get(selection, ()))

    def dissolve(self) -> tuple[Subscriber, ...]:
        """Let everybody go, joiners too, and say who it was."""
        gone = (*self._joiners, *(s for group in self._admitted.values() for s in group))
        self._joiners, self._admitted, self._changed = {}, {}, {}
        self._renewed = set()
        return gone


@dataclass(frozen=True, slots=True)
class Moves:
    """The keys that left an audience's members, and those that entered, with their lookup values.

    A key under a new lookup value did both.
    """

    left: Collection[Key] = ()
    entered: Mapping[Key, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.left or self.entered)


def compare(
    members: Mapping[Key, str],
    visible: Mapping[Key, Row],
    *,
    changed: Collection[Key],
    scope: Collection[Key] | None,
) -> tuple[list[Event], Moves]:
    """What happened to an audience, and how its members change.

    ``visible`` are the rows that the view shows at present among those in ``scope`` (None: among
    all rows); rows outside the scope are taken to be as before. A row that was visible and is so
    still is UPDATED if it is in ``changed``. A row whose lookup value changed is another row to the
    client: DELETED under the old value, CREATED under the new one.
    """
    events: list[Event] = []
    left: dict[Key, None] = {}
    entered: dict[Key, str] = {}
    for key in members if scope is None else scope:
        lookup = members.get(key)
        if lookup is None:
            continue
        row = visible.get(key)
        if row is None or row.lookup != lookup:
            events.append(Event(Action.DELETED, key, lookup))
            left[key] = None
    for key, row in visible.items():
        if key in left or key not in members:
            events.append(Event(Action.CREATED, key, row.lookup, row.instance))
            entered[key] = row.lookup
        elif key in changed:
            events.append(Event(Action.UPDATED, key, row.lookup, row.instance))
    return events, Moves(left, entered)
