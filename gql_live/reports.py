"""What the processes of a project say of their instruments, asked for over the channel layer.

Asking has a group of its own: nothing that is said there can be taken for a change, or for the loss
of one.
"""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from gql_live.cancellation import cancel
from gql_live.instruments import instruments
from gql_live.membership import close_layer, own_layer
from gql_live.publisher import cross_process_layer

logger = logging.getLogger("gql_live")

GROUP: Final = "gql_live.instruments"
QUESTION: Final = "gql_live.instruments.question"

JOIN_DEADLINE: Final = 5.0
LEAVE_DEADLINE: Final = 1.0
# A broker forgets the members of a group: after a day, or when it starts anew.
REJOIN_EVERY: Final = 600.0
RETRY_AFTER: Final = 1.0
ASK_EVERY: Final = 0.5


async def answering() -> None:
    """Say what the instruments of this process show to whoever asks, until cancelled.

    A channel layer that does not work is tried again, in silence: others say that it does not.
    Returns at once where none reaches other processes.
    """
    while cross_process_layer() is not None:
        try:
            async with asyncio.timeout(REJOIN_EVERY), own_channel(GROUP) as (layer, channel):
                while True:
                    await _answer(layer, await layer.receive(channel))
        except Exception as error:
            logger.debug("gql_live: nobody can ask for the instruments now: %r", error)
        await asyncio.sleep(RETRY_AFTER)


async def ask(seconds: float) -> list[dict[str, Any]]:
    """What each process shows that answers within so many seconds, in the order of their names.

    That is ``Snapshot.as_dict()`` and the ``process``. Raises what the channel layer raises, and
    ``TimeoutError`` where it does not answer.
    """
    reports: dict[str, dict[str, Any]] = {}
    async with own_channel() as (layer, channel):
        collecting = asyncio.create_task(_collect(layer, channel, reports))
        try:
            async with asyncio.timeout(seconds + JOIN_DEADLINE):
                await _ask_again_and_again(layer, channel, seconds, collecting)
        finally:
            await cancel(collecting)
        if not collecting.cancelled():
            collecting.result()
    return [reports[process] for process in sorted(reports)]


async def _ask_again_and_again(
    layer: Any, channel: str, seconds: float, collecting: "asyncio.Task[None]"
) -> None:
    """Ask until the time is over: Redis' pub/sub may not know the channel yet that is asked by."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0 and not collecting.done():
        await layer.group_send(GROUP, {"type": QUESTION, "reply_to": channel})
        await asyncio.wait({collecting}, timeout=min(left, ASK_EVERY))


async def _collect(layer: Any, channel: str, reports: dict[str, dict[str, Any]]) -> None:
    while True:
        report = await layer.receive(channel)
        reports[report["process"]] = report


@asynccontextmanager
async def own_channel(group: str | None = None) -> AsyncIterator[tuple[Any, str]]:
    """A channel layer object of the block's own, and a channel of it, which is a member of the
    group.

    Raises what the channel layer raises, and ``TimeoutError`` where it does not answer.
    """
    layer = own_layer()
    try:
        async with asyncio.timeout(JOIN_DEADLINE):
            channel: str = await layer.new_channel()
            if group is not None:
                await layer.group_add(group, channel)
        yield layer, channel
    finally:
        with suppress(Exception):
            async with asyncio.timeout(LEAVE_DEADLINE):
                if group is not None:
                    await layer.group_discard(group, channel)
        with suppress(Exception):
            async with asyncio.timeout(LEAVE_DEADLINE):
                await close_layer(layer)


async def _answer(layer: Any, message: Mapping[str, Any]) -> None:
    if message.get("type") == QUESTION:
        process = f"{socket.gethostname()}, process {os.getpid()}"
        report = {"process": process, **instruments.read().as_dict()}
        await layer.send(message["reply_to"], report)
