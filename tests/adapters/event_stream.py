"""An event stream, read as the HTML standard says (9.2.6), which is what every client does."""

import json
import re
from typing import Any


def events_in(stream: str) -> list[tuple[str, Any]]:
    """The (event, data) pairs of a stream, data as JSON or None; comments give nothing."""
    found: list[tuple[str, Any]] = []
    name, data = "", None
    *lines, rest = re.split("\r\n|\n|\r", stream.encode("utf-8").decode("utf-8"))
    assert rest == "", "the last line must end"
    for line in lines:
        field, _, value = line.partition(":")
        if line == "":
            if data is not None:
                found.append((name, json.loads(data) if data else None))
            name, data = "", None
        elif field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data = value.removeprefix(" ") if data is None else f"{data}\n{value}"
        else:
            assert field == "", f"no such field: {field}"
    assert (name, data) == ("", None), "the last event must be dispatched"
    return found
