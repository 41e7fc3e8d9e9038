"""Who writes while the broker is stopped, or killed, notices nothing; the others get to know."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from django.db import connections, transaction
from pytest_django import Settings

from gql_live.changes import Change, Gap
from gql_live.membership import Membership
from gql_live.publisher import SEND_DEADLINE
from tests.publish.conftest import REDIS_LAYERS, redis_layer
from tests.publish.library.models import Genre
from tests.services import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 2
WRITES = 50
DEADLINE = 60.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server


@pytest.fixture(params=list(REDIS_LAYERS.values()), ids=list(REDIS_LAYERS))
def _layer(request: pytest.FixtureRequest, settings: Settings, server: RedisServer) -> None:
    settings.CHANNEL_LAYERS = redis_layer(request.param, server.port)


@pytest.fixture
def writers() -> Iterator[ThreadPoolExecutor]:
    """Threads that write."""
    with ThreadPoolExecutor(WRITERS) as threads:
        yield threads


class Neighbour:
    """Another process, as far as the broker knows."""

    def __init__(self) -> None:
        self.keys: set[int] = set()
        self.gaps: list[Gap] = []
        self._stirred = asyncio.Event()

    def hear(self, changes: Sequence[Change]) -> None:
        self.keys |= {int(change.pk or 0) for change in changes if change.model == "library.genre"}
        self._stirred.set()

    def miss(self, gap: Gap) -> None:
        self.gaps.append(gap)
        self._stirred.set()

    async def until_it_has(self, keys: range) -> None:
        """Wait until it has heard of these rows, or knows that it missed some."""
        async with asyncio.timeout(DEADLINE):
            while not (self.gaps or self.keys.issuperset(keys)):
                self._stirred.clear()
                await self._stirred.wait()


@asynccontextmanager
async def neighbour() -> AsyncIterator[Neighbour]:
    heard = Neighbour()
    membership = Membership("a neighbour", heard.hear, heard.miss, probe_every=0.5)
    holding = asyncio.create_task(membership.hold())
    await membership.first_attempt()
    yield heard
    membership.release()
    await holding


def write(keys: range) -> float:
    """Write rows, every other one in a transaction; the longest that one took, in seconds."""
    longest = 0.0
    for pk in keys:
        began = time.monotonic()
        if pk % 2:
            Genre.objects.create(pk=pk)
        else:
            with transaction.atomic():
                Genre.objects.bulk_create([Genre(pk=pk)])
                Genre.objects.filter(pk=pk).update(name="x")
        longest = max(longest, time.monotonic() - began)
    connections.close_all()
    return longest


async def write_all(writers: ThreadPoolExecutor, start: int) -> range:
    """Have all writers write at the same time, and see that none of them waited."""
    shares = [
        range(start + writer * WRITES, start + (writer + 1) * WRITES) for writer in range(WRITERS)
    ]
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(DEADLINE):
        longest = await asyncio.gather(
            *(loop.run_in_executor(writers, write, share) for share in shares)
        )
    assert max(longest) < SEND_DEADLINE, "a writer waited for the broker"
    keys = range(start, start + WRITERS * WRITES)
    assert await loop.run_in_executor(writers, stored, keys) == len(keys)
    return keys


def stored(keys: range) -> int:
    try:
        return Genre.objects.filter(pk__in=keys).count()
    finally:
        connections.close_all()


@pytest.mark.usefixtures("_layer")
async def test_while_the_broker_is_stopped_writes_succeed_and_are_heard_of_later(
    server: RedisServer, writers: ThreadPoolExecutor
) -> None:
    async with neighbour() as heard:
        await heard.until_it_has(await write_all(writers, 1000))
        server.freeze()
        written = await write_all(writers, 2000)  # to the end, though nobody answers
        assert not heard.keys & set(written)
        server.thaw()
        await heard.until_it_has(written)
        heard.gaps.clear()
        await heard.until_it_has(await write_all(writers, 3000))


@pytest.mark.usefixtures("_layer")
async def test_while_the_broker_is_down_writes_succeed_and_the_gap_is_noticed(
    server: RedisServer, writers: ThreadPoolExecutor
) -> None:
    async with neighbour() as heard:
        await heard.until_it_has(await write_all(writers, 1000))
        assert heard.gaps == []
        server.kill()
        await write_all(writers, 2000)
        server.start()
        await heard.until_it_has(range(9000, 9001))  # which it never has
        assert heard.gaps
        heard.gaps.clear()
        await heard.until_it_has(await write_all(writers, 3000))
