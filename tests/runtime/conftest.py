"""Users, rows and clients of the to-do project."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework.authtoken.models import Token

from gql_live.testing import GraphQLCommunicator
from tests.asgi import application
from tests.todo.models import List, Task

Connect = Callable[..., Any]
PATIENCE = 5


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, with a deadline."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)  # threads may need the interpreter


@dataclass(frozen=True)
class People:
    """Ada and Grace, each with a list and a token; nothing is shared."""

    ada: Any
    grace: Any
    ada_list: List
    grace_list: List


@pytest.fixture
def people(transactional_db: None) -> People:
    users = [get_user_model().objects.create_user(name, password=name) for name in ("ada", "grace")]
    for user in users:
        Token.objects.create(user=user, key=f"token-{user.get_username()}")
    lists = [List.objects.create(name=f"{u.get_username()}'s", owner=u) for u in users]
    return People(users[0], users[1], lists[0], lists[1])


@pytest.fixture
def task(people: People) -> Task:
    return Task.objects.create(text="Write", list=people.ada_list)


@pytest.fixture
async def connect(people: People) -> AsyncIterator[Connect]:
    """``await connect(user)`` gives a connected client of that user; all are closed at the end."""
    async with AsyncExitStack() as stack:

        async def connected(user: Any = None, **options: Any) -> GraphQLCommunicator:
            app = options.pop("app", application)
            client = GraphQLCommunicator(app, user=user, **options)
            return await stack.enter_async_context(client)

        yield connected
