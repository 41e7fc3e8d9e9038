"""Histories for a long time: ``make soak``, for half of ``SOAK_MINUTES`` on each database.

What it finds becomes a named history in ``test_histories.py``.
"""

import os
import time

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.convergence.history import WAYS, History, Write
from tests.convergence.identity_writes import IDENTITY_WRITES, SWITCH_WRITES
from tests.convergence.link_writes import LINK_WRITES
from tests.convergence.machine import Histories, RacingHistories, profile
from tests.convergence.questions import QUESTIONS
from tests.convergence.writes import ROW_WRITES

SECONDS = 60 * float(os.environ.get("SOAK_MINUTES", "10")) / 2
EVERY_WRITE = (*ROW_WRITES, *LINK_WRITES, *IDENTITY_WRITES, *SWITCH_WRITES)


@pytest.mark.parametrize("write", EVERY_WRITE)
def test_each_way_to_write_is_told_to_everybody(history: History, write: Write) -> None:
    for index, asks in enumerate(QUESTIONS):
        for person in (index, index + 1):
            history.subscribe(person, asks, (0, index), WAYS[(index + person) % len(WAYS)])
    for numbers in ((0, 0, 0, 0), (1, 2, 3, 1), (2, 7, 1, 0)):
        history.write(write, numbers)
        history.quiet()


@pytest.mark.usefixtures("transactional_db")
def test_after_any_history_each_client_holds_what_rest_lists() -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        run_state_machine_as_test(Histories, settings=profile(30, 30))
        run_state_machine_as_test(RacingHistories, settings=profile(5, 8))
