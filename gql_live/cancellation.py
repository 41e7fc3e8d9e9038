"""Ending a task for certain."""

import asyncio
from typing import Any, Final

INSIST_EVERY: Final = 0.1


async def cancel(task: "asyncio.Task[Any]") -> None:
    """Cancel a task until it has ended; its result or exception stays with it.

    Once is not enough before Python 3.12: ``asyncio.wait_for``, through which redis-py sends,
    loses a cancellation that comes as it finishes, and a task that reads in a loop would then
    read for ever.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=INSIST_EVERY)
