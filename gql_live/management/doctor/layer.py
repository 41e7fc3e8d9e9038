"""The channel layer: which it is, and whether what is sent to a group comes back."""

import asyncio
import os
import time
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

from channels.layers import get_channel_layer

from gql_live.cancellation import cancel
from gql_live.management.doctor.findings import Finding, broken, note, ok, warning
from gql_live.membership import PROBE_EVERY
from gql_live.publisher import cross_process_layer
from gql_live.reports import own_channel

DEADLINE: Final = 5.0
"""Seconds that a probe has to come back."""

SEND_EVERY: Final = 0.5


def examine_layer() -> Iterator[Finding]:
    """The default channel layer."""
    try:
        layer = cross_process_layer()
    except Exception as error:
        yield broken("layer.configuration", f"CHANNEL_LAYERS: {error}.")
        return
    if layer is None:
        yield _of_one_process()
        return
    name = f"{type(layer).__module__}.{type(layer).__name__}"
    try:
        milliseconds = asyncio.run(_round_trip()) * 1000
    except Exception as error:
        said = str(error) or "no answer in time"
        yield broken(
            "layer.broken",
            f"{name} does not carry a message from a group to its member: {said} "
            f"({type(error).__name__}).",
            "See CHANNEL_LAYERS and the broker. Writes go on; other processes do not hear of them.",
        )
    else:
        yield ok("layer.works", f"{name}: a probe came back in {milliseconds:.1f} ms.")
    yield from _limits(layer)


def _of_one_process() -> Finding:
    layer = "There is no channel layer" if get_channel_layer() is None else "The layer is in memory"
    said = f"{layer}: subscribers hear only of what the process that they are connected to writes."
    remedy = "With several processes, use channels_redis (pip install 'gql-live[redis]')."
    if os.environ.get("WEB_CONCURRENCY", "1") != "1":
        return warning("layer.one-process", f"{said} And WEB_CONCURRENCY is not 1.", remedy)
    return note("layer.one-process", said, remedy)


async def _round_trip() -> float:
    """The seconds that a message takes to a group of our own and back."""
    group = f"gql_live.doctor.{uuid4().hex}"
    async with own_channel(group) as (layer, channel), asyncio.timeout(DEADLINE):
        receiving = asyncio.create_task(layer.receive(channel))
        try:
            while not receiving.done():  # Redis' pub/sub may not know the channel yet
                start = time.perf_counter()
                await layer.group_send(group, {"type": "gql_live.doctor"})
                await asyncio.wait({receiving}, timeout=SEND_EVERY)
            receiving.result()
        finally:
            await cancel(receiving)
        return time.perf_counter() - start


def _limits(layer: Any) -> Iterator[Finding]:
    # Not by getattr: channels_redis.pubsub asks an event loop for every attribute that it lacks.
    capacity, expiry = vars(layer).get("capacity"), vars(layer).get("group_expiry")
    if expiry is not None and expiry < 2 * PROBE_EVERY:
        yield broken(
            "layer.group-expiry",
            f"group_expiry is {expiry} s: groups are forgotten before they are joined again, which "
            f"happens every {PROBE_EVERY:.0f} s.",
            "Leave it at a day (86400).",
        )
    if capacity is None:
        return  # channels_redis.pubsub: messages wait in the memory of who receives them
    said = f"A process that falls {capacity} messages behind loses some and synchronises anew."
    if capacity < 100:
        yield warning("layer.capacity", said, "Raise CONFIG['capacity']; the default is 100.")
    else:
        yield ok("layer.capacity", said)
