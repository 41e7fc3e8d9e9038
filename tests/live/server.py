"""The example project as it runs for people: uvicorn in a process of its own, on a real port."""

import asyncio
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx

from tests.live.requirements import ROOT

EXAMPLE = ROOT / "example"
START_SECONDS = 90  # of several workers, on a machine that has other things to do
STOP_SECONDS = 10


def example_environment(
    database: Path, redis: str = "", layer: str = "channels_redis.core.RedisChannelLayer"
) -> dict[str, str]:
    """The environment of a process of the example: its data is in the SQLite file `database`, its
    channel layer, of the class `layer`, at the address `redis`; without one, in memory.
    """
    settings = {"DJANGO_SETTINGS_MODULE": "todolist.settings", "DATABASE": str(database)}
    return {**os.environ, **settings, "REDIS_URL": redis, "REDIS_LAYER": layer}


class ExampleServer:
    """A server of the example, with so many workers; `async with` starts it and stops it. Its log
    is `database`.log. `redis`: see `example_environment`.
    """

    def __init__(self, database: Path, *redis: str, workers: int = 1) -> None:
        self.database = database
        self._environment = example_environment(database, *redis)
        self._workers = workers
        self.port = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def socket_url(self) -> str:
        """Where subscriptions are."""
        return f"ws://127.0.0.1:{self.port}/graphql/"

    async def start(self) -> None:
        """Start, on any free port or on the one it had before; return when it listens."""
        with self.database.with_suffix(".log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "demo.py",
                str(self.port),
                str(self._workers),
                cwd=EXAMPLE,
                env=self._environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # a group of its own, to be killed with its workers
            )
        try:
            await asyncio.wait_for(self._read_port(), START_SECONDS)
        except BaseException:
            await self.stop(kill=True)
            raise

    async def _read_port(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if found := re.search(rb"http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(found[1])
                return
        raise RuntimeError(f"The example did not start:\n{self.log()}")

    async def stop(self, *, kill: bool = False) -> None:
        """End the processes; `kill` gives them no chance to say goodbye to their clients."""
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            _kill_group(process.pid)
        else:
            process.terminate()
        try:
            await asyncio.wait_for(process.communicate(), STOP_SECONDS)
        except TimeoutError:
            _kill_group(process.pid)
            await process.communicate()
            raise

    @property
    def pid(self) -> int:
        """The process that was started: the server, or the parent of its workers."""
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        """What the server has logged so far."""
        return self.database.with_suffix(".log").read_text()

    def rest(self, user: str) -> httpx.AsyncClient:
        """A REST client of `user`, by token."""
        headers = {"Authorization": f"Token demo-{user}"}
        return httpx.AsyncClient(base_url=f"{self.url}api/", headers=headers)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
