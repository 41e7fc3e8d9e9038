"""SIGTERM to a real server: its clients are closed one by one, and lose nothing."""

import asyncio
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.liveness.server import Server, introduced

SUBSCRIPTION = "subscription { tasks(snapshot: true) { action instance { text } } }"
SOCKETS = 6
PACE = 20
EXITS = {
    "uvicorn": -signal.SIGTERM,  # it raises the signal again once it has shut down
    "daphne": 0,
}
CODES = {"uvicorn": 1012, "daphne": 4012}  # Daphne can send no 1012


async def subscribed(socket: ClientConnection) -> ClientConnection:
    """Ada follows her tasks."""
    await introduced(socket)
    subscribe = {"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION}}
    await socket.send(json.dumps(subscribe))
    assert change_in(await socket.recv()) == {"action": "SNAPSHOT", "instance": None}
    return socket


def change_in(frame: str | bytes) -> Any:
    message = json.loads(frame)
    assert message["type"] == "next", message
    return message["payload"]["data"]["tasks"]


async def heard_until_the_close(socket: ClientConnection) -> tuple[list[Any], int, float]:
    """What came, how the socket was closed, and when."""
    heard = []
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            heard.append(change_in(await socket.recv()))
    assert closed.value.rcvd is not None, "closed without a word"
    return heard, closed.value.rcvd.code, time.monotonic()


async def told_of_a_stream(server: Server, started: asyncio.Event) -> str:
    """The body of an event stream, which ends as the process does."""
    body = ""
    async with (
        server.http() as http,
        http.stream(
            "POST",
            "/graphql/",
            json={"query": SUBSCRIPTION},
            headers={"Accept": "text/event-stream"},
            timeout=30,
        ) as response,
    ):
        async for piece in response.aiter_text():
            body += piece
            if "SNAPSHOT" in body:
                started.set()
    return body


@pytest.mark.parametrize("program", EXITS)
async def test_clients_are_closed_at_a_set_pace_before_the_server_stops(
    program: str, database: Path
) -> None:
    async with Server(program, database, SHUTDOWN_PACE=PACE) as server, server.http() as http:
        sockets = [await subscribed(await server.connect()) for _ in range(SOCKETS)]
        listening = [asyncio.create_task(heard_until_the_close(each)) for each in sockets]
        started = asyncio.Event()
        streaming = asyncio.create_task(told_of_a_stream(server, started))
        await asyncio.wait_for(started.wait(), 10)
        response = await http.patch("/api/tasks/1/", json={"text": "At the last moment"})
        server.terminate()
        assert response.status_code == 200

        await asyncio.wait(listening, return_when=asyncio.FIRST_COMPLETED)
        late = await server.connect()
        heard, code, _ = await heard_until_the_close(late)
        assert (heard, code) == ([], CODES[program])

        told = await asyncio.gather(*listening)
        last_words = {"action": "UPDATED", "instance": {"text": "At the last moment"}}
        closed = ([last_words], CODES[program])
        assert [(heard, code) for heard, code, _ in told] == [closed] * SOCKETS
        times = [when for *_, when in told]
        assert times == sorted(times)
        assert times[-1] - times[0] > (SOCKETS - 1) / PACE * 0.8
        stream = await streaming
        assert "At the last moment" in stream
        assert "event: complete" not in stream  # the client is to come back
        assert await server.ended() == EXITS[program]
    assert "Traceback" not in server.log()
