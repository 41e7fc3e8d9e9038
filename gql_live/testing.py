"""Test a project's subscriptions against its own ASGI application, without a server."""

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from itertools import count
from types import TracebackType
from typing import Any, Self, cast

from channels.testing import WebsocketCommunicator

from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.exceptions import GqlLiveError


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
    """The server closed the socket, with ``code``."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class GraphQLCommunicator:
    """A ``graphql-transport-ws`` client of an ASGI application.

    async with GraphQLCommunicator(application, "/graphql/", payload={"Authorization": "…"}) as
    client: async for result in client.subscribe("subscription { tasks { action id } }"): ...

    ``headers`` are those of the handshake, ``payload`` is that of ``connection_init``, ``user`` is
    put into the scope as ``AuthMiddleware`` would. Every wait ends after ``timeout`` seconds with
    ``TimeoutError``.
    """

    def __init__(
        self,
        application: Any,
        path: str = "/graphql/",
        *,
        headers: Mapping[str, str] | None = None,
        payload: Mapping[str, Any] | None = None,
        user: Any = None,
        timeout: float = 5,
    ) -> None:
        self._communicator = WebsocketCommunicator(
            application,
            path,
            headers=[(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
            subprotocols=[GraphQLTransportWS.subprotocol],
        )
        if user is not None:
            cast("dict[str, Any]", self._communicator.scope)["user"] = user
        self._payload = payload
        self._timeout = timeout
        self._ids = count(1)
        self._inbox: defaultdict[str | None, deque[dict[str, Any]]] = defaultdict(deque)

    async def __aenter__(self) -> Self:
        await self._communicator.connect(self._timeout)
        await self.send({"type": "connection_init", "payload": self._payload})
        await self.receive(None)
        return self

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
        """The one result of a query."""
        results = [result async for result in self.subscribe(query, variables)]
        return results[0]

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a message of the protocol."""
        await self._communicator.send_to(text_data=json.dumps(message))

    async def receive(self, operation_id: str | None) -> dict[str, Any]:
        """The next message with that ``id``, None for those without; others wait for their turn.

        Raises ``SocketClosed`` where the server closes instead.
        """
        while not self._inbox[operation_id]:
            output = await self._communicator.receive_output(self._timeout)
            if output["type"] == "websocket.close":
                raise SocketClosed(output.get("code", 1000), output.get("reason", ""))
            message = json.loads(output["text"])
            if message["type"] != "ping":
                self._inbox[message.get("id")].append(message)
        return self._inbox[operation_id].popleft()

    def pending(self, subscription: "Subscription") -> int:
        """How many messages of that subscription have arrived and wait to be taken."""
        return len(self._inbox[subscription.id])


class Subscription:
    """The results of one operation, until the server completes it."""

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

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> dict[str, Any]:
        """The next execution result. Raises ``OperationError`` where the operation ends with
        errors.
        """
        await self.start()
        message = await self._client.receive(self.id)
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
        await self._client.send({"type": "complete", "id": self.id})
