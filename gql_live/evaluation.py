"""One piece of an audience's work, from the view to encoded payloads. Blocks: it runs in a worker
thread.

The audience's members and its work come in, an ``Outcome`` goes out; the audience itself stays
with the event loop.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from gql_live.middleware import within_middleware
from gql_live.plan import Selection
from gql_live.principals import ViewRequest
from gql_live.pruning import want
from gql_live.resolvers import (
    json_renderer,
    open_view,
    request_of,
    see,
    see_all,
    see_keys,
    see_one,
    user_key,
)
from gql_live.wanted import Wanted, union


@dataclass(slots=True)
class Outcome:
    """What became of one piece of work.

    ``payloads`` are for the subscribers admitted before it, ``snapshots`` for the admitted joiners
    that asked for one. ``refused`` joiners never become subscribers. ``members`` are the rows that
    the audience sees now, by key, with their lookup values; ``user`` is the key of who sees them.
    """

    members: Mapping[Key, str] | None
    user: str | None = None
    admitted: list[Subscriber] = field(default_factory=list)
    refused: list[tuple[Subscriber, Refusal]] = field(default_factory=list)
    payloads: dict[Selection, list[Payload]] = field(default_factory=dict)
    snapshots: dict[Selection, Payload] = field(default_factory=dict)


def evaluate(asked: AudienceKey, members: Mapping[Key, str] | None, work: Work) -> Outcome:
    """Do ``work``. Raises ``Refusal`` where the view refuses the audience as a whole."""
    http_request = request_of(asked)
    return within_middleware(http_request, _Evaluation(asked, members, work, http_request).run)


class _Evaluation:
    def __init__(
        self,
        asked: AudienceKey,
        members: Mapping[Key, str] | None,
        work: Work,
        http_request: ViewRequest,
    ) -> None:
        self._asked = asked
        self._http_request = http_request
        self._work = work
        self._outcome = Outcome(members)
        self._view: Any = None

    def run(self) -> Outcome:
        self._admit_joiners()
        if self._work.selections or self._outcome.admitted:
            self._view = self._view or open_view(self._asked, self._http_request, throttle=False)
            want(self._view, self._wanted())
            self._outcome.user = user_key(self._view.request)
            if self._asked.endpoint.action == "retrieve":
                self._look_at_one()
            else:
                self._look_at_list()
        return self._outcome

    # --- who may hear ---

    def _admit_joiners(self) -> None:
        """Open the view for each joiner, so that each is permitted and throttled by itself."""
        for joiner in self._work.joiners:
            try:
                self._view = open_view(self._asked, self._http_request, throttle=True)
            except Refusal as refusal:
                self._outcome.refused.append((joiner, refusal))
            else:
                self._outcome.admitted.append(joiner)

    def _refuse(self, joiners: Collection[Subscriber], refusal: Refusal) -> None:
        self._outcome.refused += [(joiner, refusal) for joiner in joiners]
        self._outcome.admitted = [each for each in self._outcome.admitted if each not in joiners]

    def _snapshot_joiners(self) -> list[Subscriber]:
        return [joiner for joiner in self._outcome.admitted if joiner.selection.snapshot]

    # --- what is visible ---

    def _wanted(self) -> Wanted:
        """What the selections that can be told something want of a row."""
        joining = (joiner.selection for joiner in self._snapshot_joiners())
        return union(each.wanted for each in (*self._work.selections, *joining))

    def _look_at_one(self) -> None:
        rows = see_one(self._asked, self._view)
        if not rows:
            self._refuse(self._outcome.admitted, Refusal(ErrorCode.NOT_FOUND, "Not found."))
        # Whatever changed may have been this row: of a lookup that is not the key, nobody can say.
        self._tell(rows, scope=None, changed=rows if self._work.changed else ())

    def _look_at_list(self) -> None:
        if self._needs_all_rows():
            rows = see_all(self._asked, self._view, self._limit())
            if rows is not None:
                self._tell(rows, scope=None, changed=self._work.changed)
                return
            self._refuse_snapshots()
        known = self._outcome.members is not None and not self._work.resync
        if known and self._tell_what_changed():
            return
        self._outcome.members = see_keys(self._asked, self._view)
        self._encode(self._work.selections, [Event(Action.RESYNC)])

    def _needs_all_rows(self) -> bool:
        if self._snapshot_joiners():
            return True
        return self._work.resync and any(
            selection.snapshot or not selection.speaks_resync for selection in self._work.selections
        )

    def _limit(self) -> int | None:
        """Rows that are too many to be sent at once; none where every row must be told singly."""
        if all(selection.speaks_resync for selection in self._work.selections):
            limit: int = setting("SNAPSHOT_ROWS")
            return limit
        return None

    def _refuse_snapshots(self) -> None:
        limit = setting("SNAPSHOT_ROWS")
        refusal = Refusal(
            ErrorCode.BAD_USER_INPUT,
            f"The snapshot would have more than {limit} rows: narrow it with a filter.",
        )
        self._refuse(self._snapshot_joiners(), refusal)

    def _tell_what_changed(self) -> bool:
        """Tell of the changed rows. False where there are too many to be looked at."""
        changed = self._work.changed
        scope = (*changed, *self._moved()) if self._work.reconsider else changed
        rows = see(self._asked, self._view, scope) if scope else {}
        if rows is not None:
            self._tell(rows, scope=scope, changed=changed)
            return True
        rows = see_all(self._asked, self._view, self._limit())
        if rows is not None:
            self._tell(rows, scope=None, changed=changed)
        return rows is not None

    def _moved(self) -> list[Key]:
        """The rows that entered or left, though nobody said that they changed."""
        members = self._outcome.members or {}
        now = see_keys(self._asked, self._view)
        return [key for key in (*members, *now) if members.get(key) != now.get(key)]

    # --- what is told ---

    def _tell(
        self,
        rows: Mapping[Key, Row],
        *,
        scope: Collection[Key] | None,
        changed: Collection[Key],
    ) -> None:
        """Compare what is visible with what was, and encode the difference for all concerned."""
        resync = self._work.resync
        events, members = compare(
            self._outcome.members or {}, rows, changed=rows if resync else changed, scope=scope
        )
        self._outcome.members = members
        snapshot = Event(Action.SNAPSHOT, instances=tuple(row.instance for row in rows.values()))
        wanted = {joiner.selection for joiner in self._snapshot_joiners()}
        self._outcome.snapshots = {each: self._encoded(each, snapshot) for each in wanted}
        if not resync:
            self._encode(self._work.selections, events)
            return
        for selection in self._work.selections:
            if selection.snapshot:
                told = [snapshot]
            else:
                told = [Event(Action.RESYNC)] if selection.speaks_resync else events
            self._encode([selection], told)

    def _encode(self, selections: Iterable[Selection], events: Sequence[Event]) -> None:
        for selection in selections:
            self._outcome.payloads[selection] = [self._encoded(selection, e) for e in events]

    def _encoded(self, selection: Selection, event: Event) -> Payload:
        return encode_event(selection, event, lambda data: json_renderer(self._view).render(data))
