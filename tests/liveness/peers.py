"""A peer of an ASGI application that can vanish in the middle of a word."""

import asyncio
import json
from typing import Any

PATIENCE = 30
Message = dict[str, Any]


class Peer:
    """One WebSocket: what comes is queued, and nobody has to read it."""

    def __init__(self, application: Any, subprotocol: str | None, user: Any = None) -> None:
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": "/graphql/",
            "headers": [],
            "query_string": b"",
            "subprotocols": [] if subprotocol is None else [subprotocol],
            **({} if user is None else {"user": user}),
        }
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._running = asyncio.create_task(application(scope, self._inbox.get, self._outbox.put))

    def say(self, **message: Any) -> None:
        """Send a message of the protocol."""
        self._inbox.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    async def hear(self, kind: str) -> Message:
        """The next output of this type, past all others: a message's, or ``close``."""
        async with asyncio.timeout(PATIENCE):
            while kind_of(output := await self._outbox.get()) != kind:
                pass
        return output

    async def vanish(self) -> None:
        """The network is gone; return when the application has noticed."""
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
        async with asyncio.timeout(PATIENCE):
            await self._running

    async def be_given_up(self) -> None:
        """The server cancels the application."""
        self._running.cancel()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(self._running, return_exceptions=True)


def kind_of(output: Message) -> str:
    """The type of what the application sent."""
    if output["type"] != "websocket.send":
        return str(output["type"].removeprefix("websocket."))
    return str(json.loads(output["text"])["type"])
