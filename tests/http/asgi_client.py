"""One HTTP exchange with an ASGI application, by a client that may read slowly, or leave."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from tests.adapters.event_stream import events_in
from tests.http.requests import EVENT_STREAM, JSON, URL

PATIENCE = 5


class Exchange:
    """``async with Exchange(application, query) as exchange:`` sends the request, and leaves.

    Every wait ends after PATIENCE seconds with ``TimeoutError``.
    """

    def __init__(
        self,
        application: Any,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        reads: bool = True,
    ) -> None:
        posted = method == "POST"
        body = json.dumps({"query": query, "variables": variables}).encode()
        in_url = {"query": query, "variables": json.dumps(variables)}
        sent = {"host": "testserver", "accept": EVENT_STREAM, **(headers or {})}
        if posted:
            sent = {"content-type": JSON, **sent}
        self._application = application
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": URL,
            "query_string": b"" if posted else urlencode(in_url).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        self._body = body if posted else b""
        self._requested = False
        self._left = asyncio.Event()
        self._reading = asyncio.Event()
        if reads:
            self._reading.set()
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._events: deque[tuple[str, Any]] = deque()
        self._running: asyncio.Task[None] | None = None
        self.blocked = False
        """Whether the application waits for the client to read."""

    async def __aenter__(self) -> Self:
        running = self._application(self._scope, self._receive, self._send)
        self._running = asyncio.create_task(running)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.leave()

    async def _receive(self) -> dict[str, Any]:
        if not self._requested:
            self._requested = True
            return {"type": "http.request", "body": self._body}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.blocked = not self._reading.is_set()
        await self._reading.wait()
        self.blocked = False
        self._sent.put_nowait(message)

    def read_on(self) -> None:
        """Take what comes from now on."""
        self._reading.set()

    def stop_reading(self) -> None:
        """Take nothing more."""
        self._reading.clear()

    async def leave(self) -> None:
        """Cut the connection; returns when the application has ended."""
        self._left.set()
        assert self._running is not None
        await asyncio.wait_for(self._running, PATIENCE)

    async def head(self) -> tuple[int, dict[str, str]]:
        """The status and the headers of the response."""
        message = await self._message("http.response.start")
        headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        return message["status"], headers

    async def piece(self) -> str | None:
        """The next piece of the body; None at its end."""
        message = await self._message("http.response.body")
        return message["body"].decode() if message.get("more_body") else None

    async def event(self) -> tuple[str, Any] | None:
        """The next event of the stream, comments left out; None at its end."""
        while not self._events:
            piece = await self.piece()
            if piece is None:
                return None
            self._events.extend(events_in(piece))
        return self._events.popleft()

    async def result(self) -> dict[str, Any]:
        """The next event, which must be a result."""
        event = await self.event()
        assert event is not None
        name, result = event
        assert name == "next"
        assert isinstance(result, dict)
        return result

    async def _message(self, kind: str) -> dict[str, Any]:
        message = await asyncio.wait_for(self._sent.get(), PATIENCE)
        assert message["type"] == kind
        return message
