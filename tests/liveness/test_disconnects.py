"""A thousand peers vanish, each in some state, and nothing of them is left."""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, ClassVar

import pytest
from ariadne import QueryType, SubscriptionType
from channels.auth import AuthMiddlewareStack
from django.contrib.auth import get_user_model
from django.test import override_settings

from gql_live import RealtimeRouter
from gql_live.adapters.protocol import Adapter, Operation
from gql_live.audience import Audience
from gql_live.broadcaster import Broadcaster
from gql_live.connection import Connection, LiveOperation
from gql_live.shutdown import Shutdown
from gql_live.writer import Writer
from tests.liveness.peers import PATIENCE, Peer
from tests.todo.models import List, Task
from tests.todo.views import TaskViewSet

PEERS = 1000
AT_ONCE = 100
TASKS = "subscription { tasks(snapshot: true) { action instances { text } } }"


class Running:
    """What a project's own resolvers have open."""

    count: ClassVar[int] = 0

    async def __aenter__(self) -> None:
        Running.count += 1

    async def __aexit__(self, *_exception: object) -> None:
        Running.count -= 1


async def ticks(_root: Any, _info: Any) -> AsyncGenerator[int, None]:
    """The source of a subscription that says one thing and then waits."""
    async with Running():
        yield 1
        await asyncio.Event().wait()


async def forever(_root: Any, _info: Any) -> None:
    """A query that is never answered."""
    async with Running():
        await asyncio.Event().wait()


@pytest.fixture
def application() -> Any:
    query, subscription = QueryType(), SubscriptionType()
    query.set_field("forever", forever)
    subscription.set_source("ticks", ticks)
    subscription.set_field("ticks", lambda tick, _info: tick)
    router = RealtimeRouter(
        type_defs=["type Query { forever: Int } type Subscription { ticks: Int! }"],
        bindables=[query, subscription],
    )
    router.register(TaskViewSet)
    consumer: Any = router.as_consumer().as_asgi()
    return AuthMiddlewareStack(consumer)


@pytest.fixture
def ada(transactional_db: None) -> Any:
    ada = get_user_model().objects.create_user("ada")
    Task.objects.create(text="Write", list=List.objects.create(name="ada's", owner=ada))
    return ada


# ── the states ──


async def in_the_handshake(peer: Peer) -> None:
    """Nothing has been answered yet."""


async def connecting(peer: Peer) -> None:
    await peer.hear("accept")


async def acknowledging(peer: Peer) -> None:
    await connecting(peer)
    peer.say(type="connection_init")


async def acknowledged(peer: Peer) -> None:
    await acknowledging(peer)
    await peer.hear("connection_ack")


async def subscribing(peer: Peer) -> None:
    await acknowledged(peer)
    peer.say(type="subscribe", id="1", payload={"query": TASKS})


async def subscribed(peer: Peer) -> None:
    await subscribing(peer)
    await peer.hear("next")


async def unsubscribing(peer: Peer) -> None:
    await subscribed(peer)
    peer.say(type="complete", id="1")


async def querying(peer: Peer) -> None:
    await acknowledged(peer)
    peer.say(type="subscribe", id="1", payload={"query": "{ tasks { text } }"})


async def querying_without_end(peer: Peer) -> None:
    await acknowledged(peer)
    peer.say(type="subscribe", id="1", payload={"query": "{ forever }"})
    peer.say(type="ping")
    await peer.hear("pong")


async def starting_a_generator(peer: Peer) -> None:
    await acknowledged(peer)
    peer.say(type="subscribe", id="1", payload={"query": "subscription { ticks }"})


async def generating(peer: Peer) -> None:
    await starting_a_generator(peer)
    await peer.hear("next")


async def several_operations(peer: Peer) -> None:
    await generating(peer)
    peer.say(type="subscribe", id="2", payload={"query": TASKS})
    peer.say(type="subscribe", id="3", payload={"query": "{ forever }"})


async def after_an_error(peer: Peer) -> None:
    await acknowledged(peer)
    peer.say(type="subscribe", id="1", payload={"query": "{ nothing }"})
    await peer.hear("error")


async def closed_by_the_server(peer: Peer) -> None:
    await subscribed(peer)
    peer.say(type="nonsense")
    await peer.hear("close")


STATES = (
    in_the_handshake,
    connecting,
    acknowledging,
    acknowledged,
    subscribing,
    subscribed,
    unsubscribing,
    querying,
    querying_without_end,
    starting_a_generator,
    generating,
    several_operations,
    after_an_error,
    closed_by_the_server,
)


async def legacy_subscribed(peer: Peer) -> None:
    await connecting(peer)
    peer.say(type="connection_init")
    await peer.hear("connection_ack")
    peer.say(type="start", id="1", payload={"query": TASKS})
    await peer.hear("data")


async def rest_live_subscribing(peer: Peer) -> None:
    await connecting(peer)
    peer.say(type="subscribe", id=1, model="todo.Task", action="list")


Behaviour = tuple[str | None, Callable[[Peer], Awaitable[None]]]
BEHAVIOURS: tuple[Behaviour, ...] = (
    *(("graphql-transport-ws", state) for state in STATES),
    ("graphql-ws", connecting),
    ("graphql-ws", legacy_subscribed),
    (None, connecting),
    (None, rest_live_subscribing),
    ("soap", connecting),
)


# ── what is left ──

COUNTED = (Connection, LiveOperation, Operation, Adapter, Writer, Audience)


def alive() -> Counter[str]:
    """How many there are of what a connection is made of."""
    gc.collect()
    kinds = map(type, gc.get_objects())  # isinstance() would wake lazy objects up
    return Counter(kind.__name__ for kind in kinds if issubclass(kind, COUNTED))


async def nothing_is_left(but: Counter[str]) -> None:
    broadcaster = Broadcaster.running()
    await broadcaster.rest()
    assert Running.count == 0, "a project's own generator or resolver runs"
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not broadcaster.listening
    assert broadcaster._hub.empty
    assert not broadcaster._tasks
    assert not broadcaster._serving
    assert not broadcaster.connections._counts
    assert not Shutdown.running()._open
    # A thread may still be at work for a peer that is gone, and holds it so long.
    deadline = time.monotonic() + PATIENCE
    while (left := alive()) != but and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert left == but


@pytest.mark.parametrize("ending", [Peer.vanish, Peer.be_given_up], ids=["vanish", "given up"])
async def test_peers_that_vanish_in_any_state_leave_nothing(
    ada: Any, application: Any, ending: Any
) -> None:
    async def live_and_die(subprotocol: str | None, live: Callable[[Peer], Any]) -> None:
        peer = Peer(application, subprotocol, ada)
        await live(peer)
        await ending(peer)

    before = alive()
    peers = PEERS if ending is Peer.vanish else PEERS // 10
    with override_settings(GQL_LIVE={"MAX_CONNECTIONS_PER_USER": AT_ONCE}):
        for start in range(0, peers, AT_ONCE):
            await asyncio.gather(
                *(
                    live_and_die(*BEHAVIOURS[number % len(BEHAVIOURS)])
                    for number in range(start, start + AT_ONCE)
                )
            )
    await nothing_is_left(before)
