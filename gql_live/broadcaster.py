"""Changes in, audiences evaluated, payloads out. One per event loop.

An audience is served by one task at a time, which takes all the work that has gathered, has it
evaluated in a thread and hands out what came of it. So events of one audience are never out of
order, and a burst becomes one evaluation.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import ClassVar
from weakref import WeakKeyDictionary

from gql_live.audience import Audience, AudienceKey, Key, Subscriber
from gql_live.cancellation import cancel
from gql_live.changes import EVERYBODY, IDENTITY, Change
from gql_live.conf import setting
from gql_live.evaluation import Outcome, evaluate
from gql_live.exceptions import Refusal, internal_error
from gql_live.hub import Hub
from gql_live.limits import ConnectionCount
from gql_live.pubsub import Receiver
from gql_live.resolvers import off_loop

logger = logging.getLogger("gql_live")

_AT_A_STRETCH = 200
"""Subscribers that are told before the loop has a turn for others."""

_SECOND_LOOK = 0.5
"""Seconds after which an identity that changed is looked at once more."""


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
        self._serving: set[Audience] = set()
        self._tasks: set[asyncio.Task[None]] = set()

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

    async def settled(self) -> None:
        """Wait until every change and every subscriber that is known has been evaluated."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def rest(self) -> None:
        """Where nobody listens any more: receive nothing, and await what still runs."""
        if self._hub.empty:
            await self._stop_receiving()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _changed(self, changes: Sequence[Change]) -> None:
        for audience in self._hub.concerned(changes):
            self._serve(audience)
        users = {change.pk for change in changes if change.model == IDENTITY}
        if users:
            self._reconsider_users(users)
            # Once more: what tells of a logout comes before the session has ended.
            asyncio.get_running_loop().call_later(_SECOND_LOOK, self._reconsider_users, users)

    def _reconsider_users(self, users: Collection[Key]) -> None:
        for audience in self._hub:
            if audience.user in users or EVERYBODY in users:
                self._reconsider(audience)

    def _reconsider(self, audience: Audience) -> None:
        audience.reconsider()
        self._serve(audience)

    async def _reconsider_all(self) -> None:
        """Look at every audience again within ``RECONSIDER_EVERY`` seconds, one after the other.

        What nobody tells of (a permission that an external service takes back, a token that ran
        out) counts within that time (DESIGN promise 5).
        """
        while True:
            # A pass takes half of the time: who joins behind it is reached by the next one.
            pause: float = setting("RECONSIDER_EVERY") / 2 / max(1, len(self._hub))
            for audience in self._hub:
                await asyncio.sleep(pause)
                if not audience.empty:
                    self._reconsider(audience)

    def missed(self, reason: str) -> None:
        """Changes may have been missed: everything is looked at again (DESIGN promise 6)."""
        logger.warning(
            "Changes may have been missed (%s): every audience is synchronised anew.", reason
        )
        for audience in self._hub:
            audience.resync()
            self._serve(audience)

    def _serve(self, audience: Audience) -> None:
        if audience in self._serving:
            return  # its task takes more work before it ends
        self._serving.add(audience)
        task = asyncio.get_running_loop().create_task(self._work_off(audience))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work_off(self, audience: Audience) -> None:
        try:
            await self._start_receiving()
            while (work := audience.take_work()) is not None:
                outcome = await off_loop(evaluate, audience.key, audience.members, work)
                await self._hand_out(audience, outcome)
        except Refusal as refusal:
            self._dissolve(audience, refusal)
        except Exception:
            logger.exception(
                "An audience of %s could not be evaluated.", audience.key.endpoint.name
            )
            self._dissolve(audience, internal_error())
        finally:
            # In the same step as the last look for work: whoever brings more from here on starts a
            # new task.
            self._serving.discard(audience)
        if self._hub.empty:
            await self._stop_receiving()

    async def _hand_out(self, audience: Audience, outcome: Outcome) -> None:
        audience.members = outcome.members
        audience.user = outcome.user
        for selection, payloads in outcome.payloads.items():
            for number, subscriber in enumerate(audience.subscribers(selection), 1):
                for payload in payloads:
                    subscriber.deliver(payload)
                if number % _AT_A_STRETCH == 0:
                    await asyncio.sleep(0)
        for joiner, refusal in outcome.refused:
            self._hub.leave(audience, joiner)
            joiner.refuse(refusal)
        for joiner in outcome.admitted:
            if audience.admit(joiner) and joiner.selection.snapshot:
                joiner.deliver(outcome.snapshots[joiner.selection])

    def _dissolve(self, audience: Audience, refusal: Refusal) -> None:
        self._hub.forget(audience)
        for subscriber in audience.dissolve():
            subscriber.refuse(refusal)

    async def _start_receiving(self) -> None:
        async with self._switch:
            if not self.listening and not self._hub.empty:
                await self._receiver.start()
                self.listening = True
                self._reconsidering = asyncio.create_task(self._reconsider_all())

    async def _stop_receiving(self) -> None:
        async with self._switch:
            if self.listening and self._hub.empty:
                self.listening = False
                reconsidering = self._reconsidering
                del self._reconsidering  # ended, it would hold the audience that it came to
                await cancel(reconsidering)
                await self._receiver.stop()
