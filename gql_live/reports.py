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

from gql_live.instruments import instruments
from gql_live.membership import _close, _own_layer
from gql_live.publisher import cross_process_layer

logger = logging.getLogger("gql_live")

GROUP: Final = "gql_live.instruments"
QUESTION: Final = "gql_live.instruments.question"

JOIN_DEADLINE: Final = 5.0
LEAVE_DEADLINE: Final = 1.0
# A broker forgets the members of a group: after a day, or when it starts anew.
REJOIN_EVERY: Final = 600.0
RETRY_AFTER: Final = 1.0


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
        async with asyncio.timeout(JOIN_DEADLINE):
            await layer.group_send(GROUP, {"type": QUESTION, "reply_to": channel})
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    report = await layer.receive(channel)
                    reports[report["process"]] = report
    return [reports[process] for process in sorted(reports)]


@asynccontextmanager
async def own_channel(group: str | None = None) -> AsyncIterator[tuple[Any, str]]:
    """A channel layer object of the block's own, and a channel of it, which is a member of the
    group.

    Raises what the channel layer raises, and ``TimeoutError`` where it does not answer.
    """
    layer = _own_layer()
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
                await _close(layer)


async def _answer(layer: Any, message: Mapping[str, Any]) -> None:
    if message.get("type") == QUESTION:
        process = f"{socket.gethostname()}, process {os.getpid()}"
        report = {"process": process, **instruments.read().as_dict()}
        await layer.send(message["reply_to"], report)
