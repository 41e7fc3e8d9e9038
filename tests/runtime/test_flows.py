"""A change goes out, a client comes in: what each subscriber is told."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from gql_live.broadcaster import Broadcaster
from gql_live.instruments import Counter, instruments
from gql_live.testing import OperationError
from tests.runtime.conftest import Connect, People
from tests.todo.models import List, Task

TASKS = """
subscription ($filter: TaskFilter, $search: String, $snapshot: Boolean! = false) {
  tasks(filter: $filter, search: $search, snapshot: $snapshot) {
    action id instance { id text done priority list } instances { id text }
  }
}
"""
TASK = """
subscription ($id: ID!, $snapshot: Boolean! = false) {
  task(id: $id, snapshot: $snapshot) { action id instance { text } instances { text } }
}
"""


async def next_change(stream: Any) -> dict[str, Any]:
    result = await anext(stream)
    assert "errors" not in result
    (change,) = result["data"].values()
    return change  # type: ignore[no-any-return]


async def started(client: Any, query: str, **variables: Any) -> Any:
    """A subscription that has had its snapshot, so that what follows is told."""
    stream = client.subscribe(query, {"snapshot": True, **variables})
    assert (await next_change(stream))["action"] == "SNAPSHOT"
    return stream


async def test_a_saved_task_is_updated_as_rest_would_show_it(
    connect: Connect, people: People, task: Task
) -> None:
    stream = await started(await connect(people.ada), TASKS)
    task.done = True
    await task.asave()
    assert await next_change(stream) == {
        "action": "UPDATED",
        "id": str(task.pk),
        "instance": {
            "id": str(task.pk),
            "text": "Write",
            "done": True,
            "priority": "normal",
            "list": str(people.ada_list.pk),
        },
        "instances": None,
    }


async def test_a_new_task_is_created_and_a_deleted_one_tells_its_id_only(
    connect: Connect, people: People
) -> None:
    stream = await started(await connect(people.ada), TASKS)
    task = await Task.objects.acreate(text="New", list=people.ada_list)
    created = await next_change(stream)
    assert (created["action"], created["instance"]["text"]) == ("CREATED", "New")
    key = str(task.pk)
    await task.adelete()
    assert await next_change(stream) == {
        "action": "DELETED",
        "id": key,
        "instance": None,
        "instances": None,
    }


async def test_a_row_that_enters_or_leaves_the_filter_is_created_or_deleted(
    connect: Connect, people: People, task: Task
) -> None:
    stream = await started(await connect(people.ada), TASKS, filter={"done": True})
    for done, action in ((True, "CREATED"), (True, "UPDATED"), (False, "DELETED")):
        task.done = done
        await task.asave()
        assert (await next_change(stream))["action"] == action


async def test_search_narrows_the_rows_too(connect: Connect, people: People, task: Task) -> None:
    stream = await started(await connect(people.ada), TASKS, search="milk")
    await Task.objects.acreate(text="Bread", list=people.ada_list)
    await Task.objects.acreate(text="Milk", list=people.ada_list)
    assert (await next_change(stream))["instance"]["text"] == "Milk"


async def test_nobody_hears_of_rows_that_are_not_theirs(
    connect: Connect, people: People, task: Task
) -> None:
    ada = await started(await connect(people.ada), TASKS)
    grace = await started(await connect(people.grace), TASKS)
    await task.asave()
    await Task.objects.acreate(text="Secret", list=people.ada_list)
    await Task.objects.acreate(text="Marker", list=people.grace_list)
    assert (await next_change(grace))["instance"]["text"] == "Marker"
    told = [await next_change(ada) for _ in range(2)]
    assert [each["action"] for each in told] == ["UPDATED", "CREATED"], told


async def test_a_row_moved_to_another_users_list_leaves_one_and_enters_the_other(
    connect: Connect, people: People, task: Task
) -> None:
    ada = await started(await connect(people.ada), TASKS)
    grace = await started(await connect(people.grace), TASKS)
    task.list = people.grace_list
    await task.asave()
    assert (await next_change(ada))["action"] == "DELETED"
    assert (await next_change(grace))["action"] == "CREATED"


async def test_a_snapshot_has_all_rows_and_comes_first(
    connect: Connect, people: People, task: Task
) -> None:
    client = await connect(people.ada)
    stream = client.subscribe(TASKS, {"snapshot": True})
    assert await next_change(stream) == {
        "action": "SNAPSHOT",
        "id": None,
        "instance": None,
        "instances": [{"id": str(task.pk), "text": "Write"}],
    }


async def test_without_a_snapshot_the_first_event_is_a_change(
    connect: Connect, people: People, task: Task
) -> None:
    client = await connect(people.ada)
    stream = await client.subscribe(TASKS).start()
    # The second joins the same audience after the first: its snapshot says that both listen.
    await started(client, TASKS)
    await task.asave()
    assert (await next_change(stream))["action"] == "UPDATED"


async def test_one_task_is_followed_and_no_other(
    connect: Connect, people: People, task: Task
) -> None:
    other = await Task.objects.acreate(text="Other", list=people.ada_list)
    stream = await started(await connect(people.ada), TASK, id=task.pk)
    await other.asave()
    task.text = "Read"
    await task.asave()
    assert await next_change(stream) == {
        "action": "UPDATED",
        "id": str(task.pk),
        "instance": {"text": "Read"},
        "instances": None,
    }
    task.list = people.grace_list
    await task.asave()
    assert (await next_change(stream))["action"] == "DELETED"
    task.list = people.ada_list
    await task.asave()
    assert (await next_change(stream))["action"] == "CREATED"


@pytest.mark.parametrize("which", ["unknown", "malformed", "somebody else's"])
async def test_a_task_that_one_cannot_see_is_not_found_whatever_it_is(
    connect: Connect, people: People, task: Task, which: str
) -> None:
    key = {"unknown": "999999", "malformed": "x", "somebody else's": str(task.pk)}[which]
    client = await connect(people.grace)
    with pytest.raises(OperationError) as refused:
        await anext(client.subscribe(TASK, {"id": key}))
    assert refused.value.code == "NOT_FOUND"
    assert "Write" not in str(refused.value.errors)


async def test_a_filter_value_that_the_view_refuses_names_the_argument(
    connect: Connect, people: People
) -> None:
    client = await connect(people.ada)
    with pytest.raises(OperationError) as refused:
        await anext(client.subscribe(TASKS, {"filter": {"list": "999999"}}))
    assert refused.value.code == "BAD_USER_INPUT"
    assert list(refused.value.errors[0]["extensions"]["arguments"]) == ["filter.list"]
    assert refused.value.errors[0]["message"].startswith("filter.list: Select a valid choice.")


async def test_equal_subscribers_all_get_each_change_once(
    connect: Connect, people: People, task: Task
) -> None:
    client, another = await connect(people.ada), await connect(people.ada)
    streams = [await started(each, TASKS) for each in (client, client, another)]
    for text in ("one", "two"):
        task.text = text
        await task.asave()
        for stream in streams:
            assert (await next_change(stream))["instance"]["text"] == text


async def test_a_stopped_subscription_says_nothing_more_and_its_neighbour_goes_on(
    connect: Connect, people: People, task: Task
) -> None:
    client = await connect(people.ada)
    stopped, kept = await started(client, TASKS), await started(client, TASKS)
    await stopped.stop()
    await client.query("{ __typename }")  # answered after the stop was taken in
    await task.asave()
    assert (await next_change(kept))["action"] == "UPDATED"
    assert not client.pending(stopped)


async def test_a_query_over_the_socket_is_answered_and_completed(
    connect: Connect, people: People, task: Task
) -> None:
    client = await connect(people.ada)
    result = await client.query("{ tasks { text list } lists { name owner } }")
    assert result == {
        "data": {
            "tasks": [{"text": "Write", "list": str(people.ada_list.pk)}],
            "lists": [{"name": "ada's", "owner": "ada"}],
        }
    }


async def test_lists_are_followed_through_a_join_that_doubles_rows(
    connect: Connect, people: People
) -> None:
    stream = await started(
        await connect(people.ada),
        "subscription ($snapshot: Boolean! = false) {"
        " lists(snapshot: $snapshot) { action instance { name } } }",
    )
    await sync_to_async(people.ada_list.members.add)(people.ada, people.grace)
    people.ada_list.name = "Shared"
    await people.ada_list.asave()
    await List.objects.acreate(name="Second", owner=people.ada)
    told = [await next_change(stream)]
    while told[-1]["instance"]["name"] != "Second":
        told.append(await next_change(stream))
    # Each write is told, or shown by what is told of a later one.
    assert {change["action"] for change in told[:-1]} == {"UPDATED"}
    assert told[-2]["instance"]["name"] == "Shared"
    assert told[-1]["action"] == "CREATED"


async def test_of_many_audiences_those_are_evaluated_that_see_the_row(
    connect: Connect, people: People, task: Task
) -> None:
    """No index can tell them apart, so the database is asked once for all."""
    client = await connect(people.ada)
    streams = [await started(client, TASKS, search=f"<{number}>") for number in range(30)]
    await Broadcaster.running().settled()
    before = instruments.read().counts[Counter.EVALUATIONS]
    row = await Task.objects.acreate(text="<7>", list=people.ada_list)
    change = await next_change(streams[7])
    assert (change["action"], change["id"]) == ("CREATED", str(row.pk))
    await Broadcaster.running().settled()
    assert instruments.read().counts[Counter.EVALUATIONS] == before + 1
    row.text = "<8>"
    await row.asave()
    assert (await next_change(streams[7]))["action"] == "DELETED"
    assert (await next_change(streams[8]))["action"] == "CREATED"
