"""What travels between processes: keys of rows that changed, in numbered batches. Never rows.

A ``Change`` is an invalidation: it says "look again". Late, repeated or reordered changes do no
harm; only a missing one does, so batches are numbered per sender and a ``GapDetector`` notices
what is missing. Standard library only: nothing here knows Django, a channel layer, an event loop
or a clock.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Final

MESSAGE_TYPE: Final = "gql_live.changes"
VERSION: Final = 2

IDENTITY: Final = "gql_live.identity"
"""In the place of a model: who somebody is, or what they may do, changed; the key is the user's."""

EVERYBODY: Final = "*"
"""In the place of a user's key: it may concern anybody."""

NAMED_ROWS: Final = 2000
"""Rows of one model that a statement, or a transaction, names one by one; more are any row."""

_KEYS: Final = frozenset({"type", "version", "sender", "sequence", "quiet", "changes"})
_INT64: Final = range(-(2**63), 2**63)


Value = int | str | bool | None
"""What a routing column holds, as it travels (``routing.routing_value``)."""


class ChangeKind(StrEnum):
    """What the writer did. A hint: the row's present state decides what a subscriber is told."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class Arrival(Enum):
    """What the place of a batch in its sender's sequence says."""

    EXPECTED = "expected"
    AFTER_GAP = "after gap"
    OLD = "old"


class Gap(StrEnum):
    """Why changes may have been missed."""

    LOST = "lost"  # a number of a sender's sequence never arrived
    REJOINED = "rejoined"  # for some time this process was not a member of the group
    OVERFLOW = "overflow"  # more changed than a bounded queue holds
    UNREADABLE = "unreadable"  # somebody said something that this version does not understand


def key_of(value: object) -> int | str:
    """Return a primary key as it travels: an integer of 64 bits as such, anything else as text.

    MessagePack, which most channel layers speak, knows no longer integers and no UUID.
    """
    if isinstance(value, int) and value in _INT64:
        return int(value)
    return str(value)


@dataclass(frozen=True, slots=True)
class Change:
    """A row was written and committed: ``pk`` of the concrete model with this ``label_lower``;
    None for rows of it that nobody can name, so for any.

    ``values`` is what routing columns, by ``attname``, held before the write and hold after it,
    each value once; a column that is missing is not known. ``moved`` are those among them that were
    written although nobody knows what they held before: their values are the new ones only.
    """

    model: str
    pk: int | str | None
    kind: ChangeKind
    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict, hash=False)
    moved: frozenset[str] = frozenset()

    @classmethod
    def of_any(cls, model: str) -> "Change":
        """Any row of ``model`` may have been written, or, of ``IDENTITY``, anybody be concerned."""
        return cls(model, EVERYBODY if model == IDENTITY else None, ChangeKind.UPDATED)

    def followed_by(self, later: "Change") -> "Change":
        """This change and a later one of the same row, told at once."""
        values = {
            column: tuple(dict.fromkeys((*held, *later.values[column])))
            for column, held in self.values.items()
            if column in later.values
        }
        kind = self.kind if later.kind is ChangeKind.UPDATED else later.kind
        moved = (self.moved | later.moved).intersection(values)
        return Change(self.model, self.pk, kind, values, moved)


def coalesce(changes: Iterable[Change]) -> list[Change]:
    """Name each row once, in the order of its first change, and ``NAMED_ROWS`` a model at most."""
    rows: dict[str, dict[int | str | None, Change]] = {}
    for change in changes:
        named = rows.setdefault(change.model, {})
        any_row = Change.of_any(change.model)
        if any_row.pk in named:
            continue
        if change.pk == any_row.pk or (change.pk not in named and len(named) == NAMED_ROWS):
            rows[change.model] = {any_row.pk: any_row}
        else:
            known = named.get(change.pk)
            named[change.pk] = known.followed_by(change) if known else change
    return [change for named in rows.values() for change in named.values()]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some changes of one process, in the order of their commits.

    ``sender`` is one random id per process; ``sequence`` counts its batches from 1. A batch
    without changes is a heartbeat: it repeats the number of the sender's last batch, so that the
    loss of that one is noticed too. ``quiet`` is the time in seconds between the sender's
    previous batch and this message; 0 where it is not known. It tells a receiver that has just
    joined whether it missed that previous batch or joined after it.
    """

    sender: str
    sequence: int
    changes: tuple[Change, ...] = ()
    quiet: float = 0.0

    @property
    def previous(self) -> int:
        """The sender's last number before this message; 0 when this is the first."""
        return self.sequence - 1 if self.changes else self.sequence

    def to_message(self) -> dict[str, Any]:
        """Return the batch as a message for a channel layer: text, numbers, lists."""
        return {
            "type": MESSAGE_TYPE,
            "version": VERSION,
            "sender": self.sender,
            "sequence": self.sequence,
            "quiet": self.quiet,
            "changes": [_write_change(change) for change in self.changes],
        }

    @classmethod
    def from_message(cls, message: object) -> "Batch":
        """Read what ``to_message`` wrote, strictly: another version of us may speak on the layer.

        Raises ``ValueError`` for anything else.
        """
        if not isinstance(message, Mapping) or message.get("type") != MESSAGE_TYPE:
            raise ValueError(f"not a message of type {MESSAGE_TYPE}")
        if message.get("version") != VERSION:
            raise ValueError(f"version {message.get('version')!r}, this process reads {VERSION}")
        if message.keys() != _KEYS:
            raise ValueError(f"unexpected keys: {sorted(map(str, message.keys() ^ _KEYS))}")
        sender, sequence, quiet = message["sender"], message["sequence"], message["quiet"]
        if not isinstance(sender, str) or not sender:
            raise ValueError(f"sender {sender!r} is not a name")
        if not _is_int(sequence) or sequence < 1:
            raise ValueError(f"sequence {sequence!r} is not a number from 1")
        if not (_is_int(quiet) or isinstance(quiet, float)) or not quiet >= 0:
            raise ValueError(f"quiet {quiet!r} is not a time")
        if not isinstance(message["changes"], list | tuple):
            raise ValueError("changes are not a list")
        return cls(sender, sequence, tuple(map(_read_change, message["changes"])), float(quiet))


class GapDetector:
    """Notices what is missing between the batches that arrive, sender by sender.

    Remembers the ``capacity`` senders heard last. One that was forgotten counts as never heard,
    and that errs on the side of a gap.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self._capacity = capacity
        self._last: OrderedDict[str, int] = OrderedDict()

    def feed(self, batch: Batch, listening: float) -> Arrival:
        """Say how ``batch`` follows those before it, after so many seconds of listening.

        The changes of an ``OLD`` batch may be skipped: it is a repetition, or it was overtaken,
        and then the batch that overtook it came ``AFTER_GAP``, and what is read after that call
        is newer.
        """
        last = self._last.get(batch.sender)
        if last is not None and batch.previous < last:
            return Arrival.OLD
        self._last[batch.sender] = batch.sequence
        self._last.move_to_end(batch.sender)
        if len(self._last) > self._capacity:
            self._last.popitem(last=False)
        if last is None:
            # The first that is heard of this sender. What it sent before we joined is not
            # missing.
            missed = batch.previous > 0 and batch.quiet <= listening
        else:
            missed = batch.previous > last
        return Arrival.AFTER_GAP if missed else Arrival.EXPECTED


def _write_change(change: Change) -> list[object]:
    values = {column: list(held) for column, held in change.values.items()}
    return [change.model, change.pk, change.kind.value, values, sorted(change.moved)]


def _read_change(item: object) -> Change:
    match item:
        case [str(model), (int() | str() | None) as pk, str(kind), dict(values), [*moved]] if (
            not isinstance(pk, bool)
            and all(isinstance(column, str) for column in (*values, *moved))
        ):
            held = {column: _read_values(each) for column, each in values.items()}
            return Change(model, pk, ChangeKind(kind), held, frozenset(map(str, moved)))
    raise ValueError(f"change {item!r} is not a model, a key, a kind, values and moved columns")


def _read_values(held: object) -> tuple[Value, ...]:
    if isinstance(held, list | tuple) and all(
        value is None or isinstance(value, int | str) for value in held
    ):
        return tuple(held)
    raise ValueError(f"{held!r} is not what a column held")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
