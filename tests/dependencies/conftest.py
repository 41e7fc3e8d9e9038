"""Models beside the fixture apps'."""

from collections.abc import Iterator

import pytest
from django.test.utils import isolate_apps

from tests.dependencies.museum import Museum, build


@pytest.fixture
def museum() -> Iterator[Museum]:
    """Models that are in no database."""
    with isolate_apps("tests.dependencies"):
        yield build()
