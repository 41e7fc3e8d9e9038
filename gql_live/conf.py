"""The settings: one dict, ``GQL_LIVE``, of which every key has a default here.

Read at the moment of use, so ``override_settings(GQL_LIVE={…})`` works.
"""

from typing import Any

from django.conf import settings

from gql_live.exceptions import ConfigurationError

DEFAULTS: dict[str, Any] = {
    # --- the schema ---
    # "snake": fields are named as the serializer names them. "camel": camelCase.
    "CASE": "snake",
    # "id": primary keys, relations to them and lookups are `ID`. "native": the key's own type.
    "PK": "id",
    # "int": choices with integer keys stay `Int`. "enum": they become enums.
    "INTEGER_CHOICES": "int",
    # "null": an empty string in a choice field is null. "member": it is a member `BLANK`.
    "BLANK_ENUM": "null",
    # "proven": fields of a serializer without a model are nullable. "declared": as `allow_null`
    # and `required` say.
    "PLAIN_SERIALIZERS": "proven",
    # "int": integers whose range nothing tells are `Int`. "bigint": they are `BigInt`.
    "PLAIN_INTEGERS": "int",
    # More choices than these stay plain strings.
    "MAX_ENUM_VALUES": 100,
    # Names of types, by the import path of the serializer or enum class.
    "TYPE_NAMES": {},
    # Answer introspection queries.
    "INTROSPECTION": True,
    # Serve GraphiQL to a browser that opens the endpoint.
    "GRAPHIQL": True,
    # --- the socket ---
    # Seconds that a client has for `connection_init` after the handshake.
    "INIT_TIMEOUT": 3.0,
    # Seconds between pings; a peer that is silent from one to the next is closed, so within two
    # intervals of its last word.
    "KEEPALIVE": 20.0,
    # Headers that a `connection_init` payload may lay over the handshake's, lower case. A header
    # that your proxy sets or strips (X-Forwarded-For, X-Remote-User) must not stand here: the
    # payload passes no proxy.
    "CREDENTIAL_HEADERS": ["authorization"],
    # On SIGTERM, connections are closed (1012) before the server stops: so many a second, faster
    # where that would take more than so many seconds. Those, and what the server itself needs, have
    # to fit into what your supervisor grants before it kills (Kubernetes: 30 s, Docker: 10 s).
    "SHUTDOWN_PACE": 100,
    "SHUTDOWN_SECONDS": 15.0,
    # --- limits ---
    # Lexical tokens of a document.
    "MAX_TOKENS": 5000,
    # Fields within fields of an operation, its aliased fields, and its root fields.
    "MAX_DEPTH": 20,
    "MAX_ALIASES": 100,
    "MAX_ROOT_FIELDS": 20,
    # Bytes of one message from a client; a longer one closes the socket (1009) or, over HTTP,
    # is answered with 413.
    "MAX_MESSAGE_BYTES": 1_000_000,
    # Messages a second from one client, and as many at once; more close the socket (1008).
    "MAX_MESSAGES_PER_SECOND": 100,
    # Operations that run at once on one connection; a further one gets an error.
    "MAX_OPERATIONS": 100,
    # Connections of one user (session, credentials) to one process; a further one is refused
    # (4403).
    "MAX_CONNECTIONS_PER_USER": 100,
    # Distinct documents that are kept parsed and validated, per router.
    "DOCUMENT_CACHE": 1000,
    # Bytes of encoded events that wait for one client. What comes beyond is dropped, and told anew
    # when the client has read the rest; one that does not within 10 s is closed (1013).
    "SEND_QUEUE_BYTES": 1_000_000,
    # Rows of one snapshot; a larger one is refused with the advice to filter.
    "SNAPSHOT_ROWS": 10_000,
    # Rows of a list whose changes can be followed: their keys are kept in memory. A longer list is
    # refused with the advice to filter.
    "MEMBERSHIP_ROWS": 1_000_000,
    # --- what is followed ---
    # Models, as "app.Model", whose writes are never looked at though something that a view shows or
    # decides by might be read of them: logs, mostly.
    "UNTRACKED": [],
    # --- evaluation ---
    # Seconds in which every audience is evaluated again though nothing was written: what a logout,
    # a lost permission or a token that ran out takes away is taken away by then at the latest.
    "RECONSIDER_EVERY": 60.0,
    # Import paths of the project's own middleware that views rely on (a tenant, a scope, a
    # language): evaluations run inside it. Sessions and users are there without it.
    "MIDDLEWARE": [],
    # Threads, and so database connections, of a process that run views for subscriptions. 0: run
    # them in the one thread that asgiref keeps for thread-sensitive code, as a `TestCase` with its
    # open transaction needs it.
    "EVALUATION_THREADS": 4,
}


def setting(key: str) -> Any:
    """The value of ``GQL_LIVE[key]``, or its default. ``KeyError`` for a key that does not
    exist.
    """
    return configured().get(key, DEFAULTS[key])


def configured() -> dict[str, Any]:
    """What the project set. Raises ``ConfigurationError`` where ``GQL_LIVE`` is no dict."""
    values = getattr(settings, "GQL_LIVE", {})
    if not isinstance(values, dict):
        raise ConfigurationError("GQL_LIVE must be a dict, for example {'CASE': 'camel'}.")
    return values
