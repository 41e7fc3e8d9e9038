"""What servers do to a WebSocket application, each in its own way."""

import asyncio
from typing import Any

import pytest

from gql_live.broadcaster import Broadcaster
from gql_live.testing import APICommunicator
from tests.asgi import application

ACKNOWLEDGED = {"type": "websocket.send", "text": '{"type":"connection_ack"}'}


async def acknowledged(subprotocol: str = "graphql-transport-ws") -> APICommunicator:
    client = APICommunicator(application, "/graphql/", subprotocols=[subprotocol])
    await client.connect(5)
    await client.send_json_to({"type": "connection_init"})
    assert await client.receive_output(5) == ACKNOWLEDGED
    return client


async def test_an_application_that_is_cancelled_says_goodbye_and_leaves_nothing() -> None:
    """As Hypercorn does after its grace, and Daphne at once: both would say 1011, or nothing."""
    before = asyncio.all_tasks()
    client: Any = await acknowledged()
    client.stop()
    async with asyncio.timeout(5):
        goodbye = await client.output_queue.get()
    assert (goodbye["type"], goodbye["code"]) == ("websocket.close", 1012)
    with pytest.raises(asyncio.CancelledError):
        await client.future
    assert asyncio.all_tasks() == before
    assert not Broadcaster.running().listening


class Daphne:
    """Sends as Daphne does: autobahn takes plain numbers, of the registered ones 1000 alone."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []

    async def send(self, message: dict[str, Any]) -> None:
        code = message.get("code", 1000)
        if type(code) is not int or 1000 < code < 3000:
            raise Exception(f"invalid close code {code}")
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self.inbox.put_nowait({"type": "websocket.disconnect", "code": code})

    async def serve(self, *messages: dict[str, Any], subprotocols: tuple[str, ...]) -> None:
        scope = {"type": "websocket", "path": "/graphql/", "headers": [], "query_string": b""}
        for message in ({"type": "websocket.connect"}, *messages):
            self.inbox.put_nowait(message)
        async with asyncio.timeout(5):
            served: Any = application
            await served({**scope, "subprotocols": subprotocols}, self.inbox.get, self.send)


@pytest.mark.parametrize(
    ("subprotocols", "says", "code"),
    [
        (("soap",), "", 4406),
        (("graphql-transport-ws",), "{", 4400),
        (("graphql-transport-ws",), "x" * 2_000_000, 4009),
        (("graphql-ws",), '{"type":"connection_terminate"}', 1000),
    ],
    ids=["a private code", "another", "a registered code", "the one that it can send"],
)
async def test_daphne_is_given_a_code_that_it_can_send(
    subprotocols: tuple[str, ...], says: str, code: int
) -> None:
    server = Daphne()
    await server.serve({"type": "websocket.receive", "text": says}, subprotocols=subprotocols)
    assert server.sent[-1]["type"] == "websocket.close"
    assert (server.sent[-1]["code"], type(server.sent[-1]["code"])) == (code, int)
