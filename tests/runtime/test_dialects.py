"""The older dialects on the same URL: their clients go on as before."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connection
from rest_framework.renderers import JSONRenderer

from gql_live.broadcaster import Broadcaster
from tests.asgi import application
from tests.runtime.conftest import People
from tests.runtime.test_flows import TASKS
from tests.runtime.test_refusals import app_of
from tests.todo.models import Task
from tests.todo.views import TaskViewSet

PATIENCE = 5


class Socket:
    """A raw client that speaks JSON."""

    def __init__(self, user: Any, app: Any = application, subprotocols: Any = None) -> None:
        self._communicator = WebsocketCommunicator(app, "/graphql/", subprotocols=subprotocols)
        if user is not None:
            cast("dict[str, Any]", self._communicator.scope)["user"] = user

    async def open(self) -> "Socket":
        connected, _ = await self._communicator.connect(PATIENCE)
        assert connected
        return self

    async def say(self, **message: Any) -> None:
        await self._communicator.send_json_to(message)

    async def hear(self) -> Any:
        return await self._communicator.receive_json_from(PATIENCE)

    async def closed(self) -> int:
        output = await self._communicator.receive_output(PATIENCE)
        assert output["type"] == "websocket.close"
        return int(output["code"])

    async def close(self) -> None:
        await self._communicator.disconnect(timeout=PATIENCE)


@pytest.fixture
async def socket(people: People) -> AsyncIterator[Socket]:
    socket = await Socket(people.ada).open()
    yield socket
    await socket.close()


async def listening(socket: Socket, **extra: Any) -> None:
    """Subscribe, and wait until the subscriber was admitted."""
    request = {"type": "subscribe", "id": 1, "model": "todo.Task", "action": "list", **extra}
    await socket.say(**request)
    # Requests are taken in order: once the second is refused, the first has joined its audience.
    await socket.say(type="subscribe", id="marker", model="todo.Nothing", action="list")
    assert (await socket.hear())["id"] == "marker"
    await Broadcaster.running().settled()


async def test_an_old_front_end_hears_every_change_of_its_rows(
    socket: Socket, people: People
) -> None:
    await listening(socket)
    task = await Task.objects.acreate(text="New", list=people.ada_list)
    instance = {
        "id": task.pk,
        "text": "New",
        "done": False,
        "priority": "normal",
        "list": people.ada_list.pk,
    }
    head = {"type": "broadcast", "id": 1, "model": "todo.Task"}
    assert await socket.hear() == {**head, "action": "CREATED", "instance": instance}
    task.done = True
    await task.asave()
    assert await socket.hear() == {
        **head,
        "action": "UPDATED",
        "instance": {**instance, "done": True},
    }
    key = task.pk
    await task.adelete()
    gone = {"pk": key, "id": key}
    assert await socket.hear() == {**head, "action": "DELETED", "instance": gone}


async def test_an_old_front_end_follows_one_row_with_parameters(
    socket: Socket, people: People, task: Task
) -> None:
    other = await Task.objects.acreate(text="Other", list=people.ada_list)
    await listening(
        socket, action="retrieve", lookup_by=task.pk, query_params={"done": False, "list": None}
    )
    await other.asave()
    task.text = "Read"
    await task.asave()
    assert (await socket.hear())["instance"]["text"] == "Read"
    task.done = True
    await task.asave()
    assert (await socket.hear())["action"] == "DELETED"


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"model": "todo.Nothing", "action": "list"}, 404, "not registered"),
        ({"model": "todo.Task", "action": "retrieve", "lookup_by": 999999}, 404, "Not found."),
        ({"model": "todo.Task", "action": "retrieve"}, 404, "Not found."),
        (
            {"model": "todo.Task", "action": "list", "query_params": {"list": "x"}},
            400,
            "list: Select a valid choice",
        ),
        (
            {"model": "todo.Task", "action": "list", "query_params": {"a": {"b": 1}}},
            400,
            "`query_params` cannot carry `a`",
        ),
        (
            {"model": "todo.Task", "action": "list", "view_kwargs": {"a": [1]}},
            400,
            "`view_kwargs` must be",
        ),
        ({"model": "todo.Task", "action": "dance"}, 400, "`action` must be present"),
    ],
    ids=[
        "unknown model",
        "unknown row",
        "no lookup",
        "refused filter",
        "nested parameter",
        "nested kwarg",
        "unknown action",
    ],
)
async def test_a_refused_request_is_answered_with_a_code(
    socket: Socket, request_: dict[str, Any], code: int, message: str
) -> None:
    await socket.say(type="subscribe", id=7, **request_)
    answer = await socket.hear()
    assert (answer["type"], answer["id"], answer["code"]) == ("error", 7, code)
    assert message in answer["message"]


async def test_a_stranger_is_refused_by_the_view(people: People) -> None:
    socket = await Socket(None).open()
    await socket.say(type="subscribe", id=1, model="todo.Task", action="list")
    assert (await socket.hear())["code"] == 403
    await socket.close()


async def test_a_stranger_is_turned_away_where_the_router_is_not_public(people: People) -> None:
    socket = await Socket(None, app=app_of(TaskViewSet, public=False)).open()
    assert await socket.closed() == 4003
    await socket.close()


async def test_two_ids_are_two_streams_and_one_can_be_left(
    socket: Socket, people: People, task: Task
) -> None:
    await listening(socket)
    await listening(socket, id=2)
    await task.asave()
    assert {(await socket.hear())["id"] for _ in range(2)} == {1, 2}
    await socket.say(type="unsubscribe", id=1)
    await socket.say(type="unsubscribe", id=1)
    assert (await socket.hear())["code"] == 404
    await task.asave()
    assert (await socket.hear())["id"] == 2


def delete_unheard(key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM todo_task WHERE id = %s", [key])


async def test_missed_changes_are_healed_by_telling_every_row(
    socket: Socket, people: People, task: Task
) -> None:
    gone = await Task.objects.acreate(text="Gone", list=people.ada_list)
    key = gone.pk
    await listening(socket)
    # As another service would: Django hears nothing of it.
    await sync_to_async(delete_unheard)(key)
    Broadcaster.running().missed("a test says so")
    told = [await socket.hear() for _ in range(2)]
    assert [(each["action"], each["instance"]["id"]) for each in told] == [
        ("DELETED", key),
        ("UPDATED", task.pk),
    ]


async def test_rows_are_written_by_the_renderer_that_the_view_negotiates(people: People) -> None:
    class Shouting(JSONRenderer):
        def render(self, data: Any, *arguments: Any, **options: Any) -> bytes:
            return super().render({key.upper(): value for key, value in data.items()})

    class LoudTasks(TaskViewSet):
        renderer_classes = [Shouting]

    socket = await Socket(people.ada, app=app_of(LoudTasks)).open()
    await listening(socket)
    await Task.objects.acreate(text="Hey", list=people.ada_list)
    assert (await socket.hear())["instance"]["TEXT"] == "Hey"
    await socket.close()


async def test_the_legacy_subprotocol_has_the_same_operations(people: People, task: Task) -> None:
    socket = await Socket(people.ada, subprotocols=["graphql-ws"]).open()
    await socket.say(type="connection_init", payload={})
    await socket.say(
        type="start", id="1", payload={"query": TASKS, "variables": {"snapshot": True}}
    )
    heard = [await socket.hear() for _ in range(2)]
    assert heard[0]["type"] == "connection_ack"
    while heard[-1]["type"] != "data":
        heard.append(await socket.hear())
    assert heard[-1]["payload"]["data"]["tasks"]["action"] == "SNAPSHOT"
    await task.asave()
    assert (await socket.hear())["payload"]["data"]["tasks"]["action"] == "UPDATED"
    await socket.say(type="stop", id="1")
    assert (await socket.hear()) == {"type": "complete", "id": "1"}
    await socket.close()
