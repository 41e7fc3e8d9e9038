"""The database of a test, while communicators are open in it.

A ``TestCase`` keeps a transaction open around each test and rolls it back at the end, so nothing
in it ever commits. What a test writes there is taken as committed once every atomic block of the
project's has ended, as it would be without the ``TestCase``.
"""

import asyncio
from typing import Any, ClassVar, Final
from unittest.mock import patch
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import connections
from django.test import override_settings

from gql_live.commits import publish_now
from gql_live.conf import configured

LOOK_EVERY: Final = 0.01
"""Seconds between two looks: the end of a savepoint gives no sign."""


class Database:
    """What holds while a communicator is open on this event loop.

    Channels leaves the connections of the test's threads open. Within a ``TestCase``, moreover,
    what is written is published, and views run in its own thread: no other sees its rows.
    """

    _of_loops: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Database"]] = (
        WeakKeyDictionary()
    )

    def __init__(self) -> None:
        self._clients: set[object] = set()
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @classmethod
    def running(cls) -> "Database":
        """That of the running event loop."""
        return cls._of_loops.setdefault(asyncio.get_running_loop(), cls())

    async def enter(self, client: object) -> None:
        """A communicator opens. What was written before is published to nobody."""
        self._clients.add(client)
        if self._task is None:
            self._ready.clear()
            self._task = asyncio.create_task(self._hold())
        await self._ready.wait()

    async def leave(self, client: object) -> None:
        """It closes; harmless for one that did not open."""
        self._clients.discard(client)
        if not self._clients and self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait({task})

    async def _hold(self) -> None:
        # A task, so that a test that forgets to close leaves nothing behind its loop. Channels does
        # this patch itself, but only in its communicators' own calls.
        with patch("channels.db.close_old_connections", _leave_open):
            try:
                if await _look():
                    await self._publish()
            finally:
                self._ready.set()
            await asyncio.Event().wait()

    async def _publish(self) -> None:
        with override_settings(GQL_LIVE={**configured(), "EVALUATION_THREADS": 0}):
            self._ready.set()
            while True:
                await _look()
                await asyncio.sleep(LOOK_EVERY)


def _leave_open() -> None:
    """Close no connection: with that of a ``TestCase``, its transaction would be lost."""


@sync_to_async
def _look() -> bool:
    """Publish what counts as committed on this thread's connections. Whether any of them is in a
    ``TestCase``.
    """
    within = [
        connection
        for connection in connections.all(initialized_only=True)
        if connection.atomic_blocks and _of_testcase(connection.atomic_blocks[0])
    ]
    for connection in within:
        if all(map(_of_testcase, connection.atomic_blocks)):
            publish_now(connection)
    return bool(within)


def _of_testcase(atomic: Any) -> bool:
    return bool(atomic._from_testcase)  # noqa: SLF001 - Django's own mark of these blocks
