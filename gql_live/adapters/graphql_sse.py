"""GraphQL over Server-Sent Events, in the distinct connections mode of graphql-sse's PROTOCOL.md.

One HTTP response is one connection with one operation. Its request is the only thing that ever
comes in; that the client has had enough shows in the response being cut.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gql_live.adapters.messages import (
    GraphQLRequest,
    JsonObject,
    RemoteProtocolError,
    encode,
    graphql_request,
)
from gql_live.adapters.protocol import (
    Adapter,
    Close,
    CloseCode,
    Event,
    LocalProtocolError,
    Operation,
    State,
    Subscribe,
)

CONTENT_TYPE = "text/event-stream"

_NEXT = "event: next\ndata: "
_COMPLETE = "event: complete\ndata:\n\n"
_KEEP_ALIVE = ":\n\n"  # a comment, in the terms of the event stream


class GraphQLSSE(Adapter):
    """One event stream. Its frames are pieces of the response body; once `closing`, the body ends.

    A close has no code here: a client reconnects to a body that ends without a `complete`.
    """

    subprotocol = None
    answers_pings = False

    def __init__(self) -> None:
        super().__init__()
        self.state = State.ACKNOWLEDGED
        self._subscribed = False

    def subscribe(self, request: GraphQLRequest) -> Subscribe:
        """Start the operation of this stream; LocalProtocolError for a second one."""
        if self._subscribed:
            raise LocalProtocolError("an event stream has one operation")
        self._subscribed = True
        return Subscribe(self._begin(Operation("", _NEXT)), request)

    def ping(self, payload: Mapping[str, Any] | None = None) -> None:
        """Queue a comment, which no client sees but every proxy does."""
        del payload
        if self.closing is None:
            self._frames.append(_KEEP_ALIVE)

    def next_frame(self, operation: Operation, payload: str) -> str | None:
        """A `next` event."""
        if operation not in self._operations:
            return None
        # A line break would end the data; in JSON it is only ever white space.
        line = payload.replace("\n", " ").replace("\r", " ")
        return f"{operation.prefix}{line}\n\n"

    def error_frame(self, operation: Operation, errors: Sequence[Mapping[str, Any]]) -> str | None:
        """End the stream: the errors in a `next` event (there is no other for them), `complete`."""
        return self._over(super().error_frame(operation, errors))

    def complete_frame(self, operation: Operation) -> str | None:
        """End the stream with a `complete` event."""
        return self._over(super().complete_frame(operation))

    def _over(self, last_frame: str | None) -> str | None:
        if last_frame is not None:
            self.fail(Close(CloseCode.NORMAL))
        return last_frame

    def _receive(self, message: JsonObject) -> list[Event]:
        """The body of a POST request is a GraphQL request, in GraphQL over HTTP's terms."""
        request = graphql_request(message)
        if self._subscribed:
            raise RemoteProtocolError("an event stream has one operation")
        return [self.subscribe(request)]

    def _reject(self, fault: RemoteProtocolError) -> list[Event]:
        self.fail(Close(CloseCode.BAD_REQUEST, str(fault)))
        return []

    def _error(self, operation: Operation, errors: Sequence[Mapping[str, Any]]) -> str:
        return f"{operation.prefix}{encode({'errors': errors})}\n\n{_COMPLETE}"

    def _completion(self, _operation: Operation) -> str:
        return _COMPLETE
