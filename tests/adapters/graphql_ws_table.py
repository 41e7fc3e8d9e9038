"""The decision table of the legacy `graphql-ws`: what comes of each message in each situation."""

from gql_live.adapters.graphql_ws import GraphQLWS
from gql_live.adapters.messages import GraphQLRequest
from gql_live.adapters.protocol import Close, CloseCode
from tests.adapters.faults import NO_MESSAGES
from tests.adapters.table import Row, Situations, Text, feed

QUERY = "subscription { tasks { action } }"


def start(name: object = "x", **payload: object) -> dict[str, object]:
    """The `start` of an operation."""
    return {"id": name, "type": "start", "payload": {"query": QUERY, **payload}}


def _connecting() -> GraphQLWS:
    return GraphQLWS()


def _acknowledging() -> GraphQLWS:
    adapter = _connecting()
    feed(adapter, {"type": "connection_init", "payload": {}})
    return adapter


def _holding() -> GraphQLWS:
    adapter = _acknowledging()
    feed(adapter, start("held"))
    return adapter


def _acknowledged() -> GraphQLWS:
    adapter = _acknowledging()
    adapter.acknowledge()
    return adapter


def _running() -> GraphQLWS:
    adapter = _acknowledged()
    feed(adapter, start("run"))
    return adapter


def _closed() -> GraphQLWS:
    adapter = _running()
    adapter.fail(Close(CloseCode.SERVICE_RESTART, "Restarting"))
    return adapter


CONNECTING = "before connection_init"
ACKNOWLEDGING = "before the ack"
HOLDING = "while held waits for the ack"
ACKNOWLEDGED = "acknowledged"
RUNNING = "while run is running"
CLOSED = "once closing"

SITUATIONS: Situations = {
    CONNECTING: _connecting,
    ACKNOWLEDGING: _acknowledging,
    HOLDING: _holding,
    ACKNOWLEDGED: _acknowledged,
    RUNNING: _running,
    CLOSED: _closed,
}
BEFORE_ACK = (CONNECTING, ACKNOWLEDGING, HOLDING)
AFTER_ACK = (ACKNOWLEDGED, RUNNING)
LATER = (ACKNOWLEDGING, HOLDING, ACKNOWLEDGED, RUNNING)
OPEN = (CONNECTING, *LATER)

TOO_MANY = (CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")
STARTED = ("Subscribe", "x", GraphQLRequest(QUERY))


def connection_error(fault: str) -> dict[str, object]:
    """How a message is answered that is no message at all."""
    return {"type": "connection_error", "payload": {"message": f"Invalid message: {fault}"}}


def error(name: object, fault: str) -> dict[str, object]:
    """How a `start` is answered that starts nothing."""
    return {"id": name, "type": "error", "payload": {"message": f"Invalid message: {fault}"}}


CONVERSATION = [
    # connection_init
    Row(
        "connection_init",
        (CONNECTING,),
        {"type": "connection_init"},
        events=(("ConnectionInit", None),),
    ),
    Row(
        "connection_init with null as payload",
        (CONNECTING,),
        {"type": "connection_init", "payload": None},
        events=(("ConnectionInit", None),),
    ),
    Row(
        "connection_init with credentials",
        (CONNECTING,),
        {"type": "connection_init", "payload": {"authToken": "demo"}},
        events=(("ConnectionInit", {"authToken": "demo"}),),
    ),
    Row("connection_init again", LATER, {"type": "connection_init"}, close=TOO_MANY),
    # start: Apollo's client sends it right behind the connection_init, so it waits for the ack
    Row("start", BEFORE_ACK, start()),
    Row("start", AFTER_ACK, start(), events=(STARTED,)),
    Row(
        "start with everything",
        AFTER_ACK,
        start(operationName="Live", variables={"id": 1}, extensions={"trace": []}),
        events=(("Subscribe", "x", GraphQLRequest(QUERY, "Live", {"id": 1}, {"trace": []})),),
    ),
    Row(
        "start with null for what is optional, and keys that nobody knows",
        AFTER_ACK,
        {**start(operationName=None, variables=None, context={}), "trace": "abc"},
        events=(STARTED,),
    ),
    Row(
        "start with a number as id, as the first clients did",
        AFTER_ACK,
        start(0),
        events=(("Subscribe", 0, GraphQLRequest(QUERY)),),
    ),
    Row(
        "start with an id that is running",
        (RUNNING,),
        start("run"),
        events=(("Stop", "run"), ("Subscribe", "run", GraphQLRequest(QUERY))),
    ),
    Row("start with an id that waits", (HOLDING,), start("held")),
    # stop
    Row(
        "stop",
        (RUNNING,),
        {"id": "run", "type": "stop"},
        events=(("Stop", "run"),),
        frames=({"id": "run", "type": "complete"},),
    ),
    Row(
        "stop of an operation that waits",
        (HOLDING,),
        {"id": "held", "type": "stop"},
        frames=({"id": "held", "type": "complete"},),
    ),
    Row("stop of an unknown id", OPEN, {"id": "nobody", "type": "stop"}),
    # connection_terminate
    Row(
        "connection_terminate",
        OPEN,
        {"type": "connection_terminate"},
        close=(CloseCode.NORMAL, ""),
    ),
    # once closing
    Row("connection_init", (CLOSED,), {"type": "connection_init"}),
    Row("start", (CLOSED,), start()),
    Row("stop", (CLOSED,), {"id": "run", "type": "stop"}),
    Row("connection_terminate", (CLOSED,), {"type": "connection_terminate"}),
    Row("what is not JSON", (CLOSED,), Text("{")),
    # binary
    Row(
        "a binary frame",
        OPEN,
        b'{"type":"connection_init"}',
        close=(CloseCode.BAD_REQUEST, "Invalid message: must be text, not binary"),
    ),
    Row(
        "start without a query, of an id that is running",
        (RUNNING,),
        {"id": "run", "type": "start", "payload": {}},
        events=(("Stop", "run"),),
        frames=(error("run", "'query' must be a string"),),
    ),
]

_ID = "'id' must be a non-empty string or a number"

# None of these disconnects the client, who is told by a `connection_error`.
FAULTS = {
    **NO_MESSAGES,
    "a message of the server": ({"id": "run", "type": "data"}, 'unknown type "data"'),
    "a message of the new protocol": ({"id": "x", "type": "subscribe"}, 'unknown type "subscribe"'),
    "start without an id": ({"type": "start", "payload": {"query": QUERY}}, _ID),
    "start with an empty id": (start(""), _ID),
    "start with a boolean as id": (start(True), _ID),
    "start with a list as id": (start(["x"]), _ID),
    "stop without an id": ({"type": "stop"}, _ID),
    "stop with an object as id": ({"type": "stop", "id": {}}, _ID),
    "connection_init with a list as payload": (
        {"type": "connection_init", "payload": []},
        "'payload' must be an object",
    ),
}

# A `start` that starts nothing fails alone.
START_FAULTS: dict[str, tuple[dict[str, object], str]] = {
    "without a payload": ({}, "'payload' must be an object"),
    "with null as payload": ({"payload": None}, "'payload' must be an object"),
    "with a list as payload": ({"payload": [QUERY]}, "'payload' must be an object"),
    "without a query": ({"payload": {}}, "'query' must be a string"),
    "with a parsed document as query": (
        {"payload": {"query": {"kind": "Document"}}},
        "'query' must be a string",
    ),
    "with a list as variables": (
        {"payload": {"query": QUERY, "variables": []}},
        "'variables' must be an object",
    ),
    "with a number as operationName": (
        {"payload": {"query": QUERY, "operationName": 1}},
        "'operationName' must be a string",
    ),
}

INVALID = [
    *(
        Row(
            f"start {what}",
            OPEN,
            {"id": "x", "type": "start", **rest},
            frames=(error("x", fault),),
        )
        for what, (rest, fault) in START_FAULTS.items()
    ),
    *(
        Row(client, OPEN, sends, frames=(connection_error(fault),))
        for client, (sends, fault) in FAULTS.items()
    ),
]

TABLE = [*CONVERSATION, *INVALID]
