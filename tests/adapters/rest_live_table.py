"""The decision table of the django-rest-live dialect: what comes of a message in a situation."""

from gql_live.adapters.protocol import Close, CloseCode
from gql_live.adapters.rest_live import RestLive
from tests.adapters.faults import NO_MESSAGES
from tests.adapters.table import Row, Situations, Text, feed

MODELS = {"todo.Task", "todo.List"}


def subscribe(name: object = 1, **changes: object) -> dict[str, object]:
    """The subscription to a list."""
    message: dict[str, object] = {
        "type": "subscribe",
        "id": name,
        "model": "todo.Task",
        "action": "list",
    }
    return {key: value for key, value in {**message, **changes}.items() if value != "absent"}


def unsubscribe(name: object = 1) -> dict[str, object]:
    """The end of a subscription."""
    return {"type": "unsubscribe", "id": name}


def error(name: object, code: int, message: str) -> tuple[dict[str, object]]:
    """The one answer to a request that fails."""
    return ({"type": "error", "id": name, "code": code, "message": message},)


def subscribed(name: object = 1, **changes: object) -> tuple[tuple[object, ...]]:
    """The one event of a subscription that is accepted."""
    values: dict[str, object] = {
        "model": "todo.Task",
        "action": "list",
        "lookup_by": None,
        "view_kwargs": {},
        "query_params": {},
        **changes,
    }
    return (("SubscribeView", name, *values.values()),)


def _quiet() -> RestLive:
    return RestLive(MODELS)


def _running() -> RestLive:
    adapter = _quiet()
    feed(adapter, subscribe(7))
    return adapter


def _closed() -> RestLive:
    adapter = _running()
    adapter.fail(Close(CloseCode.SERVICE_RESTART, "Restarting"))
    return adapter


QUIET = "with no subscription"
RUNNING = "while 7 is running"
CLOSED = "once closing"

SITUATIONS: Situations = {QUIET: _quiet, RUNNING: _running, CLOSED: _closed}
OPEN = (QUIET, RUNNING)

BAD_ACTION = "`action` must be present and the value must be either `list` or `retrieve`."
BAD_ID = "`id` must be a number or a string."
UNKNOWN = "Attempted to unsubscribe for request ID before subscribing."

TABLE = [
    # subscribe
    Row("subscribe to a list", OPEN, subscribe(), events=subscribed()),
    Row(
        "subscribe to one object",
        OPEN,
        subscribe(action="retrieve", lookup_by=29),
        events=subscribed(action="retrieve", lookup_by=29),
    ),
    Row(
        "subscribe to one object that view_kwargs name",
        OPEN,
        subscribe(action="retrieve", view_kwargs={"pk": 29, "list": 14}),
        events=subscribed(action="retrieve", view_kwargs={"pk": 29, "list": 14}),
    ),
    Row(
        "subscribe with parameters",
        OPEN,
        subscribe(view_kwargs={"list": 14}, query_params={"active": True}),
        events=subscribed(view_kwargs={"list": 14}, query_params={"active": True}),
    ),
    Row(
        "subscribe with null for what is optional, and keys that nobody knows",
        OPEN,
        subscribe(lookup_by=None, view_kwargs=None, query_params=None, value=1),
        events=subscribed(),
    ),
    *(
        Row(f"subscribe with {what} as id", OPEN, subscribe(name), events=subscribed(name))
        for what, name in [("a string", "a"), ("zero", 0), ("a fraction", 0.25), ("no text", "")]
    ),
    Row("subscribe again with an id that is running", (RUNNING,), subscribe(7), subscribed(7)),
    # unsubscribe
    Row("unsubscribe", (RUNNING,), unsubscribe(7), events=(("Stop", 7),)),
    Row("unsubscribe an unknown id", OPEN, unsubscribe(8), frames=error(8, 404, UNKNOWN)),
    Row("unsubscribe 7 as text", (RUNNING,), unsubscribe("7"), frames=error("7", 404, UNKNOWN)),
    # errors
    *(
        Row(what, OPEN, sends, frames=error(1, code, message))
        for what, sends, code, message in [
            ("no model", subscribe(model="absent"), 400, "No model specified."),
            ("null as model", subscribe(model=None), 400, "No model specified."),
            ("a list as model", subscribe(model=["todo.Task"]), 400, "No model specified."),
            ("no action", subscribe(action="absent"), 400, BAD_ACTION),
            ("an unknown action", subscribe(action="destroy"), 400, BAD_ACTION),
            ("a list as action", subscribe(action=["list"]), 400, BAD_ACTION),
            (
                "a list as view_kwargs",
                subscribe(view_kwargs=[1]),
                400,
                "`view_kwargs` must be an object.",
            ),
            (
                "text as query_params",
                subscribe(query_params="a=1"),
                400,
                "`query_params` must be an object.",
            ),
            ("no type", {"id": 1, "model": "todo.Task"}, 400, "unknown message type `None`."),
            ("an unknown type", {"id": 1, "type": "ping"}, 400, "unknown message type `ping`."),
            ("an array as type", {"id": 1, "type": ["x"]}, 400, "unknown message type `['x']`."),
            (
                "a model that is not registered",
                subscribe(model="todo.Secret"),
                404,
                "Model todo.Secret not registered for realtime updates.",
            ),
            # Its own test suite sends this, without an action, and wants a 404.
            (
                "an unknown model and no action",
                subscribe(model="blah.Model", action="absent"),
                404,
                "Model blah.Model not registered for realtime updates.",
            ),
        ]
    ),
    *(
        Row(f"{what} as id", OPEN, subscribe(name), frames=error(name, 400, BAD_ID))
        for what, name in [("a boolean", True), ("a list", [1]), ("an object", {"n": 1})]
    ),
    # without an id, no answer
    Row("subscribe without an id", OPEN, subscribe("absent")),
    Row("subscribe with null as id", OPEN, subscribe(None)),
    Row("unsubscribe without an id", OPEN, {"type": "unsubscribe"}),
    *(
        Row(f"{what}, which has no id", OPEN, sends)
        for what, (sends, _fault) in NO_MESSAGES.items()
        if not (isinstance(sends, dict) and "id" in sends)
    ),
    # binary
    Row(
        "a binary frame",
        OPEN,
        b"{}",
        close=(CloseCode.BAD_REQUEST, "Invalid message: must be text, not binary"),
    ),
    # once closing
    Row("subscribe", (CLOSED,), subscribe()),
    Row("unsubscribe", (CLOSED,), unsubscribe(7)),
    Row("an unknown type", (CLOSED,), {"id": 1, "type": "ping"}),
    Row("what is not JSON", (CLOSED,), Text("{")),
]
