"""Several uvicorn workers on one socket, with Redis between them: `make demo WORKERS=2 REDIS=…`."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from channels_redis.core import RedisChannelLayer
from redis.asyncio import Redis

from gql_live.membership import PROBE_TYPE
from gql_live.publisher import GROUP
from tests.live.processes import connections, family, require_proc
from tests.live.replicas import Replica, replica
from tests.live.server import EXAMPLE, ExampleServer, example_environment
from tests.services import RedisServer

LISTS = "channels_redis.core.RedisChannelLayer"
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"
LAYERS = [pytest.param(LISTS, id="Redis lists"), pytest.param(PUBSUB, id="Redis pub/sub")]
MOST_CONNECTIONS = 200

Replicas = dict[int, Replica]
"""One at each worker, by the worker's process id."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, running."""
    require_proc()
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


def url_of(broker: RedisServer) -> str:
    return f"redis://127.0.0.1:{broker.port}/0"


Serve = Callable[..., ExampleServer]


@pytest.fixture
def serve(demo_database: Path, tmp_path: Path, broker: RedisServer) -> Serve:
    """Makes a server: the class of its layer, and how many workers."""

    def made(layer: str, workers: int = 2) -> ExampleServer:
        database = Path(shutil.copy(demo_database, tmp_path))
        return ExampleServer(database, url_of(broker), layer, workers=workers)

    return made


@asynccontextmanager
async def replica_at_each_worker(server: ExampleServer, workers: int) -> AsyncIterator[Replicas]:
    """The kernel chooses who accepts a connection, so open some until each worker has one."""
    async with AsyncExitStack() as stack:
        found: Replicas = {}
        for _ in range(MOST_CONNECTIONS):
            each = await stack.enter_async_context(replica(server.socket_url))
            found.setdefault(worker_of(server, each), each)
            if len(found) == workers:
                break
        assert len(found) == workers
        yield found


def worker_of(server: ExampleServer, client: Replica) -> int:
    return next(
        pid for pid in family(server.pid) if any(far == client.port for _, far in connections(pid))
    )


async def write(server: ExampleServer, text: str) -> None:
    """Through REST, on a connection of its own, to whichever worker accepts it."""
    async with server.rest("grace") as rest:
        (await rest.patch("tasks/1/", json={"text": text})).raise_for_status()


async def each_is_told_once(server: ExampleServer, replicas: Replicas, texts: list[str]) -> None:
    """Write each of ``texts``, and see that everybody is told of it once, in this order."""
    for each in replicas.values():
        each.told.clear()
    for text in texts:
        await write(server, text)
        for each in replicas.values():
            await each.until(lambda each: each.rows["1"] == text)  # noqa: B023 - awaited here
    expected = [("UPDATED", text) for text in texts]
    assert {pid: each.told for pid, each in replicas.items()} == dict.fromkeys(replicas, expected)


@pytest.mark.parametrize("workers", [2, 4])
@pytest.mark.parametrize("layer", LAYERS)
async def test_the_clients_of_every_worker_are_told_of_each_change_once(
    serve: Serve, layer: str, workers: int
) -> None:
    async with (
        serve(layer, workers) as server,
        replica_at_each_worker(server, workers) as replicas,
    ):
        await each_is_told_once(server, replicas, [f"Note {number}" for number in range(8)])


async def overflow(broker: RedisServer, _worker: int) -> None:
    """Fill the channels of the group, of which the frozen worker's alone stays full."""
    layer = RedisChannelLayer(hosts=[url_of(broker)])
    for _ in range(2 * layer.capacity):
        await layer.group_send(GROUP, {"type": PROBE_TYPE, "channel": "nobody's"})
    await layer.close_pools()


async def cut(broker: RedisServer, worker: int) -> None:
    """Have the broker forget the worker: it hears of that, and comes back, once it is thawed."""
    near_ports = {near for near, _ in connections(worker)}
    async with Redis(port=broker.port) as redis:
        for client in await redis.client_list(_type="pubsub"):
            if int(client["addr"].rpartition(":")[2]) in near_ports:
                await redis.client_kill(client["addr"])


@pytest.mark.parametrize(
    ("layer", "lose"),
    [
        pytest.param(LISTS, overflow, id="its channel is full"),
        pytest.param(PUBSUB, cut, id="its connection is cut"),
    ],
)
async def test_what_a_worker_lost_reaches_its_clients_all_the_same(
    serve: Serve,
    broker: RedisServer,
    layer: str,
    lose: Callable[[RedisServer, int], Awaitable[None]],
) -> None:
    async with serve(layer) as server, replica_at_each_worker(server, 2) as replicas:
        (frozen, deprived), (_, other) = replicas.items()
        os.kill(frozen, signal.SIGSTOP)
        try:
            await lose(broker, frozen)
            await write(server, "lost")
            await other.until(lambda each: each.rows["1"] == "lost")
        finally:
            os.kill(frozen, signal.SIGCONT)
        await deprived.until(lambda each: each.snapshots == 2)
        assert deprived.rows == other.rows
        await each_is_told_once(server, replicas, ["heard", "again"])


@pytest.mark.parametrize("layer", LAYERS)
async def test_when_the_broker_comes_back_everybody_has_what_was_written_meanwhile(
    serve: Serve, broker: RedisServer, layer: str
) -> None:
    async with serve(layer) as server, replica_at_each_worker(server, 2) as replicas:
        broker.kill()
        await write(server, "meanwhile")
        broker.start()
        for each in replicas.values():
            await each.until(lambda each: each.rows["1"] == "meanwhile")
        # Told or taken anew: whichever it was, all go on from there.
        await write(server, "afterwards")
        for each in replicas.values():
            await each.until(lambda each: each.rows["1"] == "afterwards")


def test_several_workers_without_a_broker_are_refused(demo_database: Path) -> None:
    started = subprocess.run(
        [sys.executable, "demo.py", "0", "2"],
        cwd=EXAMPLE,
        env=example_environment(demo_database),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 1
    assert "2 workers need REDIS=redis://127.0.0.1:6379/0" in started.stderr
