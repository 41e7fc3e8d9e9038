"""Every dialect, as the tests that hold for all of them see it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gql_live.adapters.protocol import Adapter
from tests.adapters import graphql_ws_table, rest_live_table, sse_table, transport_ws_table
from tests.adapters.event_stream import events_in
from tests.adapters.table import Row, Situations, decoded


@dataclass(frozen=True)
class Dialect:
    """How to speak one dialect: to start, to stop, to read a frame; and all that is known of it."""

    table: Sequence[Row]
    situations: Situations
    ready: str  # the situation in which operations can start
    start: Callable[[str], Any]
    stop: Callable[[str], Any] | None  # None: the client can only hang up
    read: Callable[[str], Any] = decoded

    def connection(self) -> Adapter:
        """A connection on which operations can start."""
        return self.situations[self.ready]()


DIALECTS = {
    "graphql-transport-ws": Dialect(
        transport_ws_table.TABLE,
        transport_ws_table.SITUATIONS,
        transport_ws_table.ACKNOWLEDGED,
        start=transport_ws_table.subscribe,
        stop=lambda name: {"id": name, "type": "complete"},
    ),
    "graphql-ws": Dialect(
        graphql_ws_table.TABLE,
        graphql_ws_table.SITUATIONS,
        graphql_ws_table.ACKNOWLEDGED,
        start=graphql_ws_table.start,
        stop=lambda name: {"id": name, "type": "stop"},
    ),
    "django-rest-live": Dialect(
        rest_live_table.TABLE,
        rest_live_table.SITUATIONS,
        rest_live_table.QUIET,
        start=rest_live_table.subscribe,
        stop=rest_live_table.unsubscribe,
    ),
    "graphql-sse": Dialect(
        sse_table.TABLE,
        sse_table.SITUATIONS,
        sse_table.EMPTY,
        start=lambda _name: sse_table.body(),
        stop=None,
        read=events_in,
    ),
}
