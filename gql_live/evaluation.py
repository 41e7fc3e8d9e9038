"""The work of some audiences, from the view to encoded payloads. Blocks: it runs in a thread.

What the audiences know and their work come in, outcomes go out; the audiences themselves stay with
the event loop.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from dataclasses import replace
from functools import cache
from typing import Any, Final

from django.db import connections
from django.db.models import QuerySet

from gql_live.audience import (
    Key,
    Row,
    Subscriber,
)
from gql_live.cases import Case, Outcome
from gql_live.conf import setting
from gql_live.dependencies import observe_opaque, observed_tables
from gql_live.exceptions import ErrorCode, Refusal, TornRead, Unavailable, internal_error
from gql_live.grounds import grounds_of
from gql_live.instruments import Counter, Timing, counting_queries, instruments
from gql_live.members import Members
from gql_live.middleware import within_middleware
from gql_live.predicates import Fingerprint, fingerprint
from gql_live.principals import ViewRequest
from gql_live.pruning import want
from gql_live.read_ahead import ReadAhead, Sought
from gql_live.recording import in_common, record, shares
from gql_live.refusals import first_attempt
from gql_live.resolvers import (
    can_be_asked,
    can_be_narrowed,
    load_all,
    load_first,
    load_members,
    load_one,
    load_some,
    open_view,
    path_of,
    question_of,
    request_of,
    serialize,
    user_key,
)
from gql_live.sharing import Part, Seen, Shared
from gql_live.telling import Telling
from gql_live.wanted import Wanted, union

logger = logging.getLogger("gql_live")

_SAMPLE: Final = 20
"""Rows that are serialized for what their fields read, where nobody asked for rows yet."""


def evaluate(cases: Sequence[Case]) -> list[Outcome | Refusal | Unavailable]:
    """Do the work of each of ``cases``, which ask the same question, whoever they are.

    Each has context variables of its own, as each request has: what a view activates for one of
    them is not there for the next. A ``Refusal`` in the place of an outcome: the view refuses the
    audience as a whole.
    """
    ahead = ReadAhead(each for case in cases for each in case.known.sought)
    shared = Shared(len(cases) == 1, ahead, cache(path_of))
    with counting_queries(connections.all()):
        return [copy_context().run(_evaluate_one, case, shared) for case in cases]


def _evaluate_one(case: Case, shared: Shared) -> Outcome | Refusal | Unavailable:
    instruments.count(Counter.EVALUATIONS)
    counted: set[Subscriber] = set()
    try:
        with instruments.timing(Timing.EVALUATION):
            try:
                with first_attempt():
                    return _evaluated(case, shared, counted)
            except TornRead:
                return _evaluated(case, Shared(alone=True), counted)
    except (Refusal, Unavailable) as no:
        return no
    except Exception:
        logger.exception("An audience of %s could not be evaluated.", case.asked.endpoint.name)
        return internal_error()


def _evaluated(case: Case, shared: Shared, counted: set[Subscriber]) -> Outcome:
    """``counted`` are the joiners whom the view's throttles have let in."""
    http_request = request_of(case.asked, shared.path_of)
    evaluation = _Evaluation(case, http_request, shared, counted)
    return within_middleware(http_request, evaluation.run)


class _Evaluation:
    def __init__(
        self, case: Case, http_request: ViewRequest, shared: Shared, counted: set[Subscriber]
    ) -> None:
        self._case = case
        self._asked = case.asked
        self._before = case.known
        self._work = case.work
        self._http_request = http_request
        self._shared = shared
        self._counted = counted
        self._outcome = Outcome(case.known)
        self._view: Any = None
        self._rows: Any = None
        self._read: set[str] = set()
        self._sought: list[Sought] = []

    def run(self) -> Outcome:
        self._admit_joiners()
        if self._work.selections or self._outcome.admitted:
            self._view = self._view or self._open(throttle=False)
            self._telling = Telling(self._case, self._view, self._outcome, self._shared)
            self._learn()
            if self._asked.endpoint.action == "retrieve":
                self._look_at_one()
            else:
                self._look_at_list()
            self._telling.end()
        return self._outcome

    # --- who may hear ---

    def _admit_joiners(self) -> None:
        """Open the view for each joiner, so that each is permitted and throttled by itself."""
        for joiner in self._work.joiners:
            known = joiner in self._work.renewed or joiner in self._counted
            try:
                self._view = self._open(throttle=not known)
            except Refusal as refusal:
                self._outcome.refused.append((joiner, refusal))
            else:
                self._outcome.admitted.append(joiner)
                self._counted.add(joiner)

    def _open(self, *, throttle: bool) -> Any:
        return open_view(
            self._asked,
            self._http_request,
            throttle=throttle,
            asking=self._asking,
            watched=self._watched,
        )

    def _asking(self) -> AbstractContextManager[Any]:
        """Have what says who asks read ahead, unless what is there may itself depend on that: by
        what middleware says to the database, or a view that shares nothing.
        """
        audience = self._asked.endpoint.view.realtime_audience
        if setting("MIDDLEWARE") or audience not in (None, "user", "public"):
            return nullcontext()
        self._sought = []
        return self._shared.ahead.answering(self._sought)

    def _watched(self) -> AbstractContextManager[Any]:
        """Note the models that are read to find out who may see what."""
        return observed_tables(self._read)

    # --- what is asked, and what the answer rests on ---

    def _learn(self) -> None:
        self._wanted = self._wants()
        want(self._view, self._wanted)
        if can_be_asked(self._asked.endpoint):
            with self._watched():
                self._rows = question_of(self._asked, self._view)
        self._outcome.learn(
            user=user_key(self._view.request),
            fingerprint=self._fingerprint(),
            sought=tuple(self._sought),
        )
        if self._work.joiners or self._case.reconsiders or self._work.resync or self._is_new():
            self._find_grounds()

    def _fingerprint(self) -> Fingerprint | None:
        if not isinstance(self._rows, QuerySet):
            return None
        asked = fingerprint(self._rows)
        # Where nothing is shared, the database may answer by what was said to its session as well.
        return asked if shares(self._view) else replace(asked, narrowed=None)

    def _wants(self) -> Wanted:
        """What the selections that can be told something want of a row."""
        joining = (joiner.selection for joiner in self._outcome.snapshot_joiners)
        return union(each.wanted for each in (*self._work.selections, *joining))

    def _is_new(self) -> bool:
        """Whether the members, if any, are the answer to another question."""
        before = self._before
        return before.reach is None or before.fingerprint != self._outcome.known.fingerprint

    def _find_grounds(self) -> None:
        selections = (each.selection for each in self._outcome.admitted)
        wanted = union((self._wanted, *(each.wanted for each in selections)))
        model = self._asked.endpoint.model
        grounds = grounds_of(self._view, model, self._rows, wanted, self._read)
        self._outcome.learn(reach=grounds.reach, opaque=grounds.opaque)
        if self._before.reach is not None:
            self._also_reads(self._before.reach.content)

    def _also_reads(self, models: frozenset[str]) -> None:
        reach = self._outcome.known.reach
        if reach is not None and not models <= reach.content:
            self._outcome.learn(reach=replace(reach, content=reach.content | models))

    # --- what is visible ---

    def _look_at_one(self) -> None:
        with self._watched():
            instances = load_one(self._asked, self._view)
        rows = self._see(("one",), lambda: instances, *instances) or {}
        if not rows:
            newcomers = [each for each in self._outcome.admitted if each not in self._work.renewed]
            self._outcome.refuse(newcomers, Refusal(ErrorCode.NOT_FOUND, "Not found."))
        # Whatever changed may have been this row: of a lookup that is not the key, nobody can say.
        self._telling.tell(rows, scope=None, changed=rows if self._work.changed else ())

    def _look_at_list(self) -> None:
        if self._needs_all_rows():
            if self._tell_all():
                return
            self._refuse_snapshots()
        known = self._before.members is not None and not self._work.resync
        if not known or not self._tell_news():
            self._start_over()

    def _tell_news(self) -> bool:
        return self._tell_all() if self._case.refreshes else self._tell_what_changed()

    def _needs_all_rows(self) -> bool:
        if self._outcome.snapshot_joiners:
            return True
        return self._work.resync and any(
            selection.snapshot or not selection.speaks_resync for selection in self._work.selections
        )

    def _refuse_snapshots(self) -> None:
        limit = setting("SNAPSHOT_ROWS")
        refusal = Refusal(
            ErrorCode.BAD_USER_INPUT,
            f"The snapshot would have more than {limit} rows: narrow it with a filter.",
        )
        self._outcome.refuse(self._outcome.snapshot_joiners, refusal)

    def _tell_all(self) -> bool:
        """Look at every row. False where they are too many."""
        rows = self._see(None, lambda: load_all(self._asked, self._rows, self._limit()))
        if rows is None:
            return False
        self._telling.tell(rows, scope=None, changed=self._work.changed)
        return True

    def _limit(self) -> int | None:
        """Rows that are too many to be sent at once; none where every row must be told singly."""
        if all(selection.speaks_resync for selection in self._work.selections):
            limit: int = setting("SNAPSHOT_ROWS")
            return limit
        return None

    def _tell_what_changed(self) -> bool:
        """Tell of the changed rows. False where there are too many to be looked at."""
        changed = self._work.changed
        scope = dict.fromkeys(changed)
        if self._case.reconsiders or self._is_new():
            scope |= dict.fromkeys(self._moved())
        if not scope:
            return True
        if not can_be_narrowed(self._rows) or len(scope) > setting("SNAPSHOT_ROWS"):
            return self._tell_all()
        keys = tuple(scope)
        rows = self._see(keys, lambda: load_some(self._asked, self._rows, keys))
        self._telling.tell(rows or {}, scope=keys, changed=changed)
        return True

    def _moved(self) -> list[Key]:
        """The rows that entered or left, though nobody said that they changed."""
        before = self._before.members or {}
        now = self._load_members()
        if before == now:
            return []
        return [key for key in (*before, *now) if before.get(key) != now.get(key)]

    def _start_over(self) -> None:
        """Know the rows by their keys alone, and have clients fetch them."""
        self._telling.start_over(self._load_members())
        if self._before.reach is None:
            self._sample()

    def _load_members(self) -> Members:
        return self._shared.keys(self._part(None), lambda: load_members(self._asked, self._rows))

    def _sample(self) -> None:
        """Serialize some rows for nobody, to see what that reads."""
        most = _SAMPLE if self._outcome.known.opaque else 1
        self._see(("sample",), lambda: load_first(self._asked, self._rows, most))

    def _see(
        self, keys: tuple[Key, ...] | None, load: Callable[[], list[Any] | None], *found: Any
    ) -> Mapping[Key, Row] | None:
        """The rows of ``keys`` as this audience is shown them; None where ``load`` gives none.

        ``found`` are rows that the view has given out already: what it left on them counts.
        """
        part = self._part(keys, *found)
        seen = self._shared.seen(part, self._wanted, self._view)
        if seen is None:
            instances = self._shared.instances(part, load)
            if instances is None:
                return None
            seen = self._serialized(instances)
            self._shared.keep(part, self._wanted, seen)
        if seen.rows:
            self._outcome.learn(personal=seen.personal or bool(self._before.personal))
        self._also_reads(seen.content)
        return seen.rows

    def _part(self, keys: tuple[Key, ...] | None, *found: Any) -> Part:
        common = None if self._shared.alone else in_common(self._view, *found)
        return Part(self._outcome.known.fingerprint, keys, common)

    def _serialized(self, instances: list[Any]) -> Seen:
        read: set[str] = set()
        opaque = self._outcome.known.opaque
        with record(self._view) as recording:
            rows = serialize(
                self._asked,
                self._view,
                instances,
                watched=lambda serializer: observe_opaque(serializer, opaque, read),
            )
        return Seen(rows, recording.personal, frozenset(read), recording.facets())
