"""The contract of publish and Receiver, over every way to travel."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from channels.layers import channel_layers
from pytest_django import Settings

from gql_live import pubsub
from gql_live.cancellation import cancel
from gql_live.changes import Batch, Change, Gap
from gql_live.publisher import BATCH_CAPACITY, GROUP, Publisher
from gql_live.pubsub import Receiver, flush, publish
from tests.publish.conftest import REDIS_LAYERS, Ear, redis_layer, row, rows
from tests.services import require_redis

IN_MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
WAYS: dict[str, Callable[[], dict[str, Any]]] = {
    "no channel layer": dict,
    "the in-memory layer": lambda: IN_MEMORY,
    **{name: partial(redis_layer, backend) for name, backend in REDIS_LAYERS.items()},
}


@pytest.fixture(params=list(WAYS))
def _way(request: pytest.FixtureRequest, settings: Settings) -> None:
    if request.param in REDIS_LAYERS:
        require_redis()
    settings.CHANNEL_LAYERS = WAYS[request.param]()


every_way = pytest.mark.usefixtures("_way")
between_processes = pytest.mark.usefixtures("redis")


def publish_all(changes: Iterable[Change]) -> None:
    for change in changes:
        publish([change])


async def send(*batches: Batch) -> None:
    """Say something in the group, as a foreign process does."""
    layer = channel_layers.make_backend("default")
    for batch in batches:
        await layer.group_send(GROUP, batch.to_message())


# Within a process.


@every_way
async def test_own_changes_arrive_in_order_and_once() -> None:
    async with Ear() as ear:
        publish_all(rows(1000))
        assert flush(10)  # to the broker, too, which brings them back
        publish([row("last")])
        await ear.until(lambda: row("last") in ear.changes)
        assert ear.changes == [*rows(1000), row("last")]
        assert ear.gaps == []


@every_way
async def test_threads_publish_at_the_same_time() -> None:
    async with Ear() as ear:
        threads = [
            threading.Thread(target=publish_all, args=(rows(200, start=200 * number),))
            for number in range(5)
        ]
        for thread in threads:
            thread.start()
        await ear.until(lambda: len(ear.changes) == 1000)
        assert sorted(ear.changes, key=lambda change: int(change.pk or 0)) == rows(1000)
        for number in range(5):
            of_thread = [change for change in ear.changes if int(change.pk or 0) // 200 == number]
            assert of_thread == rows(200, start=200 * number)


@every_way
async def test_every_loop_of_the_process_hears() -> None:
    ready = threading.Barrier(3)
    heard: list[list[Change]] = []

    async def listen() -> None:
        async with Ear() as ear:
            await asyncio.to_thread(ready.wait)
            await ear.until(lambda: row("last") in ear.changes)
            heard.append(ear.changes)
            assert ear.gaps == []

    loops = [asyncio.to_thread(asyncio.run, listen()) for _ in range(2)]
    listening = asyncio.gather(*loops)
    await asyncio.to_thread(ready.wait)
    publish_all([*rows(10), row("last")])
    await listening
    assert heard == [[*rows(10), row("last")]] * 2


@every_way
async def test_after_stop_nothing_arrives_and_nothing_is_left() -> None:
    before = asyncio.all_tasks()
    async with Ear() as ear, Ear() as witness:
        publish([row(1)])
        await ear.receiver.stop()
        await ear.receiver.stop()
        publish([row(2)])
        await witness.until(lambda: row(2) in witness.changes)
        assert ear.changes == []
    assert asyncio.all_tasks() == before


@every_way
async def test_a_receiver_starts_again_after_a_stop() -> None:
    ear = Ear()
    async with ear:
        pass
    async with ear:
        publish([row(1)])
        await ear.until(lambda: ear.changes == [row(1)])


async def test_a_receiver_that_listens_cannot_be_started() -> None:
    async with Ear() as ear:
        with pytest.raises(RuntimeError, match="started already"):
            await ear.receiver.start()


@every_way
async def test_a_listener_that_raises_hears_on(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(changes: object) -> None:
        raise ValueError("not today")

    receiver = Receiver(refuse, refuse)
    await receiver.start()
    async with Ear() as ear:
        publish([row(1)])
        publish([row(2)])
        await ear.until(lambda: len(ear.changes) == 2)
    await receiver.stop()
    assert "changes were not taken in" in caplog.text


@every_way
def test_a_loop_that_was_closed_without_a_stop_is_forgotten() -> None:
    receiver = Receiver(lambda _: pytest.fail("heard"), pytest.fail)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(receiver.start())
    for task in asyncio.all_tasks(loop):
        loop.run_until_complete(cancel(task))
    loop.close()
    publish([row(1)])
    publish([row(2)])


async def test_a_loop_that_is_too_far_behind_is_told_of_a_gap(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.CHANNEL_LAYERS = IN_MEMORY
    monkeypatch.setattr(pubsub, "INBOX_CAPACITY", 3)
    async with Ear() as ear:
        publish_all(rows(4))  # all of it before the loop comes to look
        await ear.until(lambda: ear.changes)
        assert (ear.gaps, ear.changes) == ([Gap.OVERFLOW], [row(3)])
        publish([row(4)])
        await ear.until(lambda: row(4) in ear.changes)
        assert ear.gaps == [Gap.OVERFLOW]


# Between processes.


@between_processes
async def test_changes_of_another_process_arrive_in_order_and_once(other: Publisher) -> None:
    async with Ear() as ear:
        for change in rows(3 * BATCH_CAPACITY):
            other.put([change])
        await ear.until(lambda: len(ear.changes) >= 3 * BATCH_CAPACITY)
        other.put([row("last")])
        await ear.until(lambda: row("last") in ear.changes)
        assert ear.changes == [*rows(3 * BATCH_CAPACITY), row("last")]
        assert ear.gaps == []


@between_processes
async def test_every_process_hears_every_other(other: Publisher) -> None:
    third = Publisher()
    async with Ear() as ear:
        other.put([row(1)])
        third.put([row(2)])
        publish([row(3)])
        await ear.until(lambda: len(ear.changes) == 3)
        assert set(ear.changes) == {row(1), row(2), row(3)}
    third.close(5)


@between_processes
async def test_many_changes_travel_in_few_messages(other: Publisher) -> None:
    layer = channel_layers.make_backend("default")
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    for change in rows(2 * BATCH_CAPACITY):
        other.put([change])
    heard: list[Batch] = []
    while sum(len(batch.changes) for batch in heard) < 2 * BATCH_CAPACITY:
        batch = Batch.from_message(await layer.receive(channel))
        if batch.sender == other.sender and batch.changes:
            heard.append(batch)
    assert [change for batch in heard for change in batch.changes] == rows(2 * BATCH_CAPACITY)
    assert [batch.sequence for batch in heard] == list(range(1, len(heard) + 1))
    assert max(len(batch.changes) for batch in heard) <= BATCH_CAPACITY
    assert len(heard) < 10


@between_processes
async def test_what_was_sent_long_before_we_joined_is_not_missing() -> None:
    async with Ear() as ear:
        await send(Batch("x", 2, (row(2),), quiet=60.0))
        await ear.until(lambda: ear.changes)
        assert (ear.changes, ear.gaps) == ([row(2)], [])


@between_processes
async def test_a_message_that_never_arrives_shows_at_the_next() -> None:
    async with Ear() as ear:
        await send(Batch("x", 1, (row(1),)), Batch("x", 3, (row(3),)))
        await ear.until(lambda: len(ear.changes) == 2)
        assert (ear.changes, ear.gaps) == ([row(1), row(3)], [Gap.LOST])


@between_processes
async def test_the_first_message_of_a_process_that_never_arrives_shows_at_its_second() -> None:
    async with Ear() as ear:
        await send(Batch("x", 2, (row(2),), quiet=0.0))
        await ear.until(lambda: ear.changes)
        assert ear.gaps == [Gap.LOST]


@between_processes
async def test_a_last_message_that_never_arrives_shows_at_a_heartbeat() -> None:
    async with Ear() as ear:
        await send(Batch("x", 1, (row(1),)), Batch("x", 2))
        await ear.until(lambda: ear.gaps)
        assert (ear.changes, ear.gaps) == ([row(1)], [Gap.LOST])


@between_processes
async def test_a_message_that_is_repeated_is_heard_once() -> None:
    async with Ear() as ear:
        first, second = Batch("x", 1, (row(1),)), Batch("x", 2, (row(2),))
        await send(first, first, second, first, Batch("x", 3, (row(3),)))
        await ear.until(lambda: row(3) in ear.changes)
        assert (ear.changes, ear.gaps) == (rows(3, start=1), [])


@between_processes
async def test_a_message_of_another_version_may_have_said_something() -> None:
    layer = channel_layers.make_backend("default")
    async with Ear() as ear:
        await layer.group_send(GROUP, {**Batch("x", 1).to_message(), "version": 99})
        await ear.until(lambda: ear.gaps)
        assert ear.gaps == [Gap.UNREADABLE]
        await ear.until_logged("version 99")
        await send(Batch("y", 1, (row(1),)))
        await ear.until(lambda: ear.changes)


@between_processes
async def test_publishing_processes_send_heartbeats_for_a_while(other: Publisher) -> None:
    layer = channel_layers.make_backend("default")
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    other.put([row(1)])
    heard: list[Batch] = []
    while len(heard) < 2:
        batch = Batch.from_message(await layer.receive(channel))
        if batch.sender == other.sender:
            heard.append(batch)
    assert heard[0].changes == (row(1),)
    assert heard[1] == Batch(other.sender, 1, quiet=heard[1].quiet)
    assert heard[1].quiet > 0.5


async def test_what_a_full_channel_drops_is_noticed(settings: Settings, other: Publisher) -> None:
    require_redis()
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], capacity=3)
    async with Ear() as ear:
        ear_is_busy = threading.Event()

        def fill() -> None:
            """Keep the receiving loop busy while more arrives than its channel holds."""
            for change in rows(10):
                other.put([change])
                assert other.flush(10)
            ear_is_busy.set()

        asyncio.get_running_loop().call_soon(fill)
        await ear.until(lambda: ear.gaps)
        assert ear_is_busy.is_set()
        assert ear.gaps == [Gap.LOST]
        assert ear.changes == rows(len(ear.changes))
        assert len(ear.changes) < 10
        other.put([row("last")])
        await ear.until(lambda: row("last") in ear.changes)
