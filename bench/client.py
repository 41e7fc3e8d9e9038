"""The load client, a process of its own: ``python -m bench.client``.

Commands come in as lines of JSON, answers go out the same way; ``bench.load`` is the other end.
"""

import asyncio
import json
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

import uvloop

from bench.frames import CLOSE, PING, PONG, TEXT, frame, take_frames, upgrade_request

AT_ONCE: Final = 100
CONNECT_SECONDS: Final = 60.0
WRITE_SECONDS: Final = 20.0


class Socket(asyncio.Protocol):
    """One WebSocket. What it receives is counted where it holds the crowd's marker."""

    def __init__(self, crowd: "Crowd", request: bytes) -> None:
        self._crowd = crowd
        self._request = request
        self._buffer = bytearray()
        self._open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answer: asyncio.Future[None] | None = None
        self._awaited = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self._fail(head.decode("latin-1"))
                return
            self._open, self._buffer = True, rest
            self.opened.set_result(None)
        for opcode, payload in take_frames(self._buffer):
            if opcode == TEXT:
                self._take(payload)
            elif opcode == PING:
                self.transport.write(frame(PONG, payload))
            elif opcode == CLOSE:
                self._fail(f"closed: {payload!r}")

    def _take(self, payload: bytes) -> None:
        if self._answer is not None:
            if self._awaited in payload:
                self._answered()
            elif b'"error"' in payload:
                self._fail(payload.decode())
        elif self._crowd.marker in payload:
            self._crowd.delivered(len(payload))

    def _answered(self) -> None:
        if self._answer is not None:
            answer, self._answer = self._answer, None
            answer.set_result(None)

    def _fail(self, reason: str) -> None:
        self._crowd.lost.append(reason)
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(reason))
        if self._answer is not None:
            answer, self._answer = self._answer, None
            answer.set_exception(ConnectionError(reason))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"gone: {exc}")

    async def ask(self, text: str, awaited: str) -> None:
        """Send ``text``, and wait for a message that holds ``awaited``; for nothing if empty."""
        if awaited:
            self._awaited = awaited.encode()
            self._answer = asyncio.get_running_loop().create_future()
        answer = self._answer
        self.transport.write(frame(TEXT, text.encode()))
        if answer is not None:
            await answer


class Crowd:
    """Every socket of this process, and what reaches them."""

    def __init__(self) -> None:
        self.marker = b""
        self.lost: list[str] = []
        self._sockets: list[Socket] = []
        self._times: list[float] = []
        self._bytes = 0
        self._expected = 0
        self._complete = asyncio.Event()
        self._rest: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def delivered(self, size: int) -> None:
        """A message of the kind that is waited for came in."""
        self._times.append(time.perf_counter())
        self._bytes += size
        if len(self._times) == self._expected:
            self._complete.set()

    async def connect(
        self,
        *,
        port: int,
        path: str,
        subprotocol: str | None,
        steps: Sequence[Sequence[str]],
        tokens: Sequence[str],
        marker: str,
        small_buffers: int = 0,
    ) -> dict[str, Any]:
        """Open a socket for each of ``tokens`` and go through ``steps``, pairs of what is sent and
        what is to come back; the first ``small_buffers`` of them hardly buffer what they receive.
        """
        self.marker = marker.encode()
        request = upgrade_request(f"127.0.0.1:{port}", path, subprotocol)
        gate = asyncio.Semaphore(AT_ONCE)

        async def open_one(token: str, *, small: bool) -> Socket:
            async with gate:
                made = socket.socket()
                if small:
                    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                made.setblocking(False)
                loop = asyncio.get_running_loop()
                await loop.sock_connect(made, ("127.0.0.1", port))
                _, opened = await loop.create_connection(lambda: Socket(self, request), sock=made)
                await opened.opened
                for text, awaited in steps:
                    await opened.ask(text.replace("{token}", token), awaited)
                return opened

        started = time.perf_counter()
        async with asyncio.timeout(CONNECT_SECONDS):
            opening = (
                open_one(token, small=index < small_buffers) for index, token in enumerate(tokens)
            )
            self._sockets += await asyncio.gather(*opening)
        return {"seconds": time.perf_counter() - started}

    async def stick(self, *, count: int) -> dict[str, Any]:
        """Stop reading at the first ``count`` sockets."""
        for each in self._sockets[:count]:
            each.transport.pause_reading()
        return {}

    async def write(
        self, *, port: int, path: str, token: str, bodies: Sequence[Any], expected: int, reads: int
    ) -> dict[str, Any]:
        """``PATCH`` each of ``bodies``, one after the other, each when the one before has reached
        ``expected`` subscribers, and right after the row was read ``reads`` times.
        """
        cpu, started = time.process_time(), time.perf_counter()
        responses, lasts, latencies = [], [], []
        for body in bodies:
            self._times, self._bytes, self._expected = [], 0, expected
            self._complete.clear()
            for _ in range(reads):
                await self._ask("GET", port, path, token)
            asked = time.perf_counter()
            async with asyncio.timeout(WRITE_SECONDS):
                await self._ask("PATCH", port, path, token, json.dumps(body).encode())
                responses.append(time.perf_counter() - asked)
                if expected:
                    await self._complete.wait()
            latencies += [each - asked for each in self._times]
            lasts.append((self._times or [time.perf_counter()])[-1] - asked)
        return {
            "responses": responses,
            "lasts": lasts,
            "p50": _quantile(latencies, 0.50),
            "p99": _quantile(latencies, 0.99),
            "bytes": self._bytes / expected if expected else 0,
            "client_cpu": time.process_time() - cpu,
            "seconds": time.perf_counter() - started,
            "lost": self.lost[:3],
        }

    async def _ask(self, method: str, port: int, path: str, token: str, body: bytes = b"") -> None:
        if self._rest is None:
            self._rest = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = self._rest
        authorization = f"Authorization: Token {token}\r\n" if token else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{authorization}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = int(answer.split("content-length:")[1].split("\r\n", 1)[0])
        content = await reader.readexactly(size)
        if " 200 " not in answer.split("\r\n", 1)[0]:
            raise ConnectionError(f"{answer}{content.decode()[:500]}")


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


async def serve_commands() -> None:
    """Do what standard input says, until it ends."""
    crowd = Crowd()
    commands: dict[str, Callable[..., Awaitable[dict[str, Any]]]]
    commands = {"connect": crowd.connect, "stick": crowd.stick, "write": crowd.write}
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        try:
            answer = await commands[command.pop("do")](**command)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            answer = {"error": f"{type(error).__name__}: {error}", "lost": crowd.lost[:3]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    uvloop.run(serve_commands())
