"""The instruments show what happens: who is here, what ended and why, what was missed."""

import pytest

from gql_live import pubsub
from gql_live.broadcaster import Broadcaster
from gql_live.changes import Gap
from gql_live.instruments import Counter, Gauge, LabelledCounter, instruments
from gql_live.testing import SocketClosed
from tests.runtime.conftest import Connect, People, until
from tests.runtime.test_flows import TASKS, next_change, started
from tests.runtime.test_races import Gate, GatedViewSet, gate  # noqa: F401 - a fixture
from tests.runtime.test_refusals import app_of, refusal
from tests.todo.models import Task


def measured(*names: Gauge) -> list[float]:
    gauges = instruments.read().gauges
    return [gauges[name] for name in names]


def labelled(name: LabelledCounter) -> dict[str, int]:
    return dict(instruments.read().labelled[name])


async def test_who_is_here_is_measured(connect: Connect, people: People) -> None:
    here = Gauge.CONNECTIONS, Gauge.AUDIENCES, Gauge.SUBSCRIBERS
    assert measured(*here) == [0, 0, 0]
    first, second, other = [await connect(user) for user in (people.ada, people.ada, people.grace)]
    streams = [await started(each, TASKS) for each in (first, second, second, other)]
    assert measured(*here) == [3, 2, 4]
    for stream in streams[1:]:
        await stream.stop()
    await until(lambda: measured(*here) == [3, 1, 1])


async def test_audiences_that_wait_for_a_thread_are_measured(
    connect: Connect,
    people: People,
    task: Task,
    gate: Gate,  # noqa: F811
) -> None:
    client = await connect(people.ada, app=app_of(GatedViewSet))
    gate.close()
    stream = await client.subscribe(TASKS, {"snapshot": True}).start()
    await gate.reached()
    assert measured(Gauge.UNSERVED) == [1]
    gate.open()
    assert (await next_change(stream))["action"] == "SNAPSHOT"
    await Broadcaster.running().settled()
    assert measured(Gauge.UNSERVED) == [0]


async def test_what_ended_is_counted_by_its_code(connect: Connect, people: People) -> None:
    instruments.reset()
    client = await connect()
    assert (await refusal(client)).code == "UNAUTHENTICATED"
    assert labelled(LabelledCounter.ERRORS) == {"UNAUTHENTICATED": 1}
    await client.send({"type": "connection_init"})
    with pytest.raises(SocketClosed):
        await client.receive(None)
    assert labelled(LabelledCounter.CLOSES) == {"4429": 1}


async def test_what_may_have_been_missed_is_counted_by_its_reason(
    connect: Connect, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = await started(await connect(people.ada), TASKS)
    instruments.reset()
    monkeypatch.setattr(pubsub, "INBOX_CAPACITY", 3)
    await Task.objects.abulk_create(
        [Task(text=f"{number}", list=people.ada_list) for number in range(5)]
    )
    assert len((await next_change(stream))["instances"]) == 5
    assert labelled(LabelledCounter.RESYNCS) == {Gap.OVERFLOW: 1}
    assert instruments.read().counts[Counter.CHANGES] == 3
