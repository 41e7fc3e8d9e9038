"""Stock npm clients against a live server: the same story for graphql-ws and for Apollo Client."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.live.clients import Event, NodeClient, node_client
from tests.live.server import ExampleServer

ADA: Event = {"Authorization": "Token demo-ada"}
GRACE: Event = {"headers": {"Authorization": "Token demo-grace"}}

LIST = """
subscription ($list: ID) {
  tasks(filter: {list: $list}, snapshot: true) {
    __typename action id
    instance { __typename id text done priority list }
    instances { id text }
  }
}
"""
TASK = """
subscription ($id: ID!) {
  task(id: $id, snapshot: true) { action id instance { id text done } instances { id } }
}
"""
SHARED, ADAS_OWN = "1", "2"  # lists of the demo's data
NOTE_G, HARP = "1", "5"  # a task on each

Open = Callable[[Event], AbstractAsyncContextManager[NodeClient]]


@pytest.fixture(params=["graphql_ws.mjs", "apollo.mjs"])
def connect(request: pytest.FixtureRequest, server: ExampleServer) -> Open:
    """Opens a client with the given payload of `connection_init`."""
    return lambda credentials: node_client(request.param, server.socket_url, credentials)


@pytest.fixture
async def ada(connect: Open) -> AsyncIterator[NodeClient]:
    """Ada's client."""
    async with connect(ADA) as client:
        yield client


async def patch(server: ExampleServer, user: str, task: str, **fields: object) -> None:
    """Write through REST, as `user`."""
    async with server.rest(user) as rest:
        response = await rest.patch(f"tasks/{task}/", json=fields)
        assert response.status_code == 200, response.text


async def test_a_list_subscription_tells_what_anyone_writes_through_rest(
    server: ExampleServer, ada: NodeClient
) -> None:
    ada.subscribe("list", LIST, list=SHARED)
    snapshot = await ada.change("list")
    assert snapshot["action"] == "SNAPSHOT"
    assert [row["id"] for row in snapshot["instances"]] == ["1", "2", "3", "4"]

    async with server.rest("grace") as rest:
        created = (await rest.post("tasks/", json={"text": "Oil the mill", "list": 1})).json()
        key = str(created["id"])
        row = {**created, "id": key, "list": SHARED, "__typename": "Task"}
        assert await ada.change("list") == change("CREATED", key, row)
        await rest.patch(f"tasks/{key}/", json={"done": True})
        assert await ada.change("list") == change("UPDATED", key, {**row, "done": True})
        await rest.delete(f"tasks/{key}/")
        assert await ada.change("list") == change("DELETED", key, None)


def change(action: str, key: str, row: Event | None) -> Event:
    """A change of one row as `LIST` selects it."""
    return {
        "__typename": "TaskChange",
        "action": action,
        "id": key,
        "instance": row,
        "instances": None,
    }


async def test_a_subscription_to_one_task_tells_of_that_task_alone(
    server: ExampleServer, ada: NodeClient
) -> None:
    ada.subscribe("task", TASK, id=NOTE_G)
    assert (await ada.change("task"))["action"] == "SNAPSHOT"

    await patch(server, "ada", "2", text="Of another task")
    await patch(server, "grace", NOTE_G, text="Note G, revised")
    told = await ada.change("task")
    assert (told["action"], told["instance"]["text"]) == ("UPDATED", "Note G, revised")


async def test_after_unsubscribing_the_server_sends_nothing_more_for_it(
    server: ExampleServer, ada: NodeClient
) -> None:
    ada.subscribe("left", LIST, list=SHARED)
    await ada.change("left")
    ada.subscribe("kept", TASK, id=NOTE_G)
    await ada.change("kept")
    ada.unsubscribe("left")
    # The socket keeps order: once this is answered, the server has read the line before.
    ada.subscribe("marker", LIST, list=ADAS_OWN)
    await ada.change("marker")

    before = await ada.next_messages()
    for text in ("once", "twice"):
        await patch(server, "ada", NOTE_G, text=text)
        assert (await ada.change("kept"))["instance"]["text"] == text
    assert await ada.next_messages() == before + 2


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param({"Authorization": "Token wrong"}, id="as a payload of its own"),
        pytest.param({"headers": {"Authorization": "Token wrong"}}, id="under headers"),
    ],
)
async def test_a_token_that_nobody_has_is_refused(connect: Open, credentials: Event) -> None:
    async with connect(credentials) as client:
        assert await client.close_code() == 4403


async def test_a_view_refuses_who_says_nothing_of_themselves(connect: Open) -> None:
    async with connect({}) as client:
        client.subscribe("list", LIST, list=SHARED)
        [error] = (await client.event("error", "list"))["payload"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_task_that_one_may_not_see_is_not_found(connect: Open) -> None:
    async with connect(GRACE) as grace:
        grace.subscribe("task", TASK, id=HARP)
        [error] = (await grace.event("error", "task"))["payload"]
        assert error["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "kill", [pytest.param(False, id="asked to stop"), pytest.param(True, id="killed")]
)
async def test_a_client_comes_back_by_itself_to_a_server_that_was(
    server: ExampleServer, ada: NodeClient, kill: bool
) -> None:
    ada.subscribe("list", LIST, list=SHARED)
    await ada.change("list")

    await server.stop(kill=kill)
    await server.start()
    assert (await ada.change("list"))["action"] == "SNAPSHOT"
    await patch(server, "grace", NOTE_G, done=False)
    told = await ada.change("list")
    assert (told["action"], told["instance"]["done"]) == ("UPDATED", False)
