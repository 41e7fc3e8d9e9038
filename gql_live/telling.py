"""What those concerned are told of the rows that an evaluation has seen, executed and encoded."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from gql_live.audience import (
    Action,
    Event,
    Key,
    Payload,
    Row,
    compare,
)
from gql_live.cases import Case, Outcome
from gql_live.digests import digests_of, is_news, told_last
from gql_live.execution import encode_event
from gql_live.instruments import Counter, instruments
from gql_live.members import Members
from gql_live.plan import Selection
from gql_live.resolvers import json_renderer
from gql_live.sharing import Shared, held_once


class Telling:
    """Compares what is visible with what an audience knew, and writes into its ``outcome`` what is
    to be told of the difference, and what it knows then.
    """

    def __init__(self, case: Case, view: Any, outcome: Outcome, shared: Shared) -> None:
        self._endpoint = case.asked.endpoint
        self._before = case.known
        self._work = case.work
        self._refreshes = case.refreshes
        self._view = view
        self._outcome = outcome
        self._shared = shared

    def tell(
        self,
        rows: Mapping[Key, Row],
        *,
        scope: Collection[Key] | None,
        changed: Collection[Key],
    ) -> None:
        """Compare what is visible with what was, and encode the difference for all concerned.

        ``rows`` are those visible in ``scope``, None where that is all rows; ``changed`` are the
        keys of which a change has told.
        """
        resync, refresh = self._work.resync, self._refreshes
        before = self._before.members
        events, moves = compare(
            before or {}, rows, changed=rows if resync or refresh else changed, scope=scope
        )
        self._holds(self._shared.members(before, moves))
        self._outcome.moves = None if before is None else moves
        digests = self._before.digests
        now = digests_of(rows) if self._compares_content() else None
        if refresh and not resync:
            named = self._work.changed
            events = [each for each in events if is_news(each, digests, now, named)]
        if now is not None:
            heard = events if self._work.selections else None
            now = told_last(digests, now, heard, moves.left)
        self._outcome.learn(digests=now)
        snapshot = self._shared.snapshot(rows)
        self._welcome(snapshot)
        for selection in self._work.selections:
            if not resync:
                told = events
            elif selection.snapshot:
                told = [snapshot]
            else:
                told = [Event(Action.RESYNC)] if selection.speaks_resync else events
            self._encode([selection], told)

    def start_over(self, members: Members) -> None:
        """Know the rows by their keys alone, and have clients fetch them."""
        self._holds(members)
        self._outcome.learn(digests=None)
        self._outcome.moves = None
        self._encode(self._work.selections, [Event(Action.RESYNC)])

    def end(self) -> None:
        """Have those fetch who may have missed something; what they read then, nobody knows."""
        self._tell_anew()
        if self._somebody_fetches():
            self._outcome.learn(digests=None)

    def _compares_content(self) -> bool:
        """Whether any row may show something else, now or at another time, though nobody says
        which.
        """
        known = self._outcome.known
        polled = self._endpoint.view.realtime_poll is not None
        reads = known.reach is not None and bool(known.reach.content)
        return polled or bool(known.personal) or reads or self._refreshes

    def _holds(self, members: Mapping[Key, str]) -> None:
        self._outcome.learn(members=held_once(self._outcome.known.fingerprint, members))

    def _welcome(self, snapshot: Event) -> None:
        """Tell the joiners that asked for one a snapshot at once."""
        for joiner in self._outcome.snapshot_joiners:
            self._outcome.welcomes[joiner] = self._encoded(joiner.selection, snapshot)

    def _tell_anew(self) -> None:
        """Have the clients of joiners that may have missed something, and asked for no snapshot,
        fetch. Whoever fetches right after it has subscribed may have read what was changed before
        anybody knew what to tell it of.
        """
        for joiner in self._outcome.admitted:
            missed = joiner in self._work.renewed or self._work.disturbed
            told = joiner in self._outcome.welcomes
            if missed and not told and joiner.selection.speaks_resync:
                resync = self._encoded(joiner.selection, Event(Action.RESYNC))
                self._outcome.welcomes[joiner] = resync

    def _somebody_fetches(self) -> bool:
        """Whether somebody reads the rows over REST, so that nobody knows what they were told."""
        told_to = (*self._work.selections,) if self._work.resync else ()
        return any(not each.selection.snapshot for each in self._outcome.admitted) or any(
            each.speaks_resync and not each.snapshot for each in told_to
        )

    def _encode(self, selections: Iterable[Selection], events: Sequence[Event]) -> None:
        for selection in selections:
            self._outcome.payloads[selection] = [self._encoded(selection, e) for e in events]

    def _encoded(self, selection: Selection, event: Event) -> Payload:
        def make() -> Payload:
            instruments.count(Counter.EXECUTIONS)
            render = json_renderer(self._view).render
            return encode_event(selection, event, render)

        return self._shared.payload(selection, event, make)
