"""What the instruments of other processes show, asked for over Redis."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from redis import ConnectionError, Redis  # noqa: A004 - its own

from gql_live.cancellation import cancel
from gql_live.instruments import Counter, Gauge, LabelledCounter, Timing
from gql_live.reports import GROUP, QUESTION, answering, ask, own_channel
from tests.instruments.conftest import answering_process
from tests.publish.conftest import REDIS_LAYERS, redis_layer
from tests.services import RedisServer, free_port

EVERY_NAME = {str(name) for kind in (Counter, LabelledCounter, Timing, Gauge) for name in kind}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, which is running."""
    with RedisServer(tmp_path) as server:
        yield server


@pytest.fixture(params=list(REDIS_LAYERS.values()), ids=list(REDIS_LAYERS))
def layers(
    request: pytest.FixtureRequest, settings: Settings, server: RedisServer
) -> dict[str, Any]:
    """Each of the two Redis layers, in the settings."""
    layers = redis_layer(request.param, server.port)
    settings.CHANNEL_LAYERS = layers
    return layers


async def ask_until_answered(number: int) -> list[dict[str, Any]]:
    """The reports, once so many processes answer."""
    async with asyncio.timeout(30):
        while len(reports := await ask(0.3)) != number:
            pass
    return reports


async def test_every_process_answers_with_all_its_instruments(layers: dict[str, Any]) -> None:
    with answering_process(layers) as one, answering_process(layers) as other:
        reports = await ask_until_answered(2)
    assert {report["process"] for report in reports} == {
        f"{socket.gethostname()}, process {process}" for process in (one, other)
    }
    for report in reports:
        assert set(report) == {"process", "seconds", *EVERY_NAME}
        assert report["seconds"] > 0
        assert (report["frames"], report["audiences"]) == (7, 3)
        assert report["resyncs"] == {"lost": 2}
        assert report["lag_seconds"] == {"count": 1, "mean": 0.5, "longest": 0.5}


@pytest.mark.usefixtures("layers")
async def test_where_nobody_answers_there_is_nothing() -> None:
    assert await ask(0.1) == []


@pytest.mark.usefixtures("layers")
async def test_a_process_that_answers_no_more_leaves_nothing_in_redis(server: RedisServer) -> None:
    answers = asyncio.create_task(answering())
    await ask_until_answered(1)
    await cancel(answers)
    assert await ask(0.3) == []
    with Redis(port=server.port) as redis:
        assert redis.keys("*group*") == []


@pytest.mark.usefixtures("layers")
async def test_what_is_no_question_is_passed_over() -> None:
    answers = asyncio.create_task(answering())
    await ask_until_answered(1)
    async with own_channel() as (layer, channel):
        await layer.group_send(GROUP, {"type": "of another version", "reply_to": channel})
        await layer.group_send(GROUP, {"type": QUESTION, "reply_to": channel})
        assert set(await layer.receive(channel)) == {"process", "seconds", *EVERY_NAME}
    await cancel(answers)


@pytest.mark.usefixtures("layers")
async def test_a_process_answers_again_when_redis_is_back(server: RedisServer) -> None:
    answers = asyncio.create_task(answering())
    await ask_until_answered(1)
    server.kill()
    with pytest.raises(ConnectionError):
        await ask(0.1)
    server.start()
    await ask_until_answered(1)
    await cancel(answers)


async def test_without_a_layer_between_processes_nobody_waits_for_questions(
    settings: Settings,
) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    async with asyncio.timeout(5):
        await answering()


async def test_a_redis_that_is_down_is_said_to_who_asks(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], free_port())
    with pytest.raises(ConnectionError):
        await ask(1)
