"""Two users, one of whom has tasks."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.sharing.opening import Everybody
from tests.todo.models import List, Task


@pytest.fixture
def everybody(db: None) -> Everybody:
    users: Any = get_user_model().objects
    ada, grace = users.create_user("ada"), users.create_user("grace", is_staff=True)
    mine = List.objects.create(name="Ada's", owner=ada)
    Task.objects.bulk_create(
        [Task(text="Write", list=mine), Task(text="Read", list=mine, done=True)]
    )
    return Everybody(ada, grace)
