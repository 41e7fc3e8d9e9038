"""A ``graphql-transport-ws`` client for tests."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from itertools import count
from types import TracebackType
from typing import Any, Self

from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.exceptions import GqlLiveError
from gql_live.testing.rest_live import APICommunicator

Headers = Mapping[str, str] | Iterable[tuple[bytes, bytes]]


class OperationError(GqlLiveError):
    """The server ended an operation with ``errors``."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors

    @property
    def code(self) -> str | None:
        """``extensions.code`` of the first error."""
        code: str | None = self.errors[0].get("extensions", {}).get("code")
        return code


class SocketClosed(GqlLiveError):
    """The server closed the socket, with ``code``, or refused the handshake."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class GraphQLCommunicator:
    """A ``graphql-transport-ws`` client of an ASGI application.

    ``async with`` connects it and waits for the acknowledgement. ``headers`` are those of the
    handshake (a mapping of text, or what ``get_headers_for_user`` gives), ``payload`` is that of
    ``connection_init``, ``user`` is put into the scope as ``AuthMiddleware`` would. Every wait ends
    after ``timeout`` seconds with ``TimeoutError``, and with ``SocketClosed`` where the server has
    closed the socket.
    """

    def __init__(
        self,
        application: Any,
        path: str = "/graphql/",
        *,
        headers: Headers = (),
        payload: Mapping[str, Any] | None = None,
        user: Any = None,
        timeout: float = 5,
    ) -> None:
        self._communicator = APICommunicator(
            application,
            path,
            _encoded(headers),
            [GraphQLTransportWS.subprotocol],
            **({} if user is None else {"user": user}),
        )
        self._payload = payload
        self._timeout = timeout
        self._ids = count(1)
        self._inbox: defaultdict[str | None, deque[dict[str, Any]]] = defaultdict(deque)
        self._closed: SocketClosed | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._introduce()
        except BaseException:
            await self._communicator.disconnect(timeout=self._timeout)
            raise
        return self

    async def _introduce(self) -> None:
        accepted, answer = await self._communicator.connect(self._timeout)
        if not accepted:
            raise SocketClosed(int(answer or 1000))
        await self.send({"type": "connection_init", "payload": self._payload})
        await self.receive(None)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._communicator.disconnect(timeout=self._timeout)

    def subscribe(self, query: str, variables: Mapping[str, Any] | None = None) -> "Subscription":
        """Start a subscription; an asynchronous iterator of its results."""
        return Subscription(self, str(next(self._ids)), query, variables)

    async def query(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The one result of a query or a mutation."""
        results = [result async for result in self.subscribe(query, variables)]
        return results[0]

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a message of the protocol."""
        await self._communicator.send_json_to(message)

    async def receive(self, operation_id: str | None) -> dict[str, Any]:
        """The next message with that ``id``, None for those without; others wait for their turn.

        The server's pings are answered and left out.
        """
        while not self._inbox[operation_id]:
            await self._take_in(operation_id)
        return self._inbox[operation_id].popleft()

    def pending(self, subscription: "Subscription") -> int:
        """How many messages of that subscription have arrived and wait to be taken."""
        return len(self._inbox[subscription.id])

    async def _take_in(self, awaited: str | None) -> None:
        if self._closed is not None:
            raise self._closed
        output = await self._output(awaited)
        if output["type"] == "websocket.close":
            self._closed = SocketClosed(output.get("code", 1000), output.get("reason", ""))
            return
        message = json.loads(output["text"])
        if message["type"] == "ping":
            await self.send({**message, "type": "pong"})
        else:
            self._inbox[message.get("id")].append(message)

    async def _output(self, awaited: str | None) -> Any:
        # Not receive_output(): that one ends the application when the time is over.
        communicator: Any = self._communicator
        try:
            async with asyncio.timeout(self._timeout):
                return await communicator.output_queue.get()
        except TimeoutError as error:
            if communicator.future.done():
                communicator.future.result()  # raises what the application raised
            whose = "the connection" if awaited is None else f"operation {awaited}"
            said = f"No message of {whose} came within {self._timeout} s."
            raise TimeoutError(said) from error


class Subscription:
    """The results of one operation, until the server completes it or the client stops it."""

    def __init__(
        self,
        client: GraphQLCommunicator,
        operation_id: str,
        query: str,
        variables: Mapping[str, Any] | None,
    ) -> None:
        self._client = client
        self.id = operation_id
        self._request: dict[str, Any] | None = {"query": query}
        if variables is not None:
            self._request["variables"] = variables
        self._over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> dict[str, Any]:
        """The next execution result. Raises ``OperationError`` where the operation ends with
        errors.
        """
        if self._over:
            raise StopAsyncIteration
        await self.start()
        message = await self._client.receive(self.id)
        self._over = message["type"] != "next"
        if message["type"] == "error":
            raise OperationError(message["payload"])
        if message["type"] == "complete":
            raise StopAsyncIteration
        payload: dict[str, Any] = message["payload"]
        return payload

    async def start(self) -> Self:
        """Subscribe now, not at the first ``anext``."""
        if self._request is not None:
            request, self._request = self._request, None
            await self._client.send({"type": "subscribe", "id": self.id, "payload": request})
        return self

    async def stop(self) -> None:
        """Unsubscribe."""
        self._over = True
        await self._client.send({"type": "complete", "id": self.id})


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    if isinstance(headers, Mapping):
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return list(headers)
