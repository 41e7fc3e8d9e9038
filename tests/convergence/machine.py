"""Random histories: hypothesis chooses the steps and, where one fails, finds the shortest."""

import sys
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.convergence.faults import FAULTS
from tests.convergence.gate import POINTS
from tests.convergence.history import WAYS, Block, History, Step
from tests.convergence.identity_writes import IDENTITY_WRITES, SWITCH_WRITES
from tests.convergence.link_writes import LINK_WRITES
from tests.convergence.questions import QUESTIONS, board, projects, tasks
from tests.convergence.writes import ROW_WRITES

NUMBERS = st.tuples(*[st.integers(0, 7)] * 4)
WRITES = st.sampled_from((*ROW_WRITES, *LINK_WRITES, *SWITCH_WRITES))
STEPS = st.builds(Step, WRITES, NUMBERS)
IDENTITIES = st.builds(Step, st.sampled_from(IDENTITY_WRITES), NUMBERS)
BLOCKS = st.recursive(
    st.builds(Block, st.lists(STEPS, min_size=1, max_size=3).map(tuple), st.booleans()),
    lambda blocks: st.builds(
        Block, st.lists(STEPS | blocks, min_size=1, max_size=3).map(tuple), st.booleans()
    ),
    max_leaves=3,
)
PERSON = st.integers(0, 5)
ASKS = st.sampled_from((*QUESTIONS, tasks, tasks, board, board, projects))
WAY = st.sampled_from(WAYS)


def on_postgres(_: Any) -> bool:
    """Whether two transactions may write at a time."""
    return connection.vendor == "postgresql"


class Watched(RuleBasedStateMachine):
    """A history that somebody watches, and that ends quietly."""

    threads = 1

    def __init__(self) -> None:
        super().__init__()
        self.history = History(self.threads)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # no step failed
                self.history.quiet()
        finally:
            self.history.close()

    @initialize(
        asked=st.lists(st.tuples(ASKS, NUMBERS), min_size=1, max_size=3),
        watchers=st.lists(st.tuples(PERSON, WAY), min_size=3, max_size=6),
    )
    def begin(self, asked: list[Any], watchers: list[Any]) -> None:
        for index, (person, way) in enumerate(watchers):
            asks, numbers = asked[index % len(asked)]
            self.history.subscribe(person, asks, numbers, way)

    @rule()
    def quiet(self) -> None:
        self.history.quiet()


class Histories(Watched):
    """Each rule is one step of a history."""

    # --- who watches ---

    @rule(person=PERSON, asks=ASKS, numbers=NUMBERS, way=WAY)
    def subscribe(self, person: int, asks: Any, numbers: tuple[int, ...], way: str) -> None:
        self.history.subscribe(person, asks, numbers, way)

    @rule(
        person=PERSON,
        asks=ASKS,
        numbers=NUMBERS,
        way=st.sampled_from(["snapshot", "plain"]),  # the old dialect cannot say: fetch again
        point=st.sampled_from(POINTS),
        meanwhile=STEPS,
    )
    def subscribe_and_be_held(
        self,
        person: int,
        asks: Any,
        numbers: tuple[int, ...],
        way: str,
        point: str,
        meanwhile: Step,
    ) -> None:
        self.history.subscribe(person, asks, numbers, way, point)
        self.history.write(meanwhile.write, meanwhile.numbers)

    @rule(
        how=st.sampled_from([History.unsubscribe, History.hang_up, History.reconnect]),
        which=st.integers(0, 7),
    )
    def leave(self, how: Any, which: int) -> None:
        how(self.history, which)

    # --- who writes ---

    @rule(write=WRITES, numbers=NUMBERS)
    def write(self, write: Any, numbers: tuple[int, ...]) -> None:
        self.history.write(write, numbers)

    @rule(write=WRITES, numbers=NUMBERS)
    def write_and_run(self, write: Any, numbers: tuple[int, ...]) -> None:
        self.history.write(write, numbers)
        self.history.run()

    @rule(block=BLOCKS)
    def transaction(self, block: Block) -> None:
        self.history.transaction(block)

    @rule(write=st.sampled_from(IDENTITY_WRITES), numbers=NUMBERS)
    def change_identity(self, write: Any, numbers: tuple[int, ...]) -> None:
        self.history.write(write, numbers)
        self.history.run()

    @rule(
        steps=st.lists(STEPS | IDENTITIES, min_size=1, max_size=4).map(tuple),
        commit=st.booleans(),
    )
    def change_identity_and_rows_at_once(self, steps: tuple[Step, ...], commit: bool) -> None:
        self.history.transaction(Block(steps, commit))

    @rule(
        how=st.sampled_from([History.log_out, History.end_session, History.log_in]),
        person=PERSON,
    )
    def log_in_or_out(self, how: Any, person: int) -> None:
        how(self.history, person)

    @precondition(on_postgres)
    @rule(write=WRITES, numbers=NUMBERS)
    def write_with_the_other_hand(self, write: Any, numbers: tuple[int, ...]) -> None:
        self.history.write_with_the_other_hand(write, numbers)

    @precondition(lambda self: self.history.other.busy)
    @rule(commit=st.booleans())
    def end_the_other_hand(self, commit: bool) -> None:
        self.history.end_the_other_hand(commit=commit)

    # --- what befalls ---

    @rule(point=st.sampled_from(POINTS), write=STEPS, meanwhile=STEPS)
    def hold_an_evaluation(self, point: str, write: Step, meanwhile: Step) -> None:
        self.history.hold(point)
        self.history.write(write.write, write.numbers)
        self.history.run()
        self.history.write(meanwhile.write, meanwhile.numbers)

    @rule(fault=st.sampled_from(FAULTS), write=WRITES, numbers=NUMBERS)
    def break_layer(self, fault: str, write: Any, numbers: tuple[int, ...]) -> None:
        self.history.break_layer(fault)
        self.history.write(write, numbers)

    @rule()
    def report_a_gap(self) -> None:
        self.history.report_a_gap()

    @rule()
    def run(self) -> None:
        self.history.run()


class RacingHistories(Watched):
    """Rows are written in a thread of its own while evaluations go on, as in production."""

    threads = 4

    @rule(steps=st.lists(STEPS, min_size=1, max_size=8))
    def write(self, steps: list[Step]) -> None:
        self.history.write_meanwhile(steps)


def profile(examples: int, steps: int, **options: Any) -> settings:
    """Settings of so many histories of so many steps."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        **options,
    )
