"""The official npm clients, driven by lines of JSON (see `tests/clients/lines.mjs`)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.live.requirements import ROOT, node_program

Event = dict[str, Any]

PROGRAMS = ROOT / "tests" / "clients"
EVENT_SECONDS = 30


class NodeClient:
    """A GraphQL client in a Node process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._commands = process.stdin
        self._events = process.stdout

    def subscribe(self, operation: str, query: str, **variables: object) -> None:
        """Begin an operation called `operation` in the events."""
        self._command(do="subscribe", id=operation, query=query, variables=variables)

    def unsubscribe(self, operation: str) -> None:
        """Lose interest in an operation."""
        self._command(do="unsubscribe", id=operation)

    async def next_messages(self) -> int:
        """How many `next` messages the server has sent, to whichever operation."""
        self._command(do="count")
        return int((await self.event("count"))["next"])

    async def event(self, kind: str, operation: str | None = None) -> Event:
        """The next event, which must be of this kind and operation; the socket's are left out."""
        while (event := await self._next())["event"] in {"connected", "closed"}:
            pass
        assert (event["event"], event.get("id")) == (kind, operation), event
        return event

    async def close_code(self) -> int:
        """The code that the socket, which nothing else must have happened on, closes with."""
        event = await self._next()
        assert event["event"] == "closed", event
        return int(event["code"])

    async def change(self, operation: str) -> Event:
        """The change in the next event, which must be one of `operation`."""
        payload = (await self.event("next", operation))["payload"]
        assert "errors" not in payload, payload
        [change] = payload["data"].values()
        return dict(change)

    async def _next(self) -> Event:
        line = await asyncio.wait_for(self._events.readline(), EVENT_SECONDS)
        event: Event = json.loads(line)
        return event

    def _command(self, **command: object) -> None:
        self._commands.write(json.dumps(command).encode() + b"\n")


@asynccontextmanager
async def node_client(program: str, url: str, credentials: Event) -> AsyncIterator[NodeClient]:
    """The client `program` (a file of tests/clients), its socket at `url`, until the block ends."""
    process = await asyncio.create_subprocess_exec(
        node_program(),
        str(PROGRAMS / program),
        url,
        json.dumps(credentials),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield NodeClient(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def play(scenario: str, *arguments: str) -> Event:
    """Run a browser scenario to its end; what it reports. A scenario that fails raises."""
    process = await asyncio.create_subprocess_exec(
        node_program(),
        str(PROGRAMS / scenario),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    report: Event = json.loads(output)
    return report
