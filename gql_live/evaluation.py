"""One piece of an audience's work, from the view to encoded payloads. Blocks: it runs in a worker
thread.

The audience's members and its work come in, an ``Outcome`` goes out; the audience itself stays with
the event loop.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gql_live.audience import (
    Action,
    AudienceKey,
    Event,
    Key,
    Payload,
    Row,
    Subscriber,
    Work,
    compare,
)
from gql_live.conf import setting
from gql_live.exceptions import ErrorCode, Refusal
from gql_live.execution import encode_event
from gql_live.plan import Selection
from gql_live.resolvers import open_view, see, see_all, see_keys, see_one


@dataclass(slots=True)
class Outcome:
    """What became of one piece of work.

    ``payloads`` are for the subscribers admitted before it, ``snapshots`` for the admitted joiners
    that asked for one. ``refused`` joiners never become subscribers. ``members`` are the rows that
    the audience sees now.
    """

    members: Mapping[Key, str] | None
    admitted: list[Subscriber] = field(default_factory=list)
    refused: list[tuple[Subscriber, Refusal]] = field(default_factory=list)
    payloads: dict[Selection, list[Payload]] = field(default_factory=dict)
    snapshots: dict[Selection, Payload] = field(default_factory=dict)


def evaluate(asked: AudienceKey, members: Mapping[Key, str] | None, work: Work) -> Outcome:
    """Do ``work``. Raises ``Refusal`` where the view refuses the audience as a whole."""
    outcome = Outcome(members)
    view = _admit(asked, work, outcome)
    if not work.selections and not outcome.admitted:
        return outcome
    view = view or open_view(asked, throttle=False)
    if asked.endpoint.action == "retrieve":
        _look_at_one(asked, view, work, outcome)
    else:
        _look_at_list(asked, view, work, outcome)
    return outcome


def _admit(asked: AudienceKey, work: Work, outcome: Outcome) -> Any:
    """Open the view for each joiner, so that each is permitted and throttled by itself; the last
    view opened, if any.
    """
    view = None
    for joiner in work.joiners:
        try:
            view = open_view(asked, throttle=True)
        except Refusal as refusal:
            outcome.refused.append((joiner, refusal))
        else:
            outcome.admitted.append(joiner)
    return view


def _look_at_one(asked: AudienceKey, view: Any, work: Work, outcome: Outcome) -> None:
    rows = see_one(asked, view)
    if not rows:
        _refuse(outcome, outcome.admitted, Refusal(ErrorCode.NOT_FOUND, "Not found."))
    # Whatever changed may have been the one row: for a lookup other than the key, nobody can say
    # beforehand.
    _tell(work, outcome, rows, scope=None, changed=rows)


def _look_at_list(asked: AudienceKey, view: Any, work: Work, outcome: Outcome) -> None:
    if _snapshot_selections(work, outcome):
        rows = see_all(asked, view)
        if rows is not None:
            _tell(work, outcome, rows, scope=None, changed=work.changed)
            return
        _refuse_snapshots(outcome)
    if outcome.members is not None and not work.resync:
        scope: Collection[Key] | None = work.changed
        rows = see(asked, view, work.changed)
        if rows is None:
            scope = None
            rows = see_all(asked, view)
        if rows is not None:
            _tell(work, outcome, rows, scope=scope, changed=work.changed)
            return
    outcome.members = see_keys(asked, view)
    _encode(outcome, work.selections, [Event(Action.RESYNC)])


def _snapshot_selections(work: Work, outcome: Outcome) -> set[Selection]:
    """Who is to get a snapshot: joiners that asked, and after a resync everybody who once asked."""
    wanting = {joiner.selection for joiner in outcome.admitted}
    if work.resync:
        wanting.update(work.selections)
    return {selection for selection in wanting if selection.snapshot}


def _refuse_snapshots(outcome: Outcome) -> None:
    limit = setting("SNAPSHOT_ROWS")
    refusal = Refusal(
        ErrorCode.BAD_USER_INPUT,
        f"The snapshot would have more than {limit} rows: narrow it with a filter.",
    )
    _refuse(outcome, [each for each in outcome.admitted if each.selection.snapshot], refusal)


def _refuse(outcome: Outcome, joiners: Sequence[Subscriber], refusal: Refusal) -> None:
    outcome.refused += [(joiner, refusal) for joiner in joiners]
    outcome.admitted = [joiner for joiner in outcome.admitted if joiner not in joiners]


def _tell(
    work: Work,
    outcome: Outcome,
    rows: Mapping[Key, Row],
    *,
    scope: Collection[Key] | None,
    changed: Collection[Key],
) -> None:
    """Compare what is visible with what was, and encode the difference for everybody whom it
    concerns.
    """
    events, outcome.members = compare(outcome.members or {}, rows, changed=changed, scope=scope)
    snapshot = Event(Action.SNAPSHOT, instances=tuple(row.instance for row in rows.values()))
    outcome.snapshots = {
        selection: encode_event(selection, snapshot)
        for selection in _snapshot_selections(work, outcome)
    }
    if work.resync:
        _encode(outcome, work.selections, [Event(Action.RESYNC)])
        outcome.payloads |= {s: [outcome.snapshots[s]] for s in work.selections if s.snapshot}
    else:
        _encode(outcome, work.selections, events)


def _encode(outcome: Outcome, selections: Sequence[Selection], events: Sequence[Event]) -> None:
    outcome.payloads = {
        selection: [encode_event(selection, event) for event in events] for selection in selections
    }
