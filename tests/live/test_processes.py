"""Several processes of the example on one database, with Redis between them."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.live.clients import node_client
from tests.live.server import EXAMPLE, ExampleServer, example_environment
from tests.services import REDIS_HOST, REDIS_PORT, require_redis

REDIS = f"redis://{REDIS_HOST}:{REDIS_PORT}/13"
SUBSCRIPTION = "subscription { task(id: 1, snapshot: true) { action instance { text } } }"


@pytest.fixture
async def server(demo_database: Path, tmp_path: Path) -> AsyncIterator[ExampleServer]:
    """The server that the subscriber is at."""
    require_redis()
    database = Path(shutil.copy(demo_database, tmp_path))
    async with ExampleServer(database, REDIS) as running:
        yield running


async def write_at_another_server(database: Path, text: str) -> None:
    """A PATCH to a second server."""
    async with ExampleServer(database, REDIS) as other, other.rest("grace") as rest:
        await rest.patch("tasks/1/", json={"text": text})


async def write_by_a_command(database: Path, text: str) -> None:
    """A process that never imports asgi.py, and ends right after its write."""
    script = (
        "from todolist.models import Task; task = Task.objects.get(pk=1); "
        f"task.text = {text!r}; task.save()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "manage.py",
        "shell",
        "--command",
        script,
        cwd=EXAMPLE,
        env=example_environment(database, REDIS),
    )
    assert await process.wait() == 0


@pytest.mark.parametrize("write", [write_at_another_server, write_by_a_command])
async def test_what_another_process_writes_arrives(
    server: ExampleServer, write: Callable[[Path, str], Awaitable[None]]
) -> None:
    credentials = {"Authorization": "Token demo-ada"}
    async with node_client("graphql_ws.mjs", server.socket_url, credentials) as ada:
        ada.subscribe("task", SUBSCRIPTION)
        assert (await ada.change("task"))["action"] == "SNAPSHOT"
        await write(server.database, "from elsewhere")
        told = await ada.change("task")
        assert told == {"action": "UPDATED", "instance": {"text": "from elsewhere"}}
