"""The dialect of django-rest-live, spoken where a socket offers no subprotocol.

Its clients were written against that package's `docs/api.md` and against what its consumer did,
whose words are kept where this file answers by itself.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from gql_live.adapters.messages import (
    JsonObject,
    OperationId,
    RemoteProtocolError,
    encode,
    encode_id,
)
from gql_live.adapters.protocol import (
    Adapter,
    Event,
    Operation,
    State,
    SubscribeView,
)

BAD_REQUEST, FORBIDDEN, NOT_FOUND, THROTTLED, SERVER_FAULT = 400, 403, 404, 429, 500

CODES = {
    "BAD_USER_INPUT": BAD_REQUEST,
    "UNAUTHENTICATED": FORBIDDEN,
    "FORBIDDEN": FORBIDDEN,
    "NOT_FOUND": NOT_FOUND,
    "THROTTLED": THROTTLED,
}
"""What a GraphQL error's `extensions.code` is here: "modeled after HTTP status codes"."""


class _RequestError(Exception):
    """A request that gets an error as its answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class RestLive(Adapter):
    """A connection of a django-rest-live front end. It is ready at once: nobody is introduced.

    `models` holds the labels (`app.Model`) that a subscription may name; without it, every label
    is passed on. Several subscriptions may share an id, as they could there: a front end that tells
    broadcasts apart by `model` may send one id always. One `unsubscribe` then ends them all.
    """

    subprotocol = None
    answers_pings = False

    def __init__(self, models: Container[str] | None = None) -> None:
        super().__init__()
        self.state = State.ACKNOWLEDGED
        self._models = models

    def ping(self, payload: Mapping[str, Any] | None = None) -> None:
        """Nothing: the dialect has no keep-alive."""

    def next_frame(self, operation: Operation, payload: str) -> str | None:
        """The `broadcast` of one change; the payload is an encoded object of its other keys."""
        if operation not in self._operations:
            return None
        return operation.prefix + payload[1:]

    def _receive(self, message: JsonObject) -> list[Event]:
        name = message.get("id")
        if name is None:
            return []  # there, too: no error can be addressed without an id
        try:
            if isinstance(name, bool) or not isinstance(name, OperationId):
                raise _RequestError(BAD_REQUEST, "`id` must be a number or a string.")
            return self._request(name, message)
        except _RequestError as refusal:
            self._frames.append(_answer(name, refusal.code, str(refusal)))
            return []

    def _reject(self, fault: RemoteProtocolError) -> list[Event]:
        del fault  # what is no message has no id either
        return []

    def _error(self, operation: Operation, errors: Sequence[Mapping[str, Any]]) -> str:
        error = errors[0]
        name = str((error.get("extensions") or {}).get("code"))
        message = str(error.get("message", ""))
        return _answer(operation.id, CODES.get(name, SERVER_FAULT), message)

    def _completion(self, _operation: Operation) -> None:
        """Nothing: the dialect has no word for it."""

    def _request(self, name: OperationId, message: JsonObject) -> list[Event]:
        kind = message.get("type")
        if kind == "subscribe":
            return [self._subscribe(name, message)]
        if kind != "unsubscribe":
            raise _RequestError(BAD_REQUEST, f"unknown message type `{kind}`.")
        stopped = self._stop(name)
        if not stopped:
            reason = "Attempted to unsubscribe for request ID before subscribing."
            raise _RequestError(NOT_FOUND, reason)
        return stopped

    def _subscribe(self, name: OperationId, message: JsonObject) -> SubscribeView:
        model, action = message.get("model"), message.get("action")
        if not isinstance(model, str):
            raise _RequestError(BAD_REQUEST, "No model specified.")
        if self._models is not None and model not in self._models:
            reason = f"Model {model} not registered for realtime updates."
            raise _RequestError(NOT_FOUND, reason)
        if action not in ("list", "retrieve"):
            reason = "`action` must be present and the value must be either `list` or `retrieve`."
            raise _RequestError(BAD_REQUEST, reason)
        view_kwargs = _object(message, "view_kwargs")
        query_params = _object(message, "query_params")
        operation = Operation(name, f'{{"type":"broadcast","id":{encode_id(name)},')
        return SubscribeView(
            operation=self._begin(operation),
            model=model,
            action=action,
            lookup_by=message.get("lookup_by"),
            view_kwargs=view_kwargs,
            query_params=query_params,
        )


def _object(message: JsonObject, key: str) -> JsonObject:
    value = message.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _RequestError(BAD_REQUEST, f"`{key}` must be an object.")
    return value


def _answer(name: Any, code: int, message: str) -> str:
    return encode({"type": "error", "id": name, "code": code, "message": message})
