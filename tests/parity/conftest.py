"""Users, with rows in every app that has a router."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser

from tests.parity import walk
from tests.parity.asking import Asker
from tests.parity.rows import make_rows


def _make() -> list[Any]:
    users = get_user_model().objects
    made = [users.create_user("ada"), users.create_user("grace"), users.create_superuser("root")]
    make_rows(walk.routers())
    return [AnonymousUser(), *made]


@pytest.fixture
def askers(db: None) -> Sequence[Asker]:
    """Somebody unknown, two users and a superuser."""
    return [Asker(user) for user in _make()]


@pytest.fixture
def committed_askers(transactional_db: None) -> Sequence[Asker]:
    """The same, for what reads in other threads."""
    return [Asker(user) for user in _make()]
