"""The decision table of `graphql-transport-ws`: what comes of each message in each situation."""

from gql_live.adapters.graphql_transport_ws import GraphQLTransportWS
from gql_live.adapters.messages import GraphQLRequest
from gql_live.adapters.protocol import Close, CloseCode
from tests.adapters.faults import NO_MESSAGES
from tests.adapters.table import Row, Situations, Text, feed

QUERY = "subscription { tasks { action } }"


def subscribe(name: object = "x", **payload: object) -> dict[str, object]:
    """The `subscribe` of an operation."""
    return {"id": name, "type": "subscribe", "payload": {"query": QUERY, **payload}}


def _connecting() -> GraphQLTransportWS:
    return GraphQLTransportWS()


def _acknowledging() -> GraphQLTransportWS:
    adapter = _connecting()
    feed(adapter, {"type": "connection_init"})
    return adapter


def _acknowledged() -> GraphQLTransportWS:
    adapter = _acknowledging()
    adapter.acknowledge()
    return adapter


def _running() -> GraphQLTransportWS:
    adapter = _acknowledged()
    feed(adapter, subscribe("run"))
    return adapter


def _closed() -> GraphQLTransportWS:
    adapter = _running()
    adapter.fail(Close(CloseCode.SERVICE_RESTART, "Restarting"))
    return adapter


CONNECTING = "before connection_init"
ACKNOWLEDGING = "before the ack"
ACKNOWLEDGED = "acknowledged"
RUNNING = "while run is running"
CLOSED = "once closing"

SITUATIONS: Situations = {
    CONNECTING: _connecting,
    ACKNOWLEDGING: _acknowledging,
    ACKNOWLEDGED: _acknowledged,
    RUNNING: _running,
    CLOSED: _closed,
}
BEFORE_ACK = (CONNECTING, ACKNOWLEDGING)
AFTER_ACK = (ACKNOWLEDGED, RUNNING)
LATER = (ACKNOWLEDGING, ACKNOWLEDGED, RUNNING)
OPEN = (CONNECTING, *LATER)

TOO_MANY = (CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")
UNAUTHORIZED = (CloseCode.UNAUTHORIZED, "Unauthorized")
STARTED = (("Subscribe", "x", GraphQLRequest(QUERY)),)


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
        {"type": "connection_init", "payload": {"Authorization": "Token demo"}},
        events=(("ConnectionInit", {"Authorization": "Token demo"}),),
    ),
    Row("connection_init again", LATER, {"type": "connection_init"}, close=TOO_MANY),
    # subscribe
    Row("subscribe", BEFORE_ACK, subscribe(), close=UNAUTHORIZED),
    Row("subscribe", AFTER_ACK, subscribe(), events=STARTED),
    Row(
        "subscribe with everything",
        AFTER_ACK,
        subscribe(operationName="Live", variables={"id": 1}, extensions={"trace": []}),
        events=(("Subscribe", "x", GraphQLRequest(QUERY, "Live", {"id": 1}, {"trace": []})),),
    ),
    Row(
        "subscribe with null for what is optional",
        AFTER_ACK,
        subscribe(operationName=None, variables=None, extensions=None),
        events=STARTED,
    ),
    Row(
        "subscribe with keys that nobody knows",
        AFTER_ACK,
        {**subscribe(doc_id=7), "trace": "abc", "version": 2},
        events=STARTED,
    ),
    Row(
        "subscribe with an id that is running",
        (RUNNING,),
        subscribe("run"),
        close=(CloseCode.SUBSCRIBER_ALREADY_EXISTS, "Subscriber for run already exists"),
    ),
    # complete
    Row("complete", (RUNNING,), {"id": "run", "type": "complete"}, events=(("Stop", "run"),)),
    Row("complete of an unknown id", OPEN, {"id": "nobody", "type": "complete"}),
    # ping, pong
    Row("ping", OPEN, {"type": "ping"}, frames=({"type": "pong"},)),
    Row(
        "ping with null as payload",
        OPEN,
        {"type": "ping", "payload": None},
        frames=({"type": "pong"},),
    ),
    Row(
        "ping with an empty payload",
        OPEN,
        {"type": "ping", "payload": {}},
        frames=({"type": "pong", "payload": {}},),
    ),
    Row(
        "ping with a payload",
        OPEN,
        {"type": "ping", "payload": {"sent": 1.5, "by": ["é", "\ud800", "\x00"]}},
        frames=({"type": "pong", "payload": {"sent": 1.5, "by": ["é", "\ud800", "\x00"]}},),
    ),
    Row("pong", OPEN, {"type": "pong"}, events=(("Pong", None),)),
    Row(
        "pong with a payload",
        OPEN,
        {"type": "pong", "payload": {"sent": 1.5}},
        events=(("Pong", {"sent": 1.5}),),
    ),
    # once closing
    Row("connection_init", (CLOSED,), {"type": "connection_init"}),
    Row("subscribe", (CLOSED,), subscribe()),
    Row("complete", (CLOSED,), {"id": "run", "type": "complete"}),
    Row("ping", (CLOSED,), {"type": "ping"}),
    Row("pong", (CLOSED,), {"type": "pong"}),
    Row("what is not JSON", (CLOSED,), Text("{")),
    Row("a binary frame", (CLOSED,), b"{}"),
]

_ID = "'id' must be a non-empty string"

# Every one of these closes with 4400 in every situation: a message is judged before it acts.
FAULTS = {
    **NO_MESSAGES,
    "a binary frame": (b'{"type":"ping"}', "must be text, not binary"),
    "a message of the server: next": (
        {"id": "run", "type": "next", "payload": {}},
        'unknown type "next"',
    ),
    "a message of the server: error": (
        {"id": "run", "type": "error", "payload": []},
        'unknown type "error"',
    ),
    "a message of the server: connection_ack": (
        {"type": "connection_ack"},
        'unknown type "connection_ack"',
    ),
    "a message of the legacy protocol": ({"type": "start", "id": "x"}, 'unknown type "start"'),
    "subscribe without an id": ({"type": "subscribe", "payload": {"query": QUERY}}, _ID),
    "subscribe with an empty id": (subscribe(""), _ID),
    "subscribe with null as id": (subscribe(None), _ID),
    "subscribe with a number as id": (subscribe(1), _ID),
    "subscribe with a list as id": (subscribe(["x"]), _ID),
    "complete without an id": ({"type": "complete"}, _ID),
    "complete with an empty id": ({"type": "complete", "id": ""}, _ID),
    "complete with a number as id": ({"type": "complete", "id": 0}, _ID),
    "subscribe without a payload": (
        {"id": "x", "type": "subscribe"},
        "'payload' must be an object",
    ),
    "subscribe with null as payload": (
        {"id": "x", "type": "subscribe", "payload": None},
        "'payload' must be an object",
    ),
    "subscribe with a list as payload": (
        {"id": "x", "type": "subscribe", "payload": [QUERY]},
        "'payload' must be an object",
    ),
    "subscribe without a query": (
        {"id": "x", "type": "subscribe", "payload": {}},
        "'query' must be a string",
    ),
    "subscribe with null as query": (subscribe(query=None), "'query' must be a string"),
    "subscribe with an object as query": (
        subscribe(query={"kind": "Document"}),
        "'query' must be a string",
    ),
    "subscribe with a number as operationName": (
        subscribe(operationName=1),
        "'operationName' must be a string",
    ),
    "subscribe with a list as variables": (
        subscribe(variables=[]),
        "'variables' must be an object",
    ),
    "subscribe with a string as variables": (
        subscribe(variables='{"id":1}'),
        "'variables' must be an object",
    ),
    "subscribe with a boolean as extensions": (
        subscribe(extensions=False),
        "'extensions' must be an object",
    ),
    "connection_init with a list as payload": (
        {"type": "connection_init", "payload": []},
        "'payload' must be an object",
    ),
    "connection_init with a string as payload": (
        {"type": "connection_init", "payload": "Token demo"},
        "'payload' must be an object",
    ),
    "ping with a string as payload": (
        {"type": "ping", "payload": "now"},
        "'payload' must be an object",
    ),
    "pong with a list as payload": (
        {"type": "pong", "payload": []},
        "'payload' must be an object",
    ),
}

INVALID = [
    Row(client, OPEN, sends, close=(CloseCode.BAD_REQUEST, f"Invalid message: {fault}"))
    for client, (sends, fault) in FAULTS.items()
]

TABLE = [*CONVERSATION, *INVALID]
