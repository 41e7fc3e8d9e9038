"""GraphQL over Server-Sent Events: one HTTP response is one connection (graphql-sse's PROTOCOL.md,
distinct connections mode).
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from typing import ClassVar

import django
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from gql_live.adapters.graphql_sse import CONTENT_TYPE, GraphQLSSE
from gql_live.adapters.messages import JsonObject
from gql_live.adapters.protocol import CloseCode
from gql_live.audience import Principal
from gql_live.connection import Connection, Gateway

_HEADERS = {
    "Cache-Control": "no-cache",
    # nginx collects a response before it passes it on, and middleware compresses it piece by
    # piece into what a client cannot read before the end: neither touches it now.
    "X-Accel-Buffering": "no",
    "Content-Encoding": "identity",
}

# As short as what the client wrote, which was within the limit of a message.
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def obstacle(request: HttpRequest) -> str | None:
    """Why this server cannot stream events in answer to ``request``, if so."""
    if not isinstance(request, ASGIRequest):
        return "An event stream needs an ASGI server; this one is WSGI."
    if django.VERSION < (5, 0):
        return "An event stream needs Django 5.0, the first to notice that a client has left."
    return None


def event_stream(
    gateway: Gateway, request: HttpRequest, payload: JsonObject, principal: Principal
) -> StreamingHttpResponse:
    """The response that streams the results of the GraphQL request in ``payload``."""

    def connect(body: _Body) -> Connection:
        adapter = GraphQLSSE()
        adapter.ping()  # some browsers wait for a first byte before they call a stream open
        connection = Connection(
            adapter,
            gateway,
            body,
            identify=lambda _credentials: principal,
            context={"request": request},
        )
        connection.receive(_encoder.encode(payload), None)
        return connection

    return StreamingHttpResponse(
        _EventStream(connect), content_type=f"{CONTENT_TYPE}; charset=utf-8", headers=_HEADERS
    )


class _EventStream:
    """What Django iterates over. There is no connection before the first piece is asked for, and
    none once no more are, whoever had enough.
    """

    _ending: ClassVar[set[asyncio.Task[None]]] = set()

    def __init__(self, connect: Callable[["_Body"], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        body = _Body()
        self._loop = asyncio.get_running_loop()
        self._connection = self._connect(body)
        try:
            while (piece := await body.next_piece()) is not None:
                yield piece
                body.taken()
        finally:
            self._end()

    def close(self) -> None:
        """Django is done with the response, and says so in any thread.

        Only here does it show that a client left while a piece was on its way: nobody resumes the
        iterator then.
        """
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            task = asyncio.get_running_loop().create_task(connection.closed())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


class _Body:
    """The response's body as a connection sees its socket. It takes a piece at once when the server
    has taken the one before: what a slow client does not read waits, and is bounded, in the send
    queue.
    """

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()

    async def send(self, text: str) -> None:
        """Have the server take a piece; waits until it has taken the one before."""
        await self._pieces.join()
        self._pieces.put_nowait(text)

    async def close(self, code: int, reason: str) -> None:
        """End the body, and wait until the server has taken all of it. HTTP has no word for why: a
        client sees that ``complete`` is missing, and people read the comment.
        """
        if code != CloseCode.NORMAL:
            self._pieces.put_nowait(f": {code} {' '.join(reason.split())}\n\n")
        self._pieces.put_nowait(None)
        await self._pieces.join()

    async def next_piece(self) -> str | None:
        """The next piece; None at the end."""
        return await self._pieces.get()

    def taken(self) -> None:
        """The server has taken the piece."""
        self._pieces.task_done()
