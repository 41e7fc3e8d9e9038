"""The decision table of an event stream, where a request is all that a client can send."""

from gql_live.adapters.graphql_sse import GraphQLSSE
from gql_live.adapters.messages import GraphQLRequest
from gql_live.adapters.protocol import Close, CloseCode
from tests.adapters.faults import NO_MESSAGES
from tests.adapters.table import Row, Situations, Text, feed

QUERY = "subscription { tasks { action } }"


def body(**changes: object) -> dict[str, object]:
    """The body of a POST request."""
    return {"query": QUERY, **changes}


def _empty() -> GraphQLSSE:
    return GraphQLSSE()


def _running() -> GraphQLSSE:
    adapter = _empty()
    feed(adapter, body())
    return adapter


def _closed() -> GraphQLSSE:
    adapter = _running()
    adapter.fail(Close(CloseCode.SERVICE_RESTART, "Restarting"))
    return adapter


EMPTY = "before the request"
RUNNING = "while its operation is running"
CLOSED = "once closing"

SITUATIONS: Situations = {EMPTY: _empty, RUNNING: _running, CLOSED: _closed}
OPEN = (EMPTY, RUNNING)

FAULTS = {
    **{
        what: (sends, fault)
        for what, (sends, fault) in NO_MESSAGES.items()
        if not isinstance(
            sends, dict
        )  # these are objects with a wrong `type`, which is nothing here
    },
    "a form": (Text("query=x"), "not JSON"),
    "a request without a query": ({}, "'query' must be a string"),
    "a request with a parsed document": (
        body(query={"kind": "Document"}),
        "'query' must be a string",
    ),
    "a request with variables as text": (body(variables="{}"), "'variables' must be an object"),
    "a binary frame": (b"{}", "must be text, not binary"),
}

TABLE = [
    Row(
        "a request",
        (EMPTY,),
        body(variables={"id": 1}, operationName=None, extra=1),
        events=(("Subscribe", "", GraphQLRequest(QUERY, variables={"id": 1})),),
    ),
    Row(
        "a second request",
        (RUNNING,),
        body(),
        close=(CloseCode.BAD_REQUEST, "Invalid message: an event stream has one operation"),
    ),
    Row("a request", (CLOSED,), body()),
    *(
        Row(client, OPEN, sends, close=(CloseCode.BAD_REQUEST, f"Invalid message: {fault}"))
        for client, (sends, fault) in FAULTS.items()
    ),
]
