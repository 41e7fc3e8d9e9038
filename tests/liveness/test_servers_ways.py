"""What servers do to a WebSocket application, each in its own way."""

import asyncio
from typing import Any

import pytest

from gql_live import RealtimeRouter
from gql_live.shutdown import Shutdown
from gql_live.testing import APICommunicator
from tests.asgi import application
from tests.liveness.peers import Peer
from tests.todo.views import TaskViewSet

pytestmark = pytest.mark.django_db(transaction=True)


async def test_an_application_that_is_cancelled_says_goodbye_and_leaves_nothing() -> None:
    """As Hypercorn does after its grace, and Daphne at once: both would say 1011, or nothing."""
    peer = Peer(application, "graphql-transport-ws")
    peer.say(type="connection_init")
    await peer.hear("connection_ack")
    await peer.be_given_up()
    assert (await peer.hear("close"))["code"] == 1012
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not Shutdown.running()._open


async def test_a_schema_that_cannot_be_built_is_a_fault_that_passes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = RealtimeRouter(type_defs=["extend type Nothing { at: Int }"])
    router.register(TaskViewSet)
    consumer: Any = router.as_consumer().as_asgi()
    client = APICommunicator(consumer, "/graphql/", subprotocols=["graphql-transport-ws"])
    assert await client.connect(5) == (True, "graphql-transport-ws")
    closed = await client.receive_output(5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 1013)
    await client.wait()
    [logged] = [record for record in caplog.records if record.name == "gql_live"]
    assert (logged.levelname, logged.getMessage()) == ("ERROR", "A socket could not be served.")


async def test_a_peer_that_leaves_in_the_handshake_is_no_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As uvicorn says it: sending raises (ASGI's WebSocket specification, 2.4)."""

    async def gone(_message: Any) -> None:
        raise ConnectionResetError

    inbox: asyncio.Queue[Any] = asyncio.Queue()
    inbox.put_nowait({"type": "websocket.connect"})
    scope = {"type": "websocket", "path": "/graphql/", "headers": [], "query_string": b""}
    served: Any = application
    await served({**scope, "subprotocols": ["graphql-transport-ws"]}, inbox.get, gone)
    assert [record for record in caplog.records if record.name == "gql_live"] == []


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
