"""The custom scalars: pass-through on output, because the serializer has already written the
value.

What reaches a scalar is usually text. Where it is still a native object (``format=None``, a
method field), it is written as Django REST Framework's own JSON encoder would write it, so that
GraphQL and REST agree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ariadne import ScalarType
from graphql import GraphQLError, Undefined
from rest_framework.utils.encoders import JSONEncoder

_ENCODER = JSONEncoder()
_KEYS = {True: "true", False: "false", None: "null"}


def to_json(value: Any) -> Any:
    """Return ``value`` built of JSON's own types, as the REST renderer would encode it.

    Raises ``TypeError`` for what the renderer could not encode either.
    """
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        return {_json_key(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return to_json(_ENCODER.default(value))


def _json_key(key: Any) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, bool):
        return _KEYS[key]
    if isinstance(key, (int, float)):
        return repr(key)
    raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")


def text_input(value: Any) -> str:
    """Accept text or a number; whether it is a date is for the REST filter to judge, with its
    message.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise GraphQLError(f"Expected text or a number, found {value!r}.")
    return str(value)


def integer_input(value: Any) -> int:
    """Accept an integer of any size, as a number or, for clients without such numbers, as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    raise GraphQLError(f"Expected an integer, found {value!r}.")


def query_params_input(value: Any) -> dict[str, Any]:
    """Accept an object of strings, numbers, booleans, nulls, and lists of them."""
    if not isinstance(value, Mapping):
        raise GraphQLError("Expected an object of query parameters.")
    for key, entry in value.items():
        for item in entry if isinstance(entry, (list, tuple)) else (entry,):
            # Validation sees a variable inside of a literal before it has a value.
            if item not in (None, Undefined) and not isinstance(item, (str, int, float)):
                raise GraphQLError(
                    f"The query parameter {key!r} is neither text, number nor boolean."
                )
    return dict(value)


def anything(value: Any) -> Any:
    """Accept any JSON value."""
    return value


@dataclass(frozen=True)
class _Custom:
    description: str
    parse: Callable[[Any], Any]


CUSTOM: Mapping[str, _Custom] = {
    "BigInt": _Custom("An integer of any size.", integer_input),
    "Date": _Custom("A date in ISO 8601: 2030-12-31.", text_input),
    "DateTime": _Custom("A moment in ISO 8601: 2030-12-31T23:59:59Z.", text_input),
    "Decimal": _Custom("A decimal number, written as text so that no digit is lost.", text_input),
    "Duration": _Custom("A duration in ISO 8601: P3DT12H.", text_input),
    "JSON": _Custom("Any JSON value.", anything),
    "QueryParams": _Custom(
        "Query string parameters of the REST view: an object whose values are strings, numbers,"
        " booleans or lists of them (a list repeats the key, null leaves it out).",
        query_params_input,
    ),
    "Time": _Custom("A time of day in ISO 8601: 23:59:59.", text_input),
    "UUID": _Custom("A universally unique identifier.", text_input),
}
BUILT_IN = frozenset({"Boolean", "Float", "ID", "Int", "String"})


def bindable(name: str) -> ScalarType:
    """Return the Ariadne bindable of a custom scalar."""
    return ScalarType(name, serializer=to_json, value_parser=CUSTOM[name].parse)
