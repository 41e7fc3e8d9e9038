"""The decision tables as a page: `python -m tests.adapters.render > docs/protocols.md`."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from gql_live.adapters.protocol import CloseCode, State
from tests.adapters.dialects import DIALECTS, Dialect
from tests.adapters.table import Row, close_of, feed

PAGE: Final = Path(__file__).parents[2] / "docs" / "protocols.md"
COMMAND: Final = "python -m tests.adapters.render > docs/protocols.md"

UNKNOWN: Final = CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE.value

HEAD: Final = f"""\
# Protocols

<!-- Generated from tests/adapters/*_table.py: change those, then run `{COMMAND}`. -->

What a client may say in each dialect, and what comes of it. Every row is a test
(`tests/adapters/test_contract.py`), and no sequence of messages may move a connection otherwise
(`tests/adapters/test_fuzz.py`, and over real sockets `tests/fuzz`).

The offered WebSocket subprotocol picks the dialect; a client that offers none speaks that of
django-rest-live, and one that offers only unknown ones is closed with {UNKNOWN}.
"""

SPECIFICATIONS: Final = {
    "graphql-transport-ws": "The protocol of the npm package `graphql-ws`, which Apollo Client, "
    "urql, Relay and GraphiQL speak.",
    "graphql-ws": "The older protocol of `subscriptions-transport-ws`. None but a binary frame and "
    "a second `connection_init` disconnects its client.",
    "django-rest-live": "No subprotocol, no introduction; messages without an `id` get no answer.",
    "graphql-sse": "GraphQL over Server-Sent Events, distinct connections mode: one HTTP response "
    "is one connection, its request the only message, and a close has no code on the wire.",
}


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *close_codes(), *(line for name in DIALECTS for line in dialect(name))])


def close_codes() -> Iterator[str]:
    """Every close code, and what closes with it."""
    yield "## Close codes\n"
    yield from table(
        ("code", "name", "a client's message closes with it in"),
        (
            (str(code.value), code.name.lower().replace("_", " "), users_of(code))
            for code in CloseCode
        ),
    )
    yield (
        "Codes without a dialect are the server's own: its limits, its deadlines, its shutdown.\n"
        "Daphne can send 1000 alone of those below 3000; it sends the others 3000 higher: 4012 for "
        "1012.\n"
    )


def users_of(code: CloseCode) -> str:
    """The dialects whose tables know the code."""
    users = [
        f"`{name}`"
        for name, dialect in DIALECTS.items()
        if any(row.close is not None and row.close[0] is code for row in dialect.table)
    ]
    return ", ".join(users)


def dialect(name: str) -> Iterator[str]:
    """The section of one dialect."""
    spoken = DIALECTS[name]
    yield f"## `{name}`\n\n{SPECIFICATIONS[name]}\n"
    yield "What a message makes of the connection (whatever is not listed leaves it as it is):\n"
    yield from table(("from", "to", "on"), transitions(spoken))
    yield "What the server does:\n"
    yield from table(("the client sends", "when", "the server"), rules(spoken))


def transitions(spoken: Dialect) -> Iterator[tuple[str, str, str]]:
    """How each message moves the connection, grouped by where to."""
    moves: dict[tuple[State, State, int | None], dict[str, None]] = defaultdict(dict)
    for row in spoken.table:
        for situation in row.situations:
            adapter = spoken.situations[situation]()
            before = adapter.state
            feed(adapter, row.sends)
            if adapter.state is not before:
                close = close_of(adapter)
                moves[before, adapter.state, close and close[0]][row.client] = None
    for (before, after, code), clients in moves.items():
        to = after.value if code is None else f"{after.value}, {int(code)}"
        yield before.value, to, some(list(clients))


def some(clients: Sequence[str], most: int = 4) -> str:
    """The messages by name, or the first of many."""
    if len(clients) <= most:
        return "; ".join(clients)
    return f"{'; '.join(clients[: most - 1])}; and {len(clients) - most + 1} more below"


def rules(spoken: Dialect) -> Iterator[tuple[str, str, str]]:
    """The rows of the decision table, in words."""
    always = [situation for situation in spoken.situations if situation != "once closing"]
    for row in spoken.table:
        when = "until it closes" if list(row.situations) == always else "; ".join(row.situations)
        yield row.client, when, outcome(row) or silence(row, spoken)


def silence(row: Row, spoken: Dialect) -> str:
    """What it means that nothing comes of a row's message: perhaps an operation waits its turn."""
    adapter = spoken.situations[row.situations[0]]()
    before = set(adapter.operations)
    feed(adapter, row.sends)
    kept = not before.issuperset(adapter.operations)
    return "keeps it for after the ack" if kept else "does nothing"


def outcome(row: Row) -> str:
    """What comes of a row's message, in words; nothing where nothing does."""
    parts = [happening(event) for event in row.events]
    parts += [f"answers {quoted(frame)}" for frame in row.frames]
    if row.close is not None:
        number, reason = row.close
        parts.append(f"closes with {int(number)}" + (f" {quoted(reason)}" if reason else ""))
    return ", ".join(parts)


def happening(event: tuple[Any, ...]) -> str:
    """An event of a row, in words."""
    match event:
        case ("ConnectionInit", *_):
            return "judges who asks, and then acknowledges or refuses"
        case ("Subscribe" | "SubscribeView", name, *_):
            return f"starts {quoted(name)}" if name != "" else "starts it"
        case ("Stop", name):
            return f"stops {quoted(name)}"
        case _:
            return "takes it for a sign of life"


def quoted(value: Any) -> str:
    """Text as it stands, or any other value as JSON, marked as code."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (cell.replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
