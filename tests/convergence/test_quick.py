"""Random histories, as many as a run of the suite has time for; ``make soak`` runs more."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.convergence.machine import Histories, RacingHistories, profile


@pytest.mark.usefixtures("transactional_db")
def test_after_any_history_each_client_holds_what_rest_lists() -> None:
    run_state_machine_as_test(Histories, settings=profile(18, 12))


@pytest.mark.usefixtures("transactional_db")
def test_so_it_does_where_rows_are_written_during_evaluations() -> None:
    run_state_machine_as_test(RacingHistories, settings=profile(6, 4))
