"""The messages of the wire: what a peer sends is parsed and judged, what we send is encoded.

A frame is text holding one JSON object. Whatever a peer writes gives either a plain mapping or
`RemoteProtocolError`; whatever `encode` gives is ASCII, hence valid UTF-8 on every server.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, NotRequired, TypedDict, TypeVar

OperationId = str | int | float
"""What a client names an operation with: a string; where the dialect says so, also a number."""

JsonObject = dict[str, Any]

T = TypeVar("T")

MAX_NESTING = 128
"""Levels of arrays and objects in one message; more could exhaust the stack of who walks them."""


class RemoteProtocolError(Exception):
    """A peer's message breaks the protocol; the text names the fault. Never leaves the adapters."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"Invalid message: {fault}")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One GraphQL request as the client wrote it: the shapes are checked, the document is not."""

    query: str
    operation_name: str | None = None
    variables: JsonObject | None = None
    extensions: JsonObject | None = None


# ── what we send ──────────────────────────────────────────────────────────────────────────────


class ConnectionAckMessage(TypedDict):
    type: Literal["connection_ack"]
    payload: NotRequired[Mapping[str, Any]]


class PingMessage(TypedDict):
    type: Literal["ping", "pong"]
    payload: NotRequired[Mapping[str, Any]]


class ConnectionErrorMessage(TypedDict):
    type: Literal["connection_error"]
    payload: Mapping[str, Any]


class KeepAliveMessage(TypedDict):
    type: Literal["ka"]


class ErrorMessage(TypedDict):
    id: OperationId
    type: Literal["error"]
    payload: Sequence[Mapping[str, Any]] | Mapping[str, Any]  # the legacy protocol has one error


class CompleteMessage(TypedDict):
    id: OperationId
    type: Literal["complete"]


class LiveErrorMessage(TypedDict):
    """An error of the django-rest-live dialect, in answer to whatever had this `id`."""

    type: Literal["error"]
    id: Any
    code: int
    message: str


class ErrorResult(TypedDict):
    """An execution result of nothing but errors, where a dialect has no message for them."""

    errors: Sequence[Mapping[str, Any]]


ServerMessage = (
    ConnectionAckMessage
    | ConnectionErrorMessage
    | PingMessage
    | KeepAliveMessage
    | ErrorMessage
    | CompleteMessage
    | LiveErrorMessage
    | ErrorResult
)

# Non-ASCII goes out escaped: a lone surrogate that a peer sent in an id or a ping can then be
# echoed, although no UTF-8 exists for it. What only Python knows (a lazy translation in an error)
# goes out as its text.
_encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=str)


def encode(message: ServerMessage) -> str:
    """The frame of a message of ours. ValueError for what JSON cannot say (NaN, a cycle)."""
    return _encoder.encode(message)


def encode_id(operation_id: OperationId) -> str:
    """An operation's id as it stands in a frame."""
    return _encoder.encode(operation_id)


# ── what a peer sends ─────────────────────────────────────────────────────────────────────────


def _refuse_constant(name: str) -> float:
    raise RemoteProtocolError(f"{name} is not JSON")


def _parse_float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):  # 1e999 is JSON, but could not be echoed as JSON
        raise RemoteProtocolError("a number is out of range")
    return number


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_parse_float)


def parse_message(text: str) -> JsonObject:
    """The JSON object in a frame.

    Raises RemoteProtocolError, and nothing else, for any other text.
    """
    try:
        message = _decoder.decode(text)
    except RecursionError:
        raise RemoteProtocolError("nested too deeply") from None
    except ValueError:  # also an integer of more digits than Python converts
        raise RemoteProtocolError("not JSON") from None
    if not isinstance(message, dict):
        raise RemoteProtocolError(f"must be an object, not {_json_name(message)}")
    if text.count("[") + text.count("{") > MAX_NESTING and _nesting(message) > MAX_NESTING:
        raise RemoteProtocolError("nested too deeply")
    return message


def _nesting(value: object) -> int:
    """How many levels of arrays and objects a parsed value has, found without recursion."""
    levels = 0
    level = [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        levels += 1
        level = [
            child for item in level for child in (item.values() if isinstance(item, dict) else item)
        ]
    return levels


def message_type(message: JsonObject) -> str:
    """The message's `type`."""
    name = message.get("type")
    if not isinstance(name, str):
        raise RemoteProtocolError("'type' must be a string")
    return name


def unknown_type(name: str) -> RemoteProtocolError:
    """The fault of a `type` that this dialect does not know, or that only a server may send."""
    return RemoteProtocolError(f"unknown type {_encoder.encode(name)}")


def string_id(message: JsonObject) -> str:
    """The message's `id` where the protocol wants a non-empty string."""
    name = message.get("id")
    if not isinstance(name, str) or not name:
        raise RemoteProtocolError("'id' must be a non-empty string")
    return name


def number_or_string_id(message: JsonObject) -> OperationId:
    """The message's `id` where a dialect also takes numbers: its first clients counted."""
    name = message.get("id")
    if isinstance(name, bool) or not isinstance(name, OperationId) or name == "":
        raise RemoteProtocolError("'id' must be a non-empty string or a number")
    return name


def optional_payload(message: JsonObject) -> JsonObject | None:
    """The message's `payload`: an object, or None where it is `null` or absent."""
    return _optional(message, "payload", dict, "an object")


def required_payload(message: JsonObject) -> JsonObject:
    """The message's `payload` where there must be one."""
    payload = message.get("payload")
    if not isinstance(payload, dict):
        raise RemoteProtocolError("'payload' must be an object")
    return payload


def graphql_request(payload: JsonObject) -> GraphQLRequest:
    """The GraphQL request that a payload makes, in the shape that all transports share."""
    query = payload.get("query")
    if not isinstance(query, str):
        raise RemoteProtocolError("'query' must be a string")
    return GraphQLRequest(
        query=query,
        operation_name=_optional(payload, "operationName", str, "a string"),
        variables=_optional(payload, "variables", dict, "an object"),
        extensions=_optional(payload, "extensions", dict, "an object"),
    )


def _optional(mapping: JsonObject, key: str, kind: type[T], what: str) -> T | None:
    value = mapping.get(key)
    if value is None or isinstance(value, kind):
        return value
    raise RemoteProtocolError(f"'{key}' must be {what}")


def _json_name(value: object) -> str:
    if value is None:
        return "null"
    names = {list: "an array", str: "a string", bool: "a boolean"}
    return names.get(type(value), "a number")
