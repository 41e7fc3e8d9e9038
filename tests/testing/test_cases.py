"""The communicators in Django's own test cases, with what each does about transactions."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import AsyncClient, TestCase, TransactionTestCase, override_settings

from gql_live.broadcaster import Broadcaster
from gql_live.conf import setting
from gql_live.testing import (
    APICommunicator,
    GraphQLCommunicator,
    OperationError,
    async_test,
    get_headers_for_user,
)
from tests.asgi import application
from tests.todo.models import List, Task

SUBSCRIBE = {"type": "subscribe", "id": 1337, "model": "todo.Task", "action": "list"}
TASKS = """
subscription ($snapshot: Boolean! = true) {
  tasks(snapshot: $snapshot) { action instance { text } instances { text } }
}
"""


async def change_of(stream: Any) -> tuple[str, str | None]:
    """The next change: its action, and the text of its row."""
    change = (await anext(stream))["data"]["tasks"]
    return change["action"], change["instance"] and change["instance"]["text"]


async def settled() -> None:
    """Everything asked for and written so far has been looked at."""
    await Broadcaster.running().settled()


def write_in_a_transaction(text: str, owner: List) -> None:
    with transaction.atomic():
        Task.objects.create(text="draft", list=owner)
        Task.objects.update(text=text)
        assert not Task.objects.get(text=text).done


class Undone(Exception):
    """Rolls back."""


def write_and_roll_back(text: str, owner: List) -> None:
    try:
        with transaction.atomic():
            Task.objects.create(text=text, list=owner)
            raise Undone
    except Undone:
        assert not Task.objects.filter(text=text)


class Told:
    """What every test case wants of a communicator."""

    def setUp(self) -> None:
        self.ada = get_user_model().objects.create_user("ada", password="ada")
        self.list = List.objects.create(name="ada's", owner=self.ada)

    async def test_each_write_is_told(self) -> None:
        async with GraphQLCommunicator(application, user=self.ada) as client:
            stream = client.subscribe(TASKS)
            assert await change_of(stream) == ("SNAPSHOT", None)
            task = await Task.objects.acreate(text="New", list=self.list)
            assert await change_of(stream) == ("CREATED", "New")
            task.text = "Changed"
            await task.asave()
            assert await change_of(stream) == ("UPDATED", "Changed")
            await task.adelete()
            assert await change_of(stream) == ("DELETED", None)

    async def test_a_write_through_rest_is_told(self) -> None:
        rest = AsyncClient()
        await sync_to_async(rest.force_login)(self.ada)
        async with GraphQLCommunicator(application, user=self.ada) as client:
            stream = client.subscribe(TASKS)
            await anext(stream)
            body = {"text": "Posted", "list": self.list.pk}
            response = await rest.post("/api/tasks/", body, content_type="application/json")
            assert response.status_code == 201
            assert await change_of(stream) == ("CREATED", "Posted")

    async def test_a_transaction_is_told_when_it_has_ended_and_never_when_it_is_rolled_back(
        self,
    ) -> None:
        async with GraphQLCommunicator(application, user=self.ada) as client:
            stream = client.subscribe(TASKS)
            await anext(stream)
            await sync_to_async(write_and_roll_back)("undone", self.list)
            await sync_to_async(write_in_a_transaction)("kept", self.list)
            assert await change_of(stream) == ("CREATED", "kept")
            await Task.objects.acreate(text="last", list=self.list)
            assert await change_of(stream) == ("CREATED", "last")

    async def test_who_is_deactivated_is_told_so(self) -> None:
        async with GraphQLCommunicator(application, user=self.ada) as client:
            stream = client.subscribe(TASKS)
            await anext(stream)
            self.ada.is_active = False
            await self.ada.asave()
            with pytest.raises(OperationError) as ended:
                await anext(stream)
        assert ended.value.code == "UNAUTHENTICATED"

    async def test_what_was_written_before_is_no_change(self) -> None:
        await Task.objects.acreate(text="Old", list=self.list)
        async with GraphQLCommunicator(application, user=self.ada) as client:
            stream = client.subscribe(TASKS)
            result = await anext(stream)
            assert result["data"]["tasks"]["instances"] == [{"text": "Old"}]
            await Task.objects.acreate(text="New", list=self.list)
            assert await change_of(stream) == ("CREATED", "New")

    async def test_an_old_test_of_django_rest_live_goes_on(self) -> None:
        headers = await get_headers_for_user(self.ada)
        client = APICommunicator(application, "/graphql/", headers)
        connected, _ = await client.connect()
        assert connected
        await client.send_json_to(SUBSCRIBE)
        assert await client.receive_nothing()
        await settled()
        task = await Task.objects.acreate(text="New", list=self.list)
        response = await client.receive_json_from(5)
        assert (response["id"], response["action"]) == (1337, "CREATED")
        assert (response["model"], response["instance"]["id"]) == ("todo.Task", task.pk)
        await client.disconnect()

    async def test_the_two_kinds_of_client_can_leave_in_any_order(self) -> None:
        headers = await get_headers_for_user(self.ada)
        old = APICommunicator(application, "/graphql/", headers)
        await old.connect()
        async with GraphQLCommunicator(application, headers=headers) as client:
            stream = client.subscribe(TASKS)
            await anext(stream)
            await old.disconnect()
            await Task.objects.acreate(text="New", list=self.list)
            assert await change_of(stream) == ("CREATED", "New")


class InATransactionTestCase(Told, TransactionTestCase):
    """Its tests commit."""

    async def test_views_run_in_their_own_threads(self) -> None:
        async with GraphQLCommunicator(application, user=self.ada):
            assert setting("EVALUATION_THREADS") > 0


class InATestCase(Told, TestCase):
    """Its tests never commit."""

    async def test_nothing_of_it_lasts_longer_than_the_communicator(self) -> None:
        before = setting("EVALUATION_THREADS")
        async with GraphQLCommunicator(application, user=self.ada):
            assert setting("EVALUATION_THREADS") == 0
        assert setting("EVALUATION_THREADS") == before > 0

    async def test_settings_of_the_project_stay(self) -> None:
        with override_settings(GQL_LIVE={"SNAPSHOT_ROWS": 0}):
            await Task.objects.acreate(text="New", list=self.list)
            async with GraphQLCommunicator(application, user=self.ada) as client:
                with pytest.raises(OperationError) as refused:
                    await anext(client.subscribe(TASKS))
        assert "more than 0 rows" in str(refused.value)

    async def test_commit_hooks_of_the_project_stay_its_own(self) -> None:
        ran: list[str] = []
        await sync_to_async(transaction.on_commit)(lambda: ran.append("hook"))
        async with GraphQLCommunicator(application, user=self.ada) as client:
            stream = client.subscribe(TASKS)
            await anext(stream)
            await Task.objects.acreate(text="New", list=self.list)
            await change_of(stream)
        assert ran == []
        assert len(await sync_to_async(lambda: connection.run_on_commit)()) == 1

    async def test_an_open_atomic_block_holds_its_changes_back(self) -> None:
        block = transaction.atomic()
        async with GraphQLCommunicator(application, user=self.ada, timeout=0.2) as client:
            stream = client.subscribe(TASKS)
            await anext(stream)
            await sync_to_async(block.__enter__)()
            await Task.objects.acreate(text="New", list=self.list)
            with pytest.raises(TimeoutError):
                await change_of(stream)
            await sync_to_async(block.__exit__)(None, None, None)
            assert await change_of(stream) == ("CREATED", "New")


class WithAsyncSetUp(TransactionTestCase):
    """The life cycle that ``async_test`` gives, as django-rest-live's documentation shows it."""

    torn_down: list[str] = []

    async def asyncSetUp(self) -> None:
        ada = await sync_to_async(get_user_model().objects.create_user)("ada")
        self.list = await List.objects.acreate(name="ada's", owner=ada)
        self.client = APICommunicator(  # type: ignore[assignment]
            application, "/graphql/", await get_headers_for_user(ada)
        )
        connected, _ = await self.client.connect()  # type: ignore[attr-defined]
        assert connected

    async def asyncTearDown(self) -> None:
        await self.client.disconnect()  # type: ignore[attr-defined]
        self.torn_down.append(self._testMethodName)

    @async_test
    async def test_a_client_of_the_set_up_is_connected(self) -> None:
        await self.client.send_json_to(SUBSCRIBE)  # type: ignore[attr-defined]
        assert await self.client.receive_nothing()  # type: ignore[attr-defined]
        await settled()
        await Task.objects.acreate(text="New", list=self.list)
        response = await self.client.receive_json_from(5)  # type: ignore[attr-defined]
        assert response["action"] == "CREATED"
