"""Processes that never import asgi.py publish, too: commands, workers, their children."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from textwrap import dedent

import pytest
from pytest_django import Settings

from gql_live.changes import Change, ChangeKind
from tests.publish.conftest import REDIS_LAYERS, Ear, redis_layer, row
from tests.services import REDIS_PORT, free_port, require_redis

ROOT = Path(__file__).parents[2]
SET_UP = """
import os
import django
from django.core.management import call_command
django.setup()
from gql_live.changes import Change, ChangeKind
from gql_live.pubsub import flush, publish

def row(pk):
    return Change("library.genre", pk, ChangeKind.UPDATED)
"""


async def run(script: str, settings: Settings) -> str:
    """Run a script in a process of its own and return what it printed."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.publish.worker_settings",
        "CHANNEL_LAYERS": json.dumps(settings.CHANNEL_LAYERS),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SET_UP + dedent(script),
        stdout=PIPE,
        stderr=STDOUT,
        cwd=ROOT,
        env=environment,
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


@pytest.mark.usefixtures("redis")
async def test_a_management_command_that_ends_right_after_its_write(settings: Settings) -> None:
    async with Ear() as ear:
        printed = await run(
            """
            call_command("migrate", run_syncdb=True, verbosity=0)
            call_command("add_shelf", "top")
            """,
            settings,
        )
        await ear.until(lambda: ear.changes)
        assert ear.changes == [Change("library.shelf", 1, ChangeKind.CREATED)]
        assert ear.gaps == []
    assert printed == ""


async def test_the_last_write_of_a_process_whose_broker_has_a_name(settings: Settings) -> None:
    """Names are resolved in an executor, and those take no more work when a process ends."""
    require_redis()
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"])
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = [f"redis://localhost:{REDIS_PORT}"]
    async with Ear() as ear:
        printed = await run("publish([row(1)])", settings)
        await ear.until(lambda: ear.changes)
        assert ear.changes == [row(1)]
    assert printed == ""


@pytest.mark.usefixtures("redis")
async def test_forked_children_publish_under_names_of_their_own(settings: Settings) -> None:
    async with Ear() as ear:
        await run(
            """
            publish([row("before")])
            assert flush(10)
            children = []
            for number in range(3):
                child = os.fork()
                if child == 0:
                    publish([row(f"child {number}")])
                    assert flush(10)
                    os._exit(0)
                children.append(child)
            publish([row("after")])
            for child in children:
                assert os.waitpid(child, 0)[1] == 0
            """,
            settings,
        )
        expected = {row("before"), row("after"), *(row(f"child {number}") for number in range(3))}
        await ear.until(lambda: len(ear.changes) >= len(expected))
        assert set(ear.changes) == expected
        assert len(ear.changes) == len(expected)
        assert ear.gaps == []


async def test_a_command_whose_broker_is_down_ends_and_says_what_is_lost(
    settings: Settings,
) -> None:
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], free_port())
    printed = await run("publish([row(1)])", settings)
    assert "could not be published before exit" in printed
