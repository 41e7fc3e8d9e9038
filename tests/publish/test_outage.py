"""A broker that is slow, down, killed, restarted or forgetful costs no write and hides no loss."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from pytest_django import Settings
from redis.asyncio import Redis

from gql_live.changes import Gap
from gql_live.instruments import Counter, Gauge, instruments
from gql_live.publisher import Publisher
from gql_live.pubsub import flush, publish
from tests.publish.conftest import REDIS_LAYERS, Ear, redis_layer, row, rows
from tests.services import RedisServer, free_port

SOON = 0.2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """Return a Redis that is not running yet."""
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture(params=list(REDIS_LAYERS.values()), ids=list(REDIS_LAYERS))
def _layer(request: pytest.FixtureRequest, settings: Settings, server: RedisServer) -> None:
    settings.CHANNEL_LAYERS = redis_layer(request.param, server.port)


@pytest.mark.usefixtures("_layer")
async def test_with_the_broker_down_publishing_returns_at_once_and_the_log_says_so_once() -> None:
    other = Publisher()
    async with Ear() as ear:
        started = monotonic()
        for change in rows(1000):
            publish([change])
            other.put([change])
        assert monotonic() - started < 2  # a thousand of them; one attempt to connect takes longer
        await ear.until(lambda: len(ear.changes) == 1000)
        await ear.until_logged("do not leave")
        assert ear.changes == rows(1000)
    assert len([line for line in ear.log if "do not leave" in line]) <= 2  # one a publisher
    other.close(0)


@pytest.mark.usefixtures("_layer")
async def test_what_waits_for_the_broker_and_what_it_took_is_counted(server: RedisServer) -> None:
    instruments.reset()
    async with Ear() as ear:
        publish(rows(7))
        await ear.until_logged("do not leave")
        shown = instruments.read()
        # Those that are being tried have left the queue.
        assert shown.gauges[Gauge.PUBLISH_QUEUE] == shown.counts[Counter.PUBLISHED] == 0
        publish(rows(5))
        assert instruments.read().gauges[Gauge.PUBLISH_QUEUE] == 5
        server.start()
        await ear.until_logged("leave this process again")
        assert await asyncio.to_thread(flush, 20)
    shown = instruments.read()
    assert shown.gauges[Gauge.PUBLISH_QUEUE] == 0
    assert shown.counts[Counter.PUBLISHED] == 12


@pytest.mark.usefixtures("_layer")
async def test_started_with_the_broker_down_a_receiver_joins_when_it_comes_up(
    server: RedisServer,
) -> None:
    other = Publisher()
    async with Ear() as ear:
        publish([row("own")])
        await ear.until(lambda: ear.changes == [row("own")])
        assert ear.gaps == []
        server.start()
        await ear.until(lambda: ear.gaps)
        assert ear.gaps == [Gap.REJOINED]
        other.put([row(1)])
        await ear.until(lambda: row(1) in ear.changes)
        assert ear.gaps == [Gap.REJOINED]
    other.close(5)


@pytest.mark.usefixtures("_layer")
async def test_when_the_broker_is_killed_and_comes_back_the_gap_is_told_and_all_goes_on(
    server: RedisServer,
) -> None:
    other = Publisher()
    server.start()
    async with Ear(probe_every=SOON) as ear:
        other.put([row(1)])
        await ear.until(lambda: row(1) in ear.changes)
        server.kill()
        await ear.until_logged("do not arrive")
        publish([row("own")])
        other.put([row(2)])
        await ear.until(lambda: row("own") in ear.changes)
        await ear.until_logged("do not leave")
        assert ear.gaps == []
        server.start()
        await ear.until(lambda: ear.gaps)
        await ear.until_logged("leave this process again")
        other.put([row(3)])
        await ear.until(lambda: row(3) in ear.changes)
        # Whichever is noticed first: that it joined anew, or that a number is missing.
        assert set(ear.gaps) <= {Gap.REJOINED, Gap.LOST}
    other.close(5)


@pytest.mark.usefixtures("_layer")
async def test_when_a_slow_broker_lets_the_queue_overflow_the_receivers_are_told(
    server: RedisServer,
) -> None:
    other = Publisher(capacity=3)
    server.start()
    async with Ear() as ear:
        other.put([row(1)])
        await ear.until(lambda: row(1) in ear.changes)
        assert other.flush(5)
        server.freeze()
        for change in rows(20, start=2):
            other.put([change])
        server.thaw()
        await ear.until(lambda: row(21) in ear.changes)
        assert set(ear.gaps) == {Gap.LOST}
        assert len(ear.changes) < 20
    other.close(5)


@pytest.mark.usefixtures("_layer")
async def test_the_queue_survives_the_outage(server: RedisServer) -> None:
    other = Publisher()
    for change in rows(100):
        other.put([change])
    assert not other.flush(0.01)
    server.start()
    assert await asyncio.to_thread(other.flush, 15)
    other.close(5)


async def test_a_broker_that_forgets_its_groups_is_joined_again(
    settings: Settings, server: RedisServer
) -> None:
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], server.port)
    other = Publisher()
    server.start()
    redis = Redis(port=server.port)
    async with Ear(probe_every=SOON) as ear:
        other.put([row(1)])
        await ear.until(lambda: row(1) in ear.changes)
        assert other.flush(5)
        await redis.flushall()
        other.put([row(2)])
        assert other.flush(5)
        other.put([row(3)])
        await ear.until(lambda: row(3) in ear.changes or ear.gaps)
        await ear.until(lambda: ear.gaps)
        other.put([row(4)])
        await ear.until(lambda: row(4) in ear.changes)
    await redis.aclose()
    other.close(5)


async def test_a_connection_that_times_out_when_idle_is_no_gap(
    settings: Settings, server: RedisServer
) -> None:
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], server.port)
    address = f"redis://127.0.0.1:{server.port}"
    hosts = [{"address": address, "socket_timeout": 0.1}]
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = hosts
    other = Publisher()
    server.start()
    redis = Redis(port=server.port)
    async with Ear() as ear:
        while (await redis.info("stats"))["total_connections_received"] < 20:
            continue  # each time-out costs a connection
        other.put([row(1)])
        await ear.until(lambda: ear.changes)
        assert (ear.changes, ear.gaps, ear.log) == ([row(1)], [], [])
    await redis.aclose()
    other.close(5)


async def test_a_broker_that_never_answers_does_not_hold_the_start_up(settings: Settings) -> None:
    connected: list[asyncio.StreamWriter] = []

    async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(writer)

    port = free_port()
    silence = await asyncio.start_server(keep_silent, "127.0.0.1", port)
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], port)
    async with Ear() as ear:
        publish([row(1)])
        await ear.until(lambda: ear.changes)
    silence.close()
    for writer in connected:
        writer.close()
    await silence.wait_closed()
