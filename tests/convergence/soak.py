"""Random histories for a long time: ``make soak``, for half of ``SOAK_MINUTES`` on each database.

What it finds becomes a named history in ``test_histories.py``.
"""

import os
import time

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.convergence.machine import Histories, RacingHistories, profile

SECONDS = 60 * float(os.environ.get("SOAK_MINUTES", "10")) / 2


@pytest.mark.usefixtures("transactional_db")
def test_after_any_history_each_client_holds_what_rest_lists() -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        run_state_machine_as_test(Histories, settings=profile(30, 30))
        run_state_machine_as_test(RacingHistories, settings=profile(5, 8))
