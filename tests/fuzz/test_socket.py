"""Whatever clients send over real sockets, the server answers as the tables say, and goes on.

Conversations of every dialect, of valid, nearly valid and garbage messages, broken off somewhere,
are held with one server for a bounded time. It may close only with codes that the decision tables
and the limits know, must log no fault, and must answer its other clients all the while.
"""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from gql_live.adapters.protocol import CloseCode
from tests.adapters.dialects import DIALECTS
from tests.adapters.table import Text
from tests.adapters.test_fuzz import GARBAGE, nearly_valid, valid
from tests.liveness.server import Server, introduced

SECONDS: Final = 8
CONVERSATIONS: Final = 150
PATIENCE: Final = 10
INVALID_UTF8: Final = 1007  # the server's own close: no application sees such a frame
ITS_COMPLAINT: Final = re.compile(
    r"ERROR: +Invalid UTF-8 sequence received from client\.\n.*?\nUnicodeDecodeError: .*?\n",
    re.DOTALL,
)

SUBPROTOCOLS: Final = {
    "graphql-transport-ws": "graphql-transport-ws",
    "graphql-ws": "graphql-ws",
    "django-rest-live": None,
}
LIMITS: Final = {
    CloseCode.POLICY_VIOLATION,
    CloseCode.MESSAGE_TOO_BIG,
    CloseCode.FORBIDDEN,  # credentials that are none
    CloseCode.INITIALISATION_TIMEOUT,
}


class Huge:
    """A message over the limit, which a report of what went wrong need not spell out."""

    text: Final = '{"type":"ping","payload":{"a":"' + "x" * 1_200_000 + '"}}'


@dataclass(frozen=True)
class Conversation:
    """What one client does: it sends, now and then it waits, and then it leaves."""

    dialect: str
    steps: Sequence[tuple[Any, bool]]
    vanishes: bool

    @property
    def codes(self) -> set[int]:
        """Those that the server may close with."""
        table = {row.close[0] for row in DIALECTS[self.dialect].table if row.close is not None}
        return {*table, *LIMITS}


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    name = draw(st.sampled_from(sorted(SUBPROTOCOLS)))
    dialect = DIALECTS[name]
    opening = [] if name == "django-rest-live" else [({"type": "connection_init"}, True)]
    message = st.one_of(
        valid(dialect), valid(dialect), nearly_valid(dialect), GARBAGE, st.builds(Huge)
    )
    steps = draw(st.lists(st.tuples(message, st.booleans()), max_size=25))
    return Conversation(
        name, [*(opening if draw(st.booleans()) else []), *steps], draw(st.booleans())
    )


async def send(socket: ClientConnection, message: Any) -> bool:
    """Send one frame; whether it was one that a WebSocket may carry."""
    if isinstance(message, bytes):
        await socket.send(message)
        return True
    text = message.text if isinstance(message, Text | Huge) else json.dumps(message)
    frame = text.encode("utf-8", "surrogatepass")
    await socket.send(frame, text=True)
    return frame == text.encode("utf-8", "replace")


async def hold(server: Server, conversation: Conversation) -> None:
    """Hold a conversation to its end, or to the server's."""
    subprotocol = SUBPROTOCOLS[conversation.dialect]
    codes = set(conversation.codes)
    socket = await server.connect(subprotocol, max_size=None, ping_interval=None)
    with suppress(ConnectionClosed):
        for message, waits in conversation.steps:
            if not await send(socket, message):
                codes.add(INVALID_UTF8)
            if waits:
                await (await socket.ping())
    if conversation.vanishes:
        socket.transport.abort()
    else:
        await socket.close()
        codes.add(CloseCode.NORMAL)  # the echo of ours
    closed = socket.protocol.close_rcvd
    assert closed is not None or conversation.vanishes, "closed without a word"
    assert closed is None or closed.code in codes, closed


async def is_answered(socket: ClientConnection) -> None:
    """Another client's ping is answered, and its query."""
    await socket.send('{"type":"ping"}')
    assert await answer(socket, "pong") == {"type": "pong"}
    query = {"query": "{ tasks { text } }"}
    await socket.send(json.dumps({"id": "q", "type": "subscribe", "payload": query}))
    told = await answer(socket, "next")
    assert told["payload"] == {"data": {"tasks": [{"text": "Write"}]}}
    await answer(socket, "complete")


async def answer(socket: ClientConnection, kind: str) -> Any:
    """The next message, which must be of this type; the server's own pings are left out."""
    async with asyncio.timeout(PATIENCE):
        while (message := json.loads(await socket.recv()))["type"] == "ping":
            pass
    assert message["type"] == kind, message
    return message


def test_no_conversation_hurts_the_server_or_its_other_clients(database: Path) -> None:
    server = Server("uvicorn", database, MAX_CONNECTIONS_PER_USER=1_000)
    held = 0

    async def bystander() -> ClientConnection:
        await server.__aenter__()
        return await introduced(await server.connect(ping_interval=None))

    async def watched(conversation: Conversation) -> None:
        async with asyncio.timeout(PATIENCE):
            await hold(server, conversation)
        await is_answered(healthy)

    @settings(max_examples=CONVERSATIONS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(conversations())
    def converse(conversation: Conversation) -> None:
        nonlocal held
        if time.monotonic() < end:
            runner.run(watched(conversation))
            held += 1

    with asyncio.Runner() as runner:
        healthy = runner.run(bystander())
        end = time.monotonic() + SECONDS
        try:
            converse()
            server.terminate()
            runner.run(server.ended())
        finally:
            runner.run(server.__aexit__())
    log = ITS_COMPLAINT.sub("", server.log())
    assert held > 10
    assert "Traceback" not in log, log
    assert "ERROR" not in log, log
    assert "never retrieved" not in log, log
