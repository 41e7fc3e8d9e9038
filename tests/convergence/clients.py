"""Clients of both dialects, that do with their events what the documentation tells them to."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from rest_framework.test import APIClient

from gql_live.testing import APICommunicator
from tests.convergence.questions import Question, Shown, canonical
from tests.convergence.tracker.endpoint import application

PATIENCE: Final = 5
Headers = list[tuple[bytes, bytes]]

FENCE: Final = "fence"
REFUSALS: Final[Mapping[Any, frozenset[int]]] = {
    "BAD_USER_INPUT": frozenset({400}),
    "UNAUTHENTICATED": frozenset({401, 403}),
    "FORBIDDEN": frozenset({401, 403}),
    "NOT_FOUND": frozenset({404}),
    "INTERNAL_SERVER_ERROR": frozenset({500}),
    400: frozenset({400}),
    403: frozenset({401, 403}),
    404: frozenset({404}),
    500: frozenset({500}),
    1013: frozenset({500}),
    4003: frozenset({401, 403}),
    4403: frozenset({401, 403}),
}
"""What REST says where an operation ends with this code, or its socket is closed with it."""


@dataclass(eq=False)
class Person:
    """Somebody with the credentials of one login, for a socket and for REST."""

    name: str
    rest: APIClient = field(default_factory=lambda: APIClient(raise_request_exception=False))
    headers: Headers = field(default_factory=list)
    token: str | None = None

    @classmethod
    def logged_in(cls, user: Any) -> "Person":
        """With a session."""
        rest = APIClient(raise_request_exception=False)
        rest.force_login(user)
        cookie = f"sessionid={rest.cookies['sessionid'].value}".encode()
        return cls(user.get_username(), rest, [(b"cookie", cookie)])

    @property
    def session(self) -> str | None:
        """The key of the session, as long as the browser keeps it."""
        cookie = self.rest.cookies.get("sessionid")
        return cookie.value if cookie is not None else None

    @classmethod
    def with_token(cls, name: str, key: str) -> "Person":
        """With a token."""
        rest = APIClient(raise_request_exception=False)
        rest.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        return cls(name, rest, token=f"Token {key}")


@dataclass(frozen=True)
class Event:
    """What one frame says. ``key`` is the client's id of the row; ``rows`` are a snapshot's."""

    action: str
    key: str | None = None
    row: Shown | None = None
    rows: tuple[Shown, ...] = ()
    code: Any = None


@dataclass(eq=False)
class Subscription:
    """A running operation, as the client keeps the book of it: what came, and what it holds.

    ``exact``: whether what it holds is known to be where its next event begins, as after a
    snapshot. What was read over REST may be ahead of the events that are on their way.
    """

    id: str
    person: Person
    question: Question
    selection: str
    snapshot: bool
    frames: list[Mapping[str, Any]] = field(default_factory=list)
    rows: dict[str, Shown] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    exact: bool = False
    loaded: bool = False
    ended: Any = None

    def apply(self, event: Event) -> None:
        """Do what a client does. Fails where the event makes no sense to it."""
        match event.action:
            case "SNAPSHOT":
                assert self.snapshot, "a snapshot that nobody asked for"
                self.hold(event.rows)
                self.exact = True
            case "CREATED":
                assert not self.exact or event.key not in self.rows, "CREATED of a row it holds"
                self._put(event)
            case "UPDATED":
                assert not self.exact or event.key in self.rows, "UPDATED of a row it lacks"
                self._put(event)
            case "DELETED":
                assert not self.exact or event.key in self.rows, "DELETED of a row it lacks"
                self.rows.pop(str(event.key), None)
            case "RESYNC":
                assert not self.snapshot, "a client with a snapshot gets a new one"
                self.loaded = self.exact = False
            case "END":
                self.ended = event.code
            case _:
                raise AssertionError(f"an unknown action: {event}")

    def hold(self, rows: tuple[Shown, ...]) -> None:
        """Begin anew with these rows."""
        self.rows = {}
        for row in rows:
            self._put(Event("", str(row[self.question.key]), row))

    def _put(self, event: Event) -> None:
        assert event.row is not None
        assert event.key is not None
        if self.question.key in event.row:
            assert event.key == event.row[self.question.key], "an id that is another row's"
        if "version" in event.row and "id" in event.row:
            name, version = event.row["id"], int(event.row["version"])
            if self.exact:
                newest = self.newest.get(name, 0)
                assert version >= newest, f"version {version} of row {name} after {newest}"
            self.newest[name] = max(version, self.newest.get(name, 0))
        self.rows[event.key] = event.row


class Connection:
    """One socket. A task reads it and files what comes; the history judges it when it looks."""

    subprotocol: str | None = "graphql-transport-ws"

    def __init__(self, person: Person) -> None:
        self.person = person
        self.subscriptions: dict[str, Subscription] = {}
        self.closed: int | None = None
        self.read = 0
        """Frames that have come."""
        protocols = [self.subprotocol] if self.subprotocol else []
        headers = self._headers()
        self._communicator: Any = APICommunicator(application, "/live/", headers, protocols)
        self._ids = count(1)
        self._answered = asyncio.Event()

    async def open(self) -> bool:
        """Shake hands, and be introduced. False where the server refuses."""
        accepted, _ = await self._communicator.connect(PATIENCE)
        if not accepted:
            await self._communicator.disconnect(timeout=PATIENCE)
            return False
        self._reader = asyncio.create_task(self._read())
        await self._introduce()
        return self.closed is None

    def _headers(self) -> Headers:
        return self.person.headers

    async def _introduce(self) -> None:
        token = self.person.token
        payload = {} if token is None else {"Authorization": token}
        await self._send({"type": "connection_init", "payload": payload})
        await asyncio.wait_for(self._answered.wait(), PATIENCE)

    async def close(self) -> None:
        """Hang up."""
        self._reader.cancel()
        await asyncio.wait({self._reader})
        await self._communicator.disconnect(timeout=PATIENCE)

    async def subscribe(
        self, question: Question, selection: str, *, snapshot: bool
    ) -> Subscription:
        """Start an operation; when this returns, the server has taken it in."""
        made = Subscription(str(next(self._ids)), self.person, question, selection, snapshot)
        self.subscriptions[made.id] = made
        await self._send(self._request(made))
        await self._fence()
        return made

    async def stop(self, subscription: Subscription) -> None:
        """End an operation; what still comes of it is nobody's."""
        del self.subscriptions[subscription.id]
        if subscription.ended is None and self.closed is None:
            await self._send(self._farewell(subscription.id))
            await self._fence()

    async def _fence(self) -> None:
        """Return when the server has taken in all that was sent: it answers in order."""
        self._answered.clear()
        await self._send(self._fence_request())
        await asyncio.wait_for(self._answered.wait(), PATIENCE)

    def _fence_request(self) -> dict[str, Any]:
        return {"type": "ping"}

    def _request(self, made: Subscription) -> dict[str, Any]:
        document = made.question.document(made.selection, snapshot=made.snapshot)
        return {"type": "subscribe", "id": made.id, "payload": {"query": document}}

    def _farewell(self, operation_id: str) -> dict[str, Any]:
        return {"type": "complete", "id": operation_id}

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._communicator.send_json_to(message)

    async def _read(self) -> None:
        while True:
            output = await self._communicator.output_queue.get()
            self.read += 1
            if output["type"] == "websocket.close":
                self.closed = output.get("code", 1000)
                self._answered.set()
                return
            message = json.loads(output["text"])
            subscription = self.subscriptions.get(message.get("id"))
            if message["type"] in {"connection_ack", "pong"} or message.get("id") == FENCE:
                self._answered.set()
            elif message["type"] == "ping":
                await self._send({"type": "pong"})
            elif subscription is not None:
                subscription.frames.append(message)

    def event(self, message: Mapping[str, Any]) -> Event:
        """What a frame of an operation says."""
        if message["type"] == "complete":
            return Event("END", code="complete")
        if message["type"] == "error":
            return Event("END", code=message["payload"][0]["extensions"]["code"])
        assert "errors" not in message["payload"], message
        (change,) = message["payload"]["data"].values()
        rows = tuple(canonical(change["instances"] or ()))
        return Event(change["action"], change["id"], canonical(change["instance"]), rows)


class RestLiveConnection(Connection):
    """A socket of a django-rest-live front end."""

    subprotocol = None

    def _headers(self) -> Headers:
        token = self.person.token
        credentials = [] if token is None else [(b"authorization", token.encode())]
        return [*self.person.headers, *credentials]

    async def _introduce(self) -> None:
        """Nobody is introduced."""

    def _request(self, made: Subscription) -> dict[str, Any]:
        question = made.question
        request: dict[str, Any] = {"type": "subscribe", "id": made.id, "model": question.model}
        request["query_params"] = dict(question.params)
        if question.lookup is None:
            return {**request, "action": "list"}
        return {**request, "action": "retrieve", "lookup_by": question.lookup}

    def _farewell(self, operation_id: str) -> dict[str, Any]:
        return {"type": "unsubscribe", "id": operation_id}

    def _fence_request(self) -> dict[str, Any]:
        # An error that waits until it is known who asks, as the subscriptions before it do.
        return {"type": "subscribe", "id": FENCE, "model": "no.Model", "action": "list"}

    def event(self, message: Mapping[str, Any]) -> Event:
        if message["type"] == "error":
            return Event("END", code=message["code"])
        row = canonical(message["instance"])
        key = row[self.subscriptions[message["id"]].question.key]
        return Event(message["action"], key, None if message["action"] == "DELETED" else row)
