"""A history: people who watch, hands that write, and what has to be true whenever all is quiet.

A step writes while the event loop stands still. Before the loop runs again, until nothing is left
to do or an evaluation is held at a gate, what REST lists is noted: no evaluation can have read
anything else.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction
from django.test import override_settings

from gql_live.broadcaster import Broadcaster
from gql_live.conf import configured
from tests.convergence.clients import Connection, Event, Person, RestLiveConnection, Subscription
from tests.convergence.faults import Layer
from tests.convergence.gate import GATE
from tests.convergence.hands import OtherHand, Undone
from tests.convergence.identity_writes import IDENTITY_WRITES
from tests.convergence.ledger import Ledger
from tests.convergence.questions import SELECTIONS, Asks
from tests.convergence.world import Choices, NothingToChoose, User, World, hurried

T = TypeVar("T")

PATIENCE: Final = 0.4
PATIENCE_WITH_IDENTITIES: Final = 1.5
"""Seconds in which clients must have been told, once the broadcaster says that it has settled: of
who somebody is, it looks a second time (DESIGN promise 5: within a second).
"""

ATTEMPTS: Final = 5
"""How often a client asks again before it counts as refused for good."""

Write = Callable[[World, Choices], None]
WAYS: Final = ("snapshot", "plain", "rest-live")


@dataclass(frozen=True)
class Step:
    """One write within a transaction."""

    write: Write
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Block:
    """An atomic block, with others in it, that ends well or not."""

    steps: "tuple[Step | Block, ...]"
    commit: bool = True


class History:
    """What happens, step by step; each step fails where a promise is broken."""

    def __init__(self, threads: int = 1) -> None:
        """With one thread that evaluates, a history goes the same way each time."""
        self._stack = ExitStack()
        self._layer = self._stack.enter_context(Layer().installed())
        options = {**configured(), "EVALUATION_THREADS": threads}
        self._stack.enter_context(override_settings(GQL_LIVE=options))
        self._stack.enter_context(_silenced("django.request"))
        self._stack.enter_context(_silenced("gql_live"))
        self._faults = self._stack.enter_context(_errors_of("gql_live"))
        self._runner = self._stack.enter_context(asyncio.Runner())
        self._stack.enter_context(hurried())
        self.world = World()
        ada, grace, _, root = self.world.users
        self.people = [
            Person.logged_in(ada),
            Person.logged_in(grace),
            Person.with_token("eve", "token-eve"),
            Person.logged_in(root),
            Person.logged_in(ada),
            Person("anybody"),
        ]
        self.other = OtherHand()
        self.connections: list[Connection] = []
        self._ledger = Ledger()
        self._written = False
        self._failed = False
        self._identities = False
        self.tolerant = False
        """Whether errors may be logged: those of the project's own code."""

    # --- who watches ---

    def subscribe(
        self,
        person: int,
        asks: Asks,
        numbers: Sequence[int] = (),
        way: str = "snapshot",
        held: str | None = None,
    ) -> None:
        """Somebody follows something, on a connection that is open already if there is one.

        The numbers choose the row that is asked for, and then what is selected. The first
        evaluation is ``held`` at a point of it, if one is named.
        """
        GATE.open()
        choose = Choices(numbers)
        with suppress(NothingToChoose):
            question = asks(choose)
            kind: type[Connection] = Connection
            selections = SELECTIONS[question.fields]
            if way == "rest-live" and question.model:
                kind, selections = RestLiveConnection, selections[:1]
            selection = selections[choose.number() % len(selections)]
            line = self._connection(self.people[person % len(self.people)], kind)
            if line is not None:
                if held is not None:
                    GATE.close(held)
                self._run(
                    line.subscribe(
                        question, selection, snapshot=way == "snapshot" and kind is Connection
                    )
                )
                if held is not None:
                    # What it has read by now will be told, whatever is written meanwhile.
                    self._ledger.note([each for _, each in self._subscriptions()])
                self.run()

    def unsubscribe(self, which: int) -> None:
        """Somebody has seen enough."""
        if found := self._subscriptions():
            line, subscription = found[which % len(found)]
            self._run(line.stop(subscription))

    def hang_up(self, which: int) -> None:
        """A connection ends."""
        GATE.open()
        if self.connections:
            self._run(self.connections.pop(which % len(self.connections)).close())

    def reconnect(self, which: int) -> None:
        """A connection ends, and its client comes back with the same questions."""
        if not self.connections:
            return
        line = self.connections[which % len(self.connections)]
        self.hang_up(which)
        if (anew := self._connection(line.person, type(line), shared=False)) is not None:
            for old in line.subscriptions.values():
                self._run(anew.subscribe(old.question, old.selection, snapshot=old.snapshot))
            self.run()

    def log_out(self, person: int) -> None:
        """Somebody logs out; the client stays where it is."""
        one = self.people[person % len(self.people)]
        if one.session is not None:
            self._identities = True
            self._do(one.rest.logout)

    def end_session(self, person: int) -> None:
        """A session is deleted; the client stays where it is."""
        session = self.people[person % len(self.people)].session
        if session is not None:
            self._identities = True
            self._do(Session.objects.filter(pk=session).delete)

    def log_in(self, person: int) -> None:
        """Somebody comes back, with a new session."""
        index = person % len(self.people)
        user = User.objects.filter(username=self.people[index].name, is_active=True).first()
        if user is not None:
            self._identities = True
            self._do(lambda: self.people.__setitem__(index, Person.logged_in(user)))

    # --- who writes ---

    def write(self, write: Write, numbers: Sequence[int] = ()) -> None:
        """In autocommit."""
        self._do(lambda: self._perform(Step(write, tuple(numbers))))

    def transaction(self, block: Block) -> None:
        """In a transaction."""
        self._do(lambda: self._perform(block))

    def write_with_the_other_hand(self, write: Write, numbers: Sequence[int] = ()) -> None:
        """In a transaction that stays open, on another connection."""
        self.other.begin()
        try:
            self.other.do(lambda: self._perform(Step(write, tuple(numbers))))
        except OperationalError:
            self.other.end(commit=False)

    def end_the_other_hand(self, *, commit: bool) -> None:
        """That transaction ends."""
        self._do(lambda: self.other.end(commit=commit))

    def write_meanwhile(self, steps: Sequence[Step]) -> None:
        """In another thread, while the loop runs and evaluates; each step in a transaction, so that
        what REST shows after it is all that anybody can have read.
        """
        self._ledger.racing = self._ledger.torn = True

        async def wait() -> None:
            await asyncio.wrap_future(self.other.start(write_all))

        def write_all() -> None:
            watching = [each for _, each in self._subscriptions()]
            for step in steps:
                self._perform(Block((step,)))
                self._ledger.note(watching)

        if not self.other.busy:
            self._run(wait())
            self._written = True
            self.run()

    def _perform(self, step: Step | Block) -> None:
        if isinstance(step, Step):
            self._identities |= step.write in IDENTITY_WRITES
            with suppress(NothingToChoose):
                step.write(self.world, Choices(step.numbers))
            return
        with suppress(Undone), transaction.atomic():
            for each in step.steps:
                self._perform(each)
            if not step.commit:
                raise Undone

    def _do(self, work: Callable[[], object]) -> None:
        if GATE.holding:
            self._ledger.torn = True
        self._written = True
        try:
            work()
        except OperationalError:
            if not self.other.busy:
                raise

    # --- what befalls ---

    def hold(self, point: str) -> None:
        """Keep the next evaluation that comes to a point of it."""
        if not GATE.holding:
            GATE.close(point)

    def break_layer(self, fault: str) -> None:
        """Have changes lost, late, or twice, from now on."""
        self._soon(self._layer.heal)
        self._soon(lambda: setattr(self._layer, "fault", fault))

    def report_a_gap(self) -> None:
        """Say that changes may have been missed."""
        self._soon(lambda: Broadcaster.running().missed("told by a history"))

    def run(self) -> None:
        """Let the loop run until it has nothing to do, or somebody is held; look at what came."""
        self._run(_nothing())
        self._look()

    # --- what has to be true ---

    @contextmanager
    def told(self) -> Iterator[None]:
        """A whole history: all is quiet in the end, unless it failed before."""
        try:
            yield
            if not self._failed:
                self.quiet()
        finally:
            self.close()

    def quiet(self) -> None:
        """Let everything come to its end: then each client holds what REST lists."""
        self.end_the_other_hand(commit=True)
        GATE.open()
        self._soon(self._layer.heal)
        self._failed = True  # unless it comes to its end
        for _ in range(ATTEMPTS):
            self._agree()
            if not self._come_back():
                break
        else:
            raise AssertionError("whoever subscribes anew is refused, where REST answers")
        assert self.tolerant or not self._faults, self._faults[0]
        self._ledger.clear()
        self._identities = False
        for _, subscription in self._subscriptions():
            subscription.exact = subscription.ended is None
        self._failed = False

    def close(self) -> None:
        """Leave nothing behind."""
        GATE.open()
        self.other.close()
        for line in self.connections:
            self._run(line.close())
        self._run(_rest())
        self._stack.close()

    def _agree(self) -> None:
        """Wait until the clients that are told something hold what REST lists."""
        deadline = time.monotonic() + (PATIENCE_WITH_IDENTITIES if self._identities else PATIENCE)
        self.run()
        while wrong := self._differences():
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(wrong))
            self._run(asyncio.sleep(0.02))
            self.run()

    def _differences(self) -> list[str]:
        return [
            difference
            for _, subscription in self._subscriptions()
            if subscription.ended is None
            for difference in self._ledger.differences(subscription)
        ]

    def _come_back(self) -> bool:
        """Have those who were refused ask once more, where REST answers them by now. Whether there
        were any.
        """
        refused = [
            (line, subscription)
            for line, subscription in self._subscriptions()
            if subscription.ended is not None and self._ledger.latest(subscription).status == 200
        ]
        for line, old in refused:
            self._run(line.stop(old))
            anew = self._connection(line.person, type(line)) if line.closed is not None else line
            assert anew is not None, f"{line.person.name} is refused, where REST answers"
            asking = anew.subscribe(old.question, old.selection, snapshot=old.snapshot)
            self._run(asking)
        return bool(refused)

    # --- how it goes on ---

    def _connection(
        self, person: Person, kind: type[Connection], *, shared: bool = True
    ) -> Connection | None:
        if shared:
            for line in self.connections:
                if line.person is person and type(line) is kind and line.closed is None:
                    return line
        line = kind(person)
        if not self._run(line.open()):
            return None
        self.connections.append(line)
        return line

    def _subscriptions(self) -> list[tuple[Connection, Subscription]]:
        return [(line, each) for line in self.connections for each in line.subscriptions.values()]

    def _look(self) -> None:
        for line, subscription in self._subscriptions():
            frames, subscription.frames = subscription.frames, []
            events = [line.event(frame) for frame in frames]
            if line.closed is not None and subscription.ended is None:
                events.append(Event("END", code=line.closed))
            for event in events:
                self._ledger.judge(subscription, event)
            if not subscription.snapshot and not subscription.loaded and subscription.ended is None:
                subscription.hold(self._ledger.load(subscription))
                subscription.loaded = True

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the loop until ``work`` is done and nothing is left to do: an evaluation that went on
        beside the next step would make another history of it each time.
        """
        if self._written:
            self._written = False
            self._ledger.note([each for _, each in self._subscriptions()])

        async def run() -> T:
            result = await work
            await self._until_idle()
            return result

        return self._runner.run(run())

    def _soon(self, work: Callable[[], None]) -> None:
        """Have the loop do it when it runs."""
        self._runner.get_loop().call_soon(work)

    async def _until_idle(self) -> None:
        """Return when two looks in a row find nothing new, or when somebody is held."""
        quiet = 0
        while quiet < 2:
            read = sum(line.read for line in self.connections)
            settling = asyncio.ensure_future(_settled())
            while not (await asyncio.wait({settling}, timeout=0.002))[0]:
                if GATE.holding:
                    settling.cancel()
                    return
            quiet = quiet + 1 if read == sum(line.read for line in self.connections) else 0


async def _nothing() -> None: ...


async def _settled() -> None:
    await asyncio.sleep(0)  # what was written stands in the loop's inbox
    await Broadcaster.running().settled()
    for _ in range(10):  # turns for those who write to sockets, and those who read them
        await asyncio.sleep(0)


async def _rest() -> None:
    await _settled()
    await Broadcaster.running().rest()


@contextmanager
def _silenced(name: str) -> Iterator[None]:
    """Let only errors be logged meanwhile: refusals and gaps are what a history is made of."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _errors_of(name: str) -> Iterator[list[str]]:
    """The errors that are logged meanwhile, with their tracebacks."""
    said: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(self.format(record))

    keeper = Keeper(logging.ERROR)
    logging.getLogger(name).addHandler(keeper)
    try:
        yield said
    finally:
        logging.getLogger(name).removeHandler(keeper)
