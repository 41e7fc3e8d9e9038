"""One socket: protocol events to operations, send queue to socket. It owns the tasks and the time.

The adapter decides what the protocol says, the broadcaster what a subscriber is told; here the two
meet.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

from rest_framework.generics import GenericAPIView

from gql_live.adapters.protocol import (
    Adapter,
    Close,
    CloseCode,
    ConnectionInit,
    Event,
    GraphQLRequest,
    Operation,
    Pong,
    State,
    Stop,
    Subscribe,
    SubscribeView,
)
from gql_live.audience import Audience, AudienceKey, Payload, Principal
from gql_live.broadcaster import Broadcaster
from gql_live.conf import setting
from gql_live.exceptions import ErrorCode, Refusal
from gql_live.execution import answer, errors_of, response_payload, stream
from gql_live.instruments import LabelledCounter, instruments
from gql_live.limits import MessageLimits
from gql_live.operations import Documents
from gql_live.operations import Operation as Definition
from gql_live.plan import Plan, Selection, plan_subscription, plan_view
from gql_live.principals import credentials_of
from gql_live.resolvers import authenticate, off_loop, watched_row
from gql_live.send_queue import Credit
from gql_live.shutdown import Shutdown
from gql_live.writer import Socket, Writer

logger = logging.getLogger("gql_live")


@dataclass(frozen=True, slots=True)
class Gateway:
    """What all connections of one router share.

    ``endpoints``: by model label (``app.Model``) and action, where several views serve a model the
    one registered first. ``public``: whether somebody unknown may connect.
    """

    documents: Documents
    views: Sequence[type[GenericAPIView[Any]]]
    endpoints: Mapping[tuple[str, str], Any]
    public: bool


class LiveOperation:
    """A running subscription: the audience's subscriber on one side, the connection's operation
    on the other.
    """

    __slots__ = ("_connection", "_operation", "_writer", "audience", "plan")

    def __init__(
        self, connection: "Connection", writer: Writer, operation: Operation, plan: Plan
    ) -> None:
        self._connection = connection
        self._writer = writer
        self._operation = operation
        self.plan = plan
        self.audience: Audience | None = None

    @property
    def selection(self) -> Selection:
        """What it selects of every event."""
        return self.plan.selection

    def deliver(self, payload: Payload) -> None:
        """Say an event."""
        self._writer.say(self._operation, payload)

    def refuse(self, refusal: Refusal) -> None:
        """End the operation with the refusal, naming arguments as the client wrote them."""
        named = self.plan.name_arguments(refusal)
        self._connection.end(self._operation, [named.as_error()])

    def lose(self) -> None:
        """Have the client come back later (DESIGN promise 8)."""
        self._connection.shut(Close(CloseCode.TRY_AGAIN_LATER, "Try again later"))


class Connection:
    """One socket. Its methods are called on the event loop and return at once, but for
    ``closed``.
    """

    def __init__(
        self,
        adapter: Adapter,
        gateway: Gateway,
        socket: Socket,
        *,
        identify: Callable[[Mapping[str, str]], Principal],
        context: Mapping[str, Any],
        credit: Credit | None = None,
    ) -> None:
        self._adapter = adapter
        self._gateway = gateway
        self._identify = identify
        self._context = context
        self._broadcaster = Broadcaster.running()
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(adapter, socket, self._release_all, self._renewal_of, credit)
        self._principal: Principal | None = None
        self._held: list[Subscribe | SubscribeView] = []
        self._subscriptions: dict[Operation, LiveOperation] = {}
        self._answers: dict[Operation, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._limits = MessageLimits(
            size=setting("MAX_MESSAGE_BYTES"),
            rate=setting("MAX_MESSAGES_PER_SECOND"),
            now=self._loop.time(),
        )
        self._silent_intervals = 0
        self._keepalive: float = setting("KEEPALIVE")
        self._timers = {
            "init": self._loop.call_later(setting("INIT_TIMEOUT"), self._init_timed_out),
            "keepalive": self._loop.call_later(self._keepalive, self._keep_alive),
        }
        if adapter.state is State.ACKNOWLEDGED:
            # A dialect without an introduction: what is asked waits until it is known who asks.
            self._spawn(self._introduce(None))
        Shutdown.running().enter(self)

    # --- what the socket brings ---

    def receive(self, text: str | None, data: bytes | None) -> None:
        """A frame came in."""
        self._silent_intervals = 0
        fault = self._limits.fault(text or data or b"", self._loop.time())
        if fault is not None:
            self._adapter.fail(fault)
        elif text is not None:
            self._act_on_all(self._adapter.receive_text(text))
        else:
            self._act_on_all(self._adapter.receive_bytes(data or b""))
        self._writer.wake()

    def shut(self, close: Close) -> None:
        """Close for a reason of ours."""
        self._adapter.fail(close)
        self._writer.wake()

    async def retire(self, close: Close) -> None:
        """Say what waits to be said, and then close."""
        await self._writer.drained()
        self.shut(close)
        await self._writer.drained()

    async def closed(self) -> None:
        """The socket is gone: leave nothing behind."""
        Shutdown.running().leave(self)
        self._adapter.fail(Close(CloseCode.GOING_AWAY))
        for timer in self._timers.values():
            timer.cancel()
        self._release_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writer.stop()
        self._broadcaster.connections.leave(self)
        await self._broadcaster.rest()

    # --- what the peer asks for ---

    def _act_on_all(self, events: Iterable[Event]) -> None:
        for event in events:
            self._act_on(event)

    def _act_on(self, event: Event) -> None:
        match event:
            case ConnectionInit(payload):
                self._spawn(self._introduce(payload))
            case Stop(operation):
                self._release(operation)
            case Pong(payload):
                self._writer.acknowledge(payload)
            case Subscribe() | SubscribeView() if self._has_too_many_operations():
                most = setting("MAX_OPERATIONS")
                said = f"Too many operations: more than {most} on one connection."
                self.end(event.operation, [Refusal(ErrorCode.LIMIT_EXCEEDED, said).as_error()])
            case Subscribe() | SubscribeView() if self._principal is None:
                self._held.append(event)
            case Subscribe(operation, request):
                self._start(operation, request)
            case SubscribeView(operation):
                self._start_view(operation, event)

    def _has_too_many_operations(self) -> bool:
        most: int = setting("MAX_OPERATIONS")
        return len(self._adapter.operations) > most

    async def _introduce(self, payload: Mapping[str, Any] | None) -> None:
        """Who is it? Credentials that nobody accepts, and nobody at all where the router is not
        public, are refused.
        """
        try:
            principal = await off_loop(self._identify, credentials_of(payload))
            if not await self._may_connect(principal):
                self._turn_away()
            elif not self._broadcaster.connections.enter(
                self, principal.identity, most := setting("MAX_CONNECTIONS_PER_USER")
            ):
                reason = f"Too many connections: more than {most} of one user"
                self._adapter.fail(Close(CloseCode.FORBIDDEN, reason))
            else:
                self._welcome(principal)
        except Refusal as refusal:
            self._turn_away(ours=refusal.code is ErrorCode.INTERNAL_SERVER_ERROR)
        except Exception:
            logger.exception("A connection could not be introduced.")
            self._turn_away(ours=True)
        self._writer.wake()

    def _welcome(self, principal: Principal) -> None:
        self._principal = principal
        held: list[Event] = [
            each for each in self._held if each.operation in self._adapter.operations
        ]
        self._held = []
        if self._adapter.state is State.ACKNOWLEDGING:
            held += self._adapter.acknowledge()
        self._act_on_all(held)

    def _turn_away(self, *, ours: bool = False) -> None:
        """Close. A fault of ours is no answer that a client would give up on (DESIGN promise 8)."""
        if ours:
            self._adapter.fail(Close(CloseCode.TRY_AGAIN_LATER, "Try again later"))
        elif self._adapter.state is State.ACKNOWLEDGING:
            self._adapter.refuse()
        else:
            self._adapter.fail(Close(CloseCode.UNAUTHENTICATED, "Unauthenticated"))

    async def _may_connect(self, principal: Principal) -> bool:
        presented = any(name == "authorization" for name, _ in principal.headers)
        if self._gateway.public and not presented:
            return True
        known = await off_loop(authenticate, self._gateway.views, principal)
        return known or self._gateway.public

    def _start(self, operation: Operation, request: GraphQLRequest) -> None:
        try:
            definition = self._gateway.documents.operation(request.query, request.operation_name)
            plan = None
            if definition.kind == "subscription":
                schema = self._gateway.documents.schema
                plan = plan_subscription(schema, definition, request.variables)
            if plan is not None:
                self._join(operation, plan)
            else:
                answering = self._answer(operation, definition, request.variables)
                self._answers[operation] = self._spawn(answering)
        except Exception as error:
            self.end(operation, errors_of(error))

    def _start_view(self, operation: Operation, request: SubscribeView) -> None:
        endpoint = self._gateway.endpoints.get((request.model, request.action))
        try:
            if endpoint is None:
                raise Refusal(
                    ErrorCode.NOT_FOUND,
                    f"Model {request.model} not registered for realtime updates.",
                )
            self._join(operation, plan_view(endpoint, request))
        except Exception as error:
            self.end(operation, errors_of(error))

    def _join(self, operation: Operation, plan: Plan) -> None:
        assert self._principal is not None, "acknowledged, so introduced"
        subscription = LiveOperation(self, self._writer, operation, plan)
        self._subscriptions[operation] = subscription
        subscription.audience = self._broadcaster.join(
            AudienceKey(plan.endpoint, plan.kwargs, plan.params, self._principal),
            subscription,
            model=plan.endpoint.model._meta.concrete_model._meta.label_lower,
            watches=watched_row(plan.endpoint, dict(plan.kwargs)),
        )

    async def _answer(
        self, operation: Operation, definition: Definition, variables: dict[str, Any] | None
    ) -> None:
        """A query, a mutation, or a subscription of the project's own."""
        context = {**self._context, "principal": self._principal, "run": off_loop}
        answering = stream if definition.kind == "subscription" else answer
        try:
            async with aclosing(
                answering(self._gateway.documents, definition, variables, context)
            ) as responses:
                async for response in responses:
                    self._writer.say(operation, response_payload(response))
            self.end(operation)
        except Exception as error:
            self.end(operation, errors_of(error))
        finally:
            self._answers.pop(operation, None)

    # --- what is said to the peer ---

    @property
    def waiting(self) -> int:
        """Bytes of results that wait to be sent."""
        return self._writer.waiting

    def end(self, operation: Operation, errors: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Queue the end of an operation: an ``error``, or ``complete`` without errors."""
        self._subscriptions.pop(operation, None)
        if errors:
            code = errors[0].get("extensions", {}).get("code", "none")
            instruments.count_labelled(LabelledCounter.ERRORS, str(code))
        self._writer.end(operation, errors)

    def _renewal_of(self, operation: Operation) -> Callable[[], None] | None:
        """What tells a subscription anew where things stand; None where its dialect cannot."""
        subscription = self._subscriptions.get(operation)
        if subscription is None or subscription.audience is None:
            return None
        if not subscription.selection.speaks_resync:
            return None
        return partial(self._broadcaster.renew, subscription.audience, subscription)

    # --- what ends ---

    def _release(self, operation: Operation) -> None:
        self._writer.discard(operation)
        subscription = self._subscriptions.pop(operation, None)
        if subscription is not None and subscription.audience is not None:
            self._broadcaster.leave(subscription.audience, subscription)
        answering = self._answers.pop(operation, None)
        if answering is not None:
            answering.cancel()

    def _release_all(self) -> None:
        for operation in (*self._subscriptions, *self._answers):
            self._release(operation)

    # --- time ---

    def _init_timed_out(self) -> None:
        self._adapter.initialisation_timed_out()
        self._writer.wake()

    def _keep_alive(self) -> None:
        self._silent_intervals += 1
        if self._adapter.answers_pings and self._silent_intervals >= 2:
            self._adapter.fail(Close(CloseCode.SERVICE_RESTART, "No sign of life"))
        else:
            self._adapter.ping()
            self._timers["keepalive"] = self._loop.call_later(self._keepalive, self._keep_alive)
        self._writer.wake()

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
