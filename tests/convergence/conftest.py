"""A history for a test that names its steps."""

from collections.abc import Iterator

import pytest

from tests.convergence.history import History


@pytest.fixture
def history(transactional_db: None) -> Iterator[History]:
    """One that ends quietly."""
    made = History()
    with made.told():
        yield made
