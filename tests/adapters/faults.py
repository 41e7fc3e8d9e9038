"""What no dialect accepts as a message at all, and how each of these faults is named."""

from typing import Any

from gql_live.adapters.messages import MAX_NESTING
from tests.adapters.table import Text

NO_MESSAGES: dict[str, tuple[Any, str]] = {
    "an empty frame": (Text(""), "not JSON"),
    "what is not JSON": (Text("subscribe"), "not JSON"),
    "half a message": (Text('{"type":"ping"'), "not JSON"),
    "two messages in one frame": (Text('{"type":"ping"}{"type":"ping"}'), "not JSON"),
    "a byte order mark": (Text('\ufeff{"type":"ping"}'), "not JSON"),
    "a raw NUL": (Text('{"type":"ping","payload":{"a":"\x00"}}'), "not JSON"),
    "an integer of 5000 digits": (Text(f'{{"type":"ping","a":{"9" * 5000}}}'), "not JSON"),
    "NaN": (Text('{"type":"ping","payload":{"a":NaN}}'), "NaN is not JSON"),
    "Infinity": (Text('{"type":"ping","a":-Infinity}'), "-Infinity is not JSON"),
    "a number beyond a double": (Text('{"type":"ping","a":1e999}'), "a number is out of range"),
    "arrays nested without end": (Text("[" * 100_000), "nested too deeply"),
    "objects nested without end": (Text('{"a":' * 100_000), "nested too deeply"),
    "objects nested one level too deep": (
        Text('{"a":' * (MAX_NESTING + 1) + "0" + "}" * (MAX_NESTING + 1)),
        "nested too deeply",
    ),
    "an array": ([{"type": "ping"}], "must be an object, not an array"),
    "null": (None, "must be an object, not null"),
    "a string": ("ping", "must be an object, not a string"),
    "a number": (4, "must be an object, not a number"),
    "a boolean": (True, "must be an object, not a boolean"),
    "no type": ({"id": "a"}, "'type' must be a string"),
    "a type that is null": ({"type": None}, "'type' must be a string"),
    "a type that is an array": ({"type": ["ping"]}, "'type' must be a string"),
    "an empty type": ({"type": ""}, 'unknown type ""'),
    "an unknown type": ({"type": "sub\u0000scribe\ud800"}, r'unknown type "sub\u0000scribe\ud800"'),
}
