"""What was told last of each row, where content is compared: then only what differs is news.
Sans-I/O.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from gql_live.audience import Action, Event, Key, Row

Digests: TypeAlias = Mapping[Key, int]
"""By the key of a row, a number that is the same for the same content, in this process."""


def digests_of(rows: Mapping[Key, Row]) -> Digests:
    """Of what rows show."""
    return {key: hash(repr(row.instance)) for key, row in rows.items()}


def told_last(
    before: Digests | None,
    now: Digests,
    events: Iterable[Event] | None,
    left: Collection[Key],
) -> Digests:
    """``before``, without the rows that ``left``, and with what ``events`` tell of those that are
    ``now``; None: there is nobody to be told, and all of them count.

    What only a joiner is shown is news to the others still, when the change arrives that made it.
    """
    told: Iterable[Key | None] = now
    if events is not None:
        told = (each.row for each in events if each.action is not Action.DELETED)
    kept = {key: each for key, each in (before or {}).items() if key not in left}
    return kept | {key: now[key] for key in told if key is not None}


def is_news(
    event: Event, before: Digests | None, now: Digests | None, changed: Collection[Key]
) -> bool:
    """Whether an event tells more than was told before. Rows that ``changed`` are told of even so,
    and those of which nothing is known.
    """
    if event.action is not Action.UPDATED or event.row in changed:
        return True
    assert event.row is not None, "every event of a change is of a row"
    return before is None or now is None or before.get(event.row) != now[event.row]
