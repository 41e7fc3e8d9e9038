"""The legacy `graphql-ws` subprotocol: PROTOCOL.md of apollographql/subscriptions-transport-ws.

Where the document is silent, the client and the server of that repository (0.11) decide: the client
starts operations without waiting for the acknowledgement, and starts an id again to replace it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gql_live.adapters.messages import (
    JsonObject,
    OperationId,
    RemoteProtocolError,
    encode,
    encode_id,
    graphql_request,
    message_type,
    number_or_string_id,
    optional_payload,
    required_payload,
    unknown_type,
)
from gql_live.adapters.protocol import (
    Adapter,
    Close,
    CloseCode,
    Event,
    Operation,
    State,
    Subscribe,
)

MAX_HELD = 100
"""Operations that may wait for the acknowledgement; a further one gets an error."""


class GraphQLWS(Adapter):
    """A connection of a client from before `graphql-transport-ws` (Apollo's, AppSync's kin …)."""

    subprotocol = "graphql-ws"
    answers_pings = False

    def __init__(self) -> None:
        super().__init__()
        self._held: list[Subscribe] = []

    def acknowledge(self, payload: Mapping[str, Any] | None = None) -> list[Event]:
        """Accept the `connection_init`; the operations that were started before, if not stopped."""
        super().acknowledge(payload)
        held, self._held = self._held, []
        return [event for event in held if event.operation in self._operations]

    def refuse(self, reason: str = "Forbidden") -> None:
        """Turn the `connection_init` down with a `connection_error`, and close."""
        if self.state is State.ACKNOWLEDGING:
            self._connection_error(reason)
        super().refuse(reason)

    def ping(self, payload: Mapping[str, Any] | None = None) -> None:
        """Queue a `ka`, which carries no payload and gets no answer; before the ack: nothing.

        Send one at intervals below 30 s or none at all: a client that saw one waits for the next.
        """
        del payload
        if self.state is State.ACKNOWLEDGED:
            self._frames.append(encode({"type": "ka"}))

    def _receive(self, message: JsonObject) -> list[Event]:
        match message_type(message):
            case "connection_init":
                return self._initialise(optional_payload(message))
            case "start":
                return self._start(number_or_string_id(message), message)
            case "stop":
                name = number_or_string_id(message)
                if self._named(name):
                    self._frames.append(encode({"id": name, "type": "complete"}))
                return self._stop(name)
            case "connection_terminate":
                self.fail(Close(CloseCode.NORMAL))
                return []
            case other:
                raise unknown_type(other)

    def _reject(self, fault: RemoteProtocolError) -> list[Event]:
        # The clause on a `connection_error`: it "does not disconnect the client".
        self._connection_error(str(fault))
        return []

    def _error(self, operation: Operation, errors: Sequence[Mapping[str, Any]]) -> str:
        # The payload is one error. Of several, the first stands for all, which are in its `errors`,
        # where Apollo's client looks for them.
        payload = errors[0] if len(errors) == 1 else {**errors[0], "errors": errors}
        return encode({"id": operation.id, "type": "error", "payload": payload})

    def _completion(self, operation: Operation) -> str:
        return encode({"id": operation.id, "type": "complete"})

    def _start(self, name: OperationId, message: JsonObject) -> list[Event]:
        # "if we already have a subscription with this id, unsubscribe from it first"
        events = self._stop(name)
        try:
            request = graphql_request(required_payload(message))
            if len(self._held) >= MAX_HELD:
                raise RemoteProtocolError("too many operations before the acknowledgement")
        except RemoteProtocolError as fault:
            payload = {"message": str(fault)}
            self._frames.append(encode({"id": name, "type": "error", "payload": payload}))
            return events
        prefix = f'{{"id":{encode_id(name)},"type":"data","payload":'
        subscribe = Subscribe(self._begin(Operation(name, prefix)), request)
        if self.state is State.ACKNOWLEDGED:
            return [*events, subscribe]
        self._held.append(subscribe)
        return events

    def _stop(self, name: OperationId) -> list[Event]:
        stopped = super()._stop(name)
        # What waits for the acknowledgement was never announced, so its end is no news.
        return stopped if self.state is State.ACKNOWLEDGED else []

    def _connection_error(self, text: str) -> None:
        self._frames.append(encode({"type": "connection_error", "payload": {"message": text}}))
