"""Users, rows and races for requests over HTTP, and that nothing is left of a stream."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gql_live.broadcaster import Broadcaster
from tests.runtime.conftest import People, people, task, until
from tests.runtime.test_races import gate
from tests.todo.models import Task

__all__ = ["gate", "people", "task"]


@pytest.fixture
async def nothing_left() -> AsyncIterator[None]:
    """After the test no task runs that did not run before, and nobody listens."""
    before = asyncio.all_tasks()
    yield
    here = {asyncio.current_task()}
    await until(lambda: not Broadcaster.running().listening)
    await until(lambda: asyncio.all_tasks() - here <= before)


@pytest.fixture
def tasks(people: People) -> list[Task]:
    """Three of Ada's, one of Grace's."""
    rows = [
        Task(text="Milk", list=people.ada_list),
        Task(text="Bread", list=people.ada_list, done=True),
        Task(text="Milk and honey", list=people.ada_list, priority="high"),
        Task(text="Milk of Grace's", list=people.grace_list),
    ]
    return Task.objects.bulk_create(rows)
