"""What is published, heard by real receivers."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Self
from uuid import uuid4

import pytest
from pytest_django import Settings
from redis import Redis

from gql_live import pubsub
from gql_live.changes import Change, ChangeKind
from gql_live.publisher import Publisher
from gql_live.pubsub import Receiver
from tests.services import REDIS_HOST, REDIS_PORT, is_listening, require_redis

REDIS_LAYERS = {
    "Redis lists": "channels_redis.core.RedisChannelLayer",
    "Redis pub/sub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}


PREFIX = f"gql_live.tests.{os.getpid()}."


def redis_layer(backend: str, port: int = REDIS_PORT, **config: Any) -> dict[str, Any]:
    """Return CHANNEL_LAYERS for a Redis, apart from everybody else who uses it."""
    config = {"hosts": [(REDIS_HOST, port)], "prefix": PREFIX + uuid4().hex, **config}
    return {"default": {"BACKEND": backend, "CONFIG": config}}


def row(pk: int | str) -> Change:
    """Return some change, told apart by its key."""
    return Change("library.genre", pk, ChangeKind.UPDATED)


def rows(count: int, start: int = 0) -> list[Change]:
    """Return so many different changes."""
    return [row(pk) for pk in range(start, start + count)]


@pytest.fixture(scope="session", autouse=True)
def _clean_redis() -> Iterator[None]:
    """Leave nothing behind in a Redis that others use, too."""
    yield
    if is_listening(REDIS_HOST, REDIS_PORT):
        with Redis(host=REDIS_HOST, port=REDIS_PORT) as redis:
            for key in redis.scan_iter(f"{PREFIX}*"):
                redis.delete(key)


@pytest.fixture(autouse=True)
def _own_publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each test be a process of its own, for which no earlier one left an outage behind."""
    publisher = Publisher()
    monkeypatch.setattr(pubsub._process, "publisher", publisher)
    yield
    publisher.close(0)


class Published:
    """The changes that reached a receiver of this process."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._changes: list[Change] = []
        self.receiver = Receiver(self._changes.extend, pytest.fail)

    def take(self, models: str = "library.") -> list[Change]:
        """Return what arrived of some models since the last call, in order."""
        self._loop.run_until_complete(asyncio.sleep(0))
        taken = [change for change in self._changes if change.model.startswith(models)]
        self._changes.clear()
        return taken


@pytest.fixture
def published() -> Iterator[Published]:
    """Listen on a loop that runs only while something is taken: a sync test stays in charge."""
    loop = asyncio.new_event_loop()
    heard = Published(loop)
    loop.run_until_complete(heard.receiver.start())
    yield heard
    loop.run_until_complete(heard.receiver.stop())
    loop.close()


class Ear(logging.Handler):
    """A receiver of the running loop that remembers what it hears and what is logged."""

    def __init__(self, probe_every: float = 10.0) -> None:
        super().__init__()
        self.changes: list[Change] = []
        self.gaps: list[str] = []
        self.log: list[str] = []
        self.receiver = Receiver(self._heard, self._missed, probe_every=probe_every)
        self._stirred = asyncio.Event()

    async def until(self, condition: Callable[[], object], deadline: float = 20.0) -> None:
        """Wait until what was heard or logged makes the condition true; fail after a deadline."""
        try:
            async with asyncio.timeout(deadline):
                while not condition():
                    self._stirred.clear()
                    await self._stirred.wait()
        except TimeoutError:
            pytest.fail(f"heard only {self.changes[-5:]}, missed {self.gaps}, logged {self.log}")

    async def until_logged(self, words: str) -> None:
        """Wait for a log message of the package that contains these words."""
        await self.until(lambda: any(words in line for line in self.log))

    def emit(self, record: logging.LogRecord) -> None:
        """Remember a log message, from any thread."""
        self.log.append(record.getMessage())
        with suppress(RuntimeError):  # said by a thread that outlives the test's loop
            self._loop.call_soon_threadsafe(self._stirred.set)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        logging.getLogger("gql_live").addHandler(self)
        await self.receiver.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.receiver.stop()
        logging.getLogger("gql_live").removeHandler(self)

    def _heard(self, changes: Sequence[Change]) -> None:
        self.changes.extend(changes)
        self._stirred.set()

    def _missed(self, reason: str) -> None:
        self.gaps.append(reason)
        self._stirred.set()


@pytest.fixture(params=list(REDIS_LAYERS.values()), ids=list(REDIS_LAYERS))
def redis(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Use each of the two Redis layers; returns its class name."""
    require_redis()
    settings.CHANNEL_LAYERS = redis_layer(request.param)
    backend: str = request.param
    return backend


@pytest.fixture
def other() -> Iterator[Publisher]:
    """Publish as another process does."""
    publisher = Publisher()
    yield publisher
    publisher.close(5)
