"""ASGI events to a ``Connection`` and back, nothing else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from channels.sessions import InstanceSessionWrapper

from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.adapters.graphql_ws import GraphQLWS
from gql_live.adapters.protocol import Adapter, CloseCode
from gql_live.adapters.rest_live import RestLive
from gql_live.connection import Connection, Gateway
from gql_live.principals import principal_of_scope
from gql_live.send_queue import Credit
from gql_live.shutdown import RESTART

ADAPTERS: tuple[type[Adapter], ...] = (GraphQLTransportWS, GraphQLWS, RestLive)
"""The dialects that are spoken, the preferred one first."""

logger = logging.getLogger("gql_live")

_PRIVATE_CODES: Final = 3000
"""How far a code for private use is from the registered one that it stands in for: 4012, 1012."""


class RealtimeConsumer(AsyncConsumer):
    """One WebSocket. ``router.as_consumer()`` gives a subclass with the router's ``gateway``."""

    # One channel per process, in pubsub; none per connection.
    channel_layer_alias = None  # type: ignore[assignment]  # Channels' own word for it
    find_gateway: Callable[[], Gateway]
    _connection: Connection | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Run until the socket is gone, or until the server has waited long enough for that."""
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            # Left to itself, a server closes with 1011, which ends a stock client for ever.
            if self._connection is not None:
                await self._connection.retire(RESTART)
            raise
        except Exception as error:
            await self._fail(error)
        finally:
            if self._connection is not None:
                await self._connection.closed()

    async def _fail(self, error: Exception) -> None:
        """A fault of ours: no answer that a client would give up on (DESIGN promise 8)."""
        if isinstance(error, OSError):  # what sending raises once the peer is gone
            logger.debug("A socket was lost: %r", error)
            return
        logger.error("A socket could not be served.", exc_info=error)
        with suppress(Exception):
            await self.close(CloseCode.TRY_AGAIN_LATER, "Try again later")

    async def websocket_connect(self, _message: Mapping[str, Any]) -> None:
        """The handshake: the offered subprotocol picks the adapter, the server's order of
        preference first.
        """
        adapter = _choose(self.scope.get("subprotocols") or ())
        if adapter is None:
            # Accept first, so that a browser sees the code.
            await self.send({"type": "websocket.accept"})
            await self.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")
            return
        await self.send({"type": "websocket.accept", "subprotocol": adapter.subprotocol})
        self._connection = Connection(
            adapter,
            type(self).find_gateway(),
            _Socket(self),
            identify=partial(principal_of_scope, self.scope),
            context={"scope": self.scope},
            credit=Credit() if adapter.answers_pings and _never_waits(self.scope) else None,
        )

    async def websocket_receive(self, message: Mapping[str, Any]) -> None:
        """A frame."""
        if self._connection is not None:
            self._connection.receive(message.get("text"), message.get("bytes"))

    async def websocket_disconnect(self, _message: Mapping[str, Any]) -> None:
        """The socket is gone."""
        raise StopConsumer

    async def close(self, code: int, reason: str) -> None:
        """Close the WebSocket."""
        # A plain number: Daphne refuses one that has a name, too.
        closing = {"type": "websocket.close", "code": int(code), "reason": reason}
        try:
            await self.send(closing)
        except Exception:
            # Of the codes that the registry of RFC 6455 (11.7) names, Daphne sends 1000 alone.
            if code in range(_PRIVATE_CODES):
                await self.send({**closing, "code": int(code) + _PRIVATE_CODES})
            else:
                raise


class _Socket:
    """The consumer as a connection sees it."""

    __slots__ = ("_send", "close")

    def __init__(self, consumer: RealtimeConsumer) -> None:
        self._send: Callable[[Any], Awaitable[None]] = _past_sessions(consumer.base_send)
        self.close = consumer.close

    def send(self, text: str) -> Awaitable[None]:
        """Send a text frame; waits for a slow peer as far as the server does."""
        return self._send({"type": "websocket.send", "text": text})


def _past_sessions(send: Any) -> Any:
    """``send`` as it is below Channels' session middleware.

    That one looks at the session at every message, which costs more than all else of a delivery,
    and saves it with those of some types; a frame is of none of them. Any other middleware's is
    kept, for only its author knows what it is for.
    """
    session = getattr(send, "__self__", None)
    if type(session) is not InstanceSessionWrapper or send != session.send:
        return send
    if "websocket.send" in (*session.save_message_types, *session.cookie_response_message_types):
        return send
    return _past_sessions(session.real_send)


def _never_waits(scope: Mapping[str, Any]) -> bool:
    """Whether the server takes all that it is given and keeps it in memory: Daphne, which alone
    does not say which version of ASGI's WebSocket specification it speaks.
    """
    asgi = scope.get("asgi")
    return asgi is not None and "spec_version" not in asgi


def _choose(offered: Iterable[str]) -> Adapter | None:
    names = list(offered)
    for adapter in ADAPTERS:
        if adapter.subprotocol in names or (adapter.subprotocol is None and not names):
            return adapter()
    return None
