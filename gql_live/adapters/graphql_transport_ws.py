"""The `graphql-transport-ws` subprotocol, as PROTOCOL.md of enisdenjo/graphql-ws defines it.

The decision table is in `tests/adapters/transport_ws_table.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gql_live.adapters.messages import (
    JsonObject,
    PingMessage,
    RemoteProtocolError,
    encode,
    encode_id,
    graphql_request,
    message_type,
    optional_payload,
    required_payload,
    string_id,
    unknown_type,
)
from gql_live.adapters.protocol import (
    Adapter,
    Close,
    CloseCode,
    Event,
    GraphQLRequest,
    Operation,
    Pong,
    State,
    Subscribe,
)


class GraphQLTransportWS(Adapter):
    """A connection of a `graphql-ws` client (Apollo, urql, Relay, GraphiQL …)."""

    subprotocol = "graphql-transport-ws"
    answers_pings = True

    def ping(self, payload: Mapping[str, Any] | None = None) -> None:
        """Queue a `ping`; a living client answers with a `Pong` of the same payload."""
        if self.closing is None:
            self._frames.append(_heartbeat({"type": "ping"}, payload))

    def _receive(self, message: JsonObject) -> list[Event]:
        # A message is judged whole before it acts: a malformed one is 4400 in every state.
        match message_type(message):
            case "connection_init":
                return self._initialise(optional_payload(message))
            case "subscribe":
                return self._subscribe(
                    string_id(message), graphql_request(required_payload(message))
                )
            case "complete":
                # The client may complete what we have completed a moment ago: nothing then.
                return self._stop(string_id(message))
            case "ping":
                # "The Pong must be sent in response as soon as possible."
                payload = optional_payload(message)
                self._frames.append(_heartbeat({"type": "pong"}, payload))
                return []
            case "pong":
                return [Pong(optional_payload(message))]
            case other:
                raise unknown_type(other)

    def _reject(self, fault: RemoteProtocolError) -> list[Event]:
        self.fail(Close(CloseCode.BAD_REQUEST, str(fault)))
        return []

    def _error(self, operation: Operation, errors: Sequence[Mapping[str, Any]]) -> str:
        return encode({"id": operation.id, "type": "error", "payload": errors})

    def _completion(self, operation: Operation) -> str:
        return encode({"id": operation.id, "type": "complete"})

    def _subscribe(self, name: str, request: GraphQLRequest) -> list[Event]:
        if self.state is not State.ACKNOWLEDGED:
            self.fail(Close(CloseCode.UNAUTHORIZED, "Unauthorized"))
            return []
        if self._named(name):
            self.fail(
                Close(
                    CloseCode.SUBSCRIBER_ALREADY_EXISTS,
                    f"Subscriber for {name} already exists",
                )
            )
            return []
        prefix = f'{{"id":{encode_id(name)},"type":"next","payload":'
        return [Subscribe(self._begin(Operation(name, prefix)), request)]


def _heartbeat(message: PingMessage, payload: Mapping[str, Any] | None) -> str:
    if payload is not None:
        message["payload"] = payload
    return encode(message)
