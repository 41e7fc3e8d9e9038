"""Parsing and encoding: the traps that JSON sets, each of which ends in a fault or a frame."""

import json
from typing import Any

import pytest

from gql_live.adapters.messages import (
    MAX_NESTING,
    RemoteProtocolError,
    encode,
    encode_id,
    parse_message,
)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"type": "x", "a": [1, -2.5, 1e300, True, None, "é\u0000\ud800"]},
        {"a": 10**4000},
        {"query": "{" * 1000},  # braces in a text are no nesting
        {"wide": [{}] * 1000},
    ],
    ids=["empty", "every type", "a long integer", "braces in a text", "wide but flat"],
)
def test_a_json_object_is_taken_as_it_is(value: dict[str, Any]) -> None:
    assert parse_message(json.dumps(value)) == value


def test_the_deepest_message_that_is_taken() -> None:
    deepest = '{"a":' * MAX_NESTING + "0" + "}" * MAX_NESTING
    assert json.dumps(parse_message(deepest), separators=(",", ":")) == deepest
    with pytest.raises(RemoteProtocolError, match="nested too deeply"):
        parse_message(f'{{"a":{deepest}}}')


def test_of_a_repeated_key_the_last_counts_as_in_javascript() -> None:
    assert parse_message('{"id":"1","id":"2"}') == {"id": "2"}


@pytest.mark.parametrize(
    ("operation_id", "encoded"),
    [("x", '"x"'), ('"\\', r'"\"\\"'), ("é\ud800", r'"\u00e9\ud800"'), (7, "7"), (0.5, "0.5")],
    ids=ascii,
)
def test_an_id_is_encoded_in_ascii(operation_id: str | float, encoded: str) -> None:
    assert encode_id(operation_id) == encoded


def test_a_frame_of_ours_that_json_cannot_say_is_our_own_fault() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"type": "ping", "payload": {"sent": float("nan")}})
