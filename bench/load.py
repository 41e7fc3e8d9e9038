"""The load client, as a bench commands it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Self

from bench.measuring import ROOT
from bench.server import Server

SUBSCRIPTION = (
    "subscription {{ {field}(snapshot: true) {{ action id instance {{ {selection} }} }} }}"
)
TASK = "id text done priority score due created owner"


class LoadError(Exception):
    """What the client met instead of what it was told to wait for."""


class Load:
    """A process that holds sockets to one server and writes to it over REST."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.client"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()
        self._process.communicate()

    def subscribe(
        self, field: str, tokens: Sequence[str], *, selection: str = TASK, small_buffers: int = 0
    ) -> float:
        """Subscribe to a field over ``graphql-transport-ws``, a socket for each of ``tokens``.
        The seconds until all have their snapshots.
        """
        payload = {"Authorization": "Token {token}"}
        subscribe = {"query": SUBSCRIPTION.format(field=field, selection=selection)}
        steps = [
            (json.dumps({"type": "connection_init", "payload": payload}), "connection_ack"),
            (json.dumps({"type": "subscribe", "id": "1", "payload": subscribe}), "SNAPSHOT"),
        ]
        return self.connect("/graphql/", steps, tokens, "UPDATED", small_buffers=small_buffers)

    def connect(
        self,
        path: str,
        steps: Sequence[tuple[str, str]],
        tokens: Sequence[str],
        marker: str,
        *,
        subprotocol: str | None = "graphql-transport-ws",
        small_buffers: int = 0,
    ) -> float:
        """Open a socket for each of ``tokens``: see ``bench.client``. The seconds it took."""
        answer = self._command(
            "connect",
            port=self._server.port,
            path=path,
            subprotocol=subprotocol,
            steps=steps,
            tokens=tokens,
            marker=marker,
            small_buffers=small_buffers,
        )
        seconds: float = answer["seconds"]
        return seconds

    def stick(self, count: int) -> None:
        """Let the first ``count`` sockets read no more."""
        self._command("stick", count=count)

    def write(
        self,
        path: str,
        bodies: Sequence[Any],
        *,
        token: str = "token-1",
        expected: int,
        reads: int = 0,
    ) -> dict[str, Any]:
        """``PATCH`` one after the other: see ``bench.client``."""
        return self._command(
            "write",
            port=self._server.port,
            path=path,
            token=token,
            bodies=bodies,
            expected=expected,
            reads=reads,
        )

    def _command(self, do: str, **arguments: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise LoadError("the load client ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise LoadError(f"{do}: {answer}\n{self._server.log()}")
        return answer
