"""Changes in, audiences evaluated, payloads out. One per event loop.

An audience is served by one task at a time, which takes all the work that has gathered, has it
evaluated in a thread and hands out what came of it. So events of one audience are never out of
order, and a burst becomes one evaluation. Audiences that ask the same question are evaluated
together, so that they can share what they are told.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Coroutine, Hashable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final
from weakref import WeakKeyDictionary

from gql_live.audience import Audience, AudienceKey, Key, Subscriber
from gql_live.cancellation import cancel
from gql_live.cases import Case, Outcome
from gql_live.changes import EVERYBODY, IDENTITY, Change
from gql_live.concern import Found, Unknown, ask, crowds_of, look_up, mark, unknown_of
from gql_live.conf import setting
from gql_live.evaluation import evaluate
from gql_live.exceptions import Refusal, internal_error
from gql_live.grounds import user_model
from gql_live.hub import Hub
from gql_live.instruments import Counter, Gauge, LabelledCounter, Timing, instruments
from gql_live.limits import ConnectionCount
from gql_live.pubsub import Receiver
from gql_live.reports import answering
from gql_live.resolvers import off_loop

logger = logging.getLogger("gql_live")

_AT_A_STRETCH: Final = 50
"""Subscribers that are told, in about a millisecond, before the loop has a turn for others."""

_TOGETHER: Final = 100
"""Audiences that are evaluated in one go: what the first is told waits for the last."""

_A_FEW: Final = 20
"""Audiences of one question that are looked at again in one go, though nothing has changed."""

_SECOND_LOOK: Final = 0.5
"""Seconds after which an identity that changed is looked at once more."""


def _user_key(change: Change) -> Key:
    return EVERYBODY if change.pk is None else str(change.pk)


class Broadcaster:
    """The hub of one event loop, put to work."""

    _of_loops: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Broadcaster"]] = (
        WeakKeyDictionary()
    )

    def __init__(self) -> None:
        self._hub = Hub()
        self.connections = ConnectionCount()
        self._receiver = Receiver(self._changed, self.missed)
        self.listening = False
        """Whether changes are received; so they are while anybody subscribes."""
        self._switch = asyncio.Lock()
        self._arrived: list[Change] = []
        self._arrived_at = 0.0
        self._looking_up = False
        self._waiting: defaultdict[Hashable, dict[Audience, None]] = defaultdict(dict)
        self._servants: defaultdict[Hashable, int] = defaultdict(int)
        self._serving: set[Audience] = set()
        self._concerned_at: WeakKeyDictionary[Audience, float] = WeakKeyDictionary()
        self._polled: WeakKeyDictionary[Audience, asyncio.TimerHandle] = WeakKeyDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._duties: list[asyncio.Task[None]] = []
        instruments.measure(Gauge.AUDIENCES, self._hub, len)
        instruments.measure(Gauge.SUBSCRIBERS, self._hub, lambda hub: hub.subscribers)
        instruments.measure(Gauge.UNSERVED, self, lambda broadcaster: broadcaster.unserved)

    @classmethod
    def running(cls) -> "Broadcaster":
        """The broadcaster of the running event loop."""
        loop = asyncio.get_running_loop()
        broadcaster = cls._of_loops.get(loop)
        if broadcaster is None:
            broadcaster = cls._of_loops[loop] = cls()
        return broadcaster

    def join(
        self, key: AudienceKey, subscriber: Subscriber, *, model: str, watches: Key | None
    ) -> Audience:
        """Put a subscriber into its audience, at once; its first evaluation follows, and then its
        events.

        It joins before anything is read, so no change falls between its first evaluation and its
        events.
        """
        audience = self._hub.join(key, subscriber, model=model, watches=watches).audience
        self._serve(audience)
        return audience

    def leave(self, audience: Audience, subscriber: Subscriber) -> None:
        """Take a subscriber out, at once; harmless if it is out."""
        self._hub.leave(audience, subscriber)

    def renew(self, audience: Audience, subscriber: Subscriber) -> None:
        """Have a subscriber start anew: what it was not told, a snapshot or a resync makes good."""
        audience.renew(subscriber)
        self._serve(audience)

    @property
    def unserved(self) -> int:
        """Audiences whose evaluation runs or waits for a thread."""
        return len(self._serving) + sum(map(len, tuple(self._waiting.values())))

    async def settled(self) -> None:
        """Wait until every change and every subscriber that is known has been evaluated."""
        self._receiver.empty_inbox()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def rest(self) -> None:
        """Where nobody listens any more: receive nothing, and await what still runs."""
        if self._hub.empty:
            await self._stop_receiving()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- whom a change concerns ---

    def _changed(self, changes: Sequence[Change]) -> None:
        users = {change.pk for change in changes if change.model == IDENTITY}
        rows = [change for change in changes if change.model != IDENTITY]
        # A user who is written in bulk is not told of as an identity.
        users |= {_user_key(change) for change in rows if change.model == user_model()}
        instruments.count(Counter.CHANGES, len(rows))
        if rows:
            self._hub.note(rows)
            self._arrived_at = self._arrived_at or time.monotonic()
            self._arrived += rows
            if not self._looking_up:
                self._spread()
        if users:
            self._look_again_at(users)
            # Once more: what tells of a logout comes before the session has ended.
            asyncio.get_running_loop().call_later(_SECOND_LOOK, self._look_again_at, users)

    def _spread(self) -> None:
        """Take what has arrived to those whom it concerns. What arrives while that needs a look
        into the database is spread together: nothing waits when there is nothing to wait for.
        """
        changes, self._arrived = self._arrived, []
        began, self._arrived_at = self._arrived_at, 0.0
        unknown = unknown_of(changes, self._hub.index, None)
        if unknown is None and not crowds_of(Found(changes), self._hub.index):
            self._mark(Found(changes), began)
        else:
            self._looking_up = True
            self._spawn(self._find_and_spread(changes, unknown, began))

    async def _find_and_spread(
        self, changes: Sequence[Change], unknown: Unknown | None, began: float
    ) -> None:
        try:
            await self._find(changes, unknown, began)
        finally:
            self._looking_up = False
            if self._arrived:
                self._spread()

    async def _find(
        self,
        changes: Sequence[Change],
        unknown: Unknown | None,
        began: float,
        only: Audience | None = None,
    ) -> None:
        try:
            found = Found(changes) if unknown is None else await off_loop(look_up, unknown)
            crowds = {} if only is not None else crowds_of(found, self._hub.index)
            if crowds:
                found = replace(found, unseen=await off_loop(ask, crowds))
        except Exception:
            logger.exception("Nobody can say whom %d changes concern.", len(changes))
            self.missed("the database could not be asked")
        else:
            self._hub.note([each for derived in found.derived.values() for each in derived or ()])
            self._mark(found, began, only)

    def _mark(self, found: Found, began: float, only: Audience | None = None) -> None:
        """Have those evaluated whom changes concern. ``began``: when the first of them arrived."""
        for audience in mark(found, self._hub.index, only):
            self._concerned_at.setdefault(audience, began)
            self._serve(audience)

    def _look_again_at(self, users: Collection[Key | None]) -> None:
        for audience in self._hub:
            if audience.known.user in users or EVERYBODY in users:
                audience.doubt()
                self._serve(audience)

    async def _reconsider_all(self) -> None:
        """Look at every audience again within ``RECONSIDER_EVERY`` seconds, a few after the others.

        What nobody tells of (a permission that an external service takes back, a token that ran
        out) counts within that time (DESIGN promise 5).
        """
        while True:
            # A pass takes half of the time: who joins behind it is reached by the next one.
            time_for_all: float = setting("RECONSIDER_EVERY") / 2
            pause = time_for_all / max(1, len(self._hub))
            if self._hub.empty:
                await asyncio.sleep(pause)
            for audiences in self._hub.by_question(_A_FEW):
                await asyncio.sleep(pause * len(audiences))
                for audience in audiences:
                    audience.reconsider()
                    self._serve(audience)

    def missed(self, reason: str) -> None:
        """Changes may have been missed: everything is looked at again (DESIGN promise 6)."""
        instruments.count_labelled(LabelledCounter.RESYNCS, reason)
        logger.warning(
            "Changes may have been missed (%s): every audience is synchronised anew.", reason
        )
        for audience in self._hub:
            audience.resync()
            self._serve(audience)

    # --- evaluations ---

    def _serve(self, audience: Audience) -> None:
        if audience in self._serving or not audience.due or audience not in self._hub:
            return  # whoever serves it takes more work before it ends
        question = audience.key.question
        self._waiting[question][audience] = None
        if self._servants[question] < max(1, setting("EVALUATION_THREADS")):
            self._servants[question] += 1
            self._spawn(self._work_off(question))

    async def _work_off(self, question: Hashable) -> None:
        try:
            await self._start_receiving()
            while cases := self._take(question):
                await self._evaluate(cases)
        except Exception:
            logger.exception("Changes cannot be received.")
        finally:
            # In the same step as the last look for work: whoever brings more from here on starts a
            # new task.
            self._servants[question] -= 1
            if not self._servants[question]:
                del self._servants[question]
                for audience in self._waiting.pop(question, ()):
                    self._lose(audience)
        if self._hub.empty:
            await self._stop_receiving()

    def _take(self, question: Hashable) -> dict[Audience, Case]:
        cases: dict[Audience, Case] = {}
        waiting = self._waiting[question]
        while waiting and len(cases) < _TOGETHER:
            audience = next(iter(waiting))
            del waiting[audience]
            work = audience.take_work()
            if work is not None:
                self._serving.add(audience)
                self._hub.begin(audience)
                cases[audience] = Case(audience.key, audience.known, work)
        return cases

    async def _evaluate(self, cases: dict[Audience, Case]) -> None:
        since = {audience: self._concerned_at.pop(audience, None) for audience in cases}
        try:
            outcomes = await off_loop(evaluate, tuple(cases.values()))
            for audience, outcome in zip(cases, outcomes, strict=True):
                await self._take_in(audience, outcome)
                if (began := since[audience]) is not None:
                    instruments.observe(Timing.LAG, time.monotonic() - began)
        except Exception:
            logger.exception("%d audiences could not be evaluated.", len(cases))
            for audience in cases:
                self._dissolve(audience, internal_error())
        finally:
            for audience in cases:
                self._serving.discard(audience)
                self._serve(audience)

    async def _take_in(self, audience: Audience, outcome: Outcome | Exception) -> None:
        if audience not in self._hub:
            return
        match outcome:
            case Outcome():
                disturbed = self._settle(audience, outcome)
                await self._hand_out(audience, outcome)
                if disturbed:
                    self._renew_who_fetched(audience, outcome)
            case Refusal():
                self._dissolve(audience, outcome)
            case _:
                self._lose(audience)

    def _settle(self, audience: Audience, outcome: Outcome) -> bool:
        """Keep what the audience learnt, and ask anew whether it is concerned by what came while it
        read: it may know of rows by now that it did not know of then. Whether something came, since
        those joined for whom it read, that may concern it.
        """
        reach = audience.known.reach
        came = self._hub.settle(audience, outcome.known, outcome.moves)
        missed = came.reading
        members = audience.known.members or {}
        if missed is None:
            audience.resync()
        elif missed and audience.known.reach != reach:
            unknown = unknown_of(missed, self._hub.index, audience)
            if unknown is None:
                self._mark(Found(missed), time.monotonic(), audience)
            else:
                self._spawn(self._find(missed, unknown, time.monotonic(), audience))
        else:
            for change in missed:
                key = change.pk
                if change.model == audience.model and key is not None and key in members:
                    audience.concern(key)
        return any(each is None or audience.may_rest_on(each) for each in (came.waiting, missed))

    def _renew_who_fetched(self, audience: Audience, outcome: Outcome) -> None:
        """Tell joiners that wait for changes, and may have fetched before something changed that
        nobody would tell them of, to fetch again.
        """
        for joiner in outcome.admitted:
            if joiner not in outcome.welcomes and joiner.selection.speaks_resync:
                audience.renew(joiner)

    async def _hand_out(self, audience: Audience, outcome: Outcome) -> None:
        for selection, payloads in outcome.payloads.items():
            subscribers = audience.subscribers(selection)
            instruments.count(Counter.FRAMES, len(payloads) * len(subscribers))
            for number, subscriber in enumerate(subscribers, 1):
                for payload in payloads:
                    subscriber.deliver(payload)
                if number % _AT_A_STRETCH == 0:
                    await asyncio.sleep(0)
        for joiner, refusal in outcome.refused:
            self._hub.leave(audience, joiner)
            joiner.refuse(refusal)
        welcomed = 0
        for joiner in outcome.admitted:
            if audience.admit(joiner) and joiner in outcome.welcomes:
                joiner.deliver(outcome.welcomes[joiner])
                welcomed += 1
        instruments.count(Counter.FRAMES, welcomed)
        self._poll(audience)

    def _poll(self, audience: Audience) -> None:
        """Look at everything again after a while, where the view says that time changes it."""
        seconds: float | None = audience.key.endpoint.view.realtime_poll
        if seconds is None or audience in self._polled:
            return

        def look() -> None:
            del self._polled[audience]
            audience.refresh()
            self._serve(audience)
            if audience in self._hub and audience not in self._serving:
                self._poll(audience)

        self._polled[audience] = asyncio.get_running_loop().call_later(seconds, look)

    def _dissolve(self, audience: Audience, refusal: Refusal) -> None:
        self._hub.forget(audience)
        for subscriber in audience.dissolve():
            subscriber.refuse(refusal)

    def _lose(self, audience: Audience) -> None:
        """Nobody can say what the audience sees: have its clients come back later."""
        self._hub.forget(audience)
        for subscriber in audience.dissolve():
            subscriber.lose()

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- receiving ---

    async def _start_receiving(self) -> None:
        async with self._switch:
            if not self.listening and not self._hub.empty:
                await self._receiver.start()
                self.listening = True
                self._duties = [
                    asyncio.create_task(self._reconsider_all()),
                    asyncio.create_task(answering()),
                ]

    async def _stop_receiving(self) -> None:
        async with self._switch:
            if self.listening and self._hub.empty:
                self.listening = False
                duties, self._duties = self._duties, []
                for duty in duties:
                    await cancel(duty)
                await self._receiver.stop()
