"""What somebody may see ends when they may not, though no row is written (DESIGN promise 5)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models import QuerySet
from django.test import AsyncClient, override_settings
from rest_framework import permissions

from gql_live.changes import Change
from gql_live.pubsub import publish
from gql_live.testing import OperationError
from tests.runtime.conftest import Connect, People
from tests.runtime.test_flows import TASK, TASKS, next_change, started
from tests.runtime.test_refusals import app_of
from tests.todo.models import Task
from tests.todo.views import TaskViewSet


class GroupTasks(TaskViewSet):
    """The tasks of every list, to the group of editors."""

    permission_classes = [permissions.AllowAny]

    def get_queryset(self) -> QuerySet[Task]:
        if self.request.user.groups.filter(name="editors").exists():
            return Task.objects.order_by("pk")
        return Task.objects.none()


class ModelPermissions(permissions.DjangoModelPermissions):
    """Reading needs the permission to view."""

    perms_map = {"GET": ["%(app_label)s.view_%(model_name)s"]}


class PermittedTasks(TaskViewSet):
    """The tasks, to whoever has the permission."""

    permission_classes = [ModelPermissions]


def in_time() -> asyncio.Timeout:
    """Within a second, as promised."""
    return asyncio.timeout(1)


async def ended_with(stream: Any) -> str | None:
    with pytest.raises(OperationError) as ended:
        await anext(stream)
    return ended.value.code


async def log_out(browser: AsyncClient, people: People) -> None:
    await sync_to_async(browser.logout)()


async def flush_the_session(browser: AsyncClient, people: People) -> None:
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    await sync_to_async(SessionStore(cookie).flush)()


async def deactivate(browser: AsyncClient, people: People) -> None:
    people.ada.is_active = False
    await people.ada.asave()


async def deactivate_in_bulk(browser: AsyncClient, people: People) -> None:
    await sync_to_async(get_user_model().objects.update)(is_active=False)


async def deactivate_by_hand(browser: AsyncClient, people: People) -> None:
    """By SQL that is told of, but not whom it concerns."""

    def deactivate() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE auth_user SET is_active = %s", [False])
        publish([Change.of_any("auth.user")])

    await sync_to_async(deactivate)()


async def delete_the_user(browser: AsyncClient, people: People) -> None:
    await people.ada.adelete()


async def change_the_password(browser: AsyncClient, people: People) -> None:
    await sync_to_async(people.ada.set_password)("another")
    await people.ada.asave()


@pytest.mark.parametrize(
    "end",
    [
        log_out,
        flush_the_session,
        deactivate,
        deactivate_in_bulk,
        deactivate_by_hand,
        delete_the_user,
        change_the_password,
    ],
)
async def test_a_session_that_ends_ends_its_operations(
    connect: Connect, people: People, end: Callable[[AsyncClient, People], Awaitable[None]]
) -> None:
    browser = AsyncClient()
    await sync_to_async(browser.force_login)(people.ada)  # Django 4.2 has no other
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    client = await connect(headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    stream = await started(client, TASKS)
    await end(browser, people)
    async with in_time():
        assert await ended_with(stream) == "UNAUTHENTICATED"


async def test_a_token_that_is_deleted_ends_its_operations_and_nobody_elses(
    connect: Connect, people: People
) -> None:
    ada = await started(await connect(payload={"Authorization": "Token token-ada"}), TASKS)
    grace = await started(await connect(payload={"Authorization": "Token token-grace"}), TASKS)
    await people.ada.auth_token.adelete()
    async with in_time():
        assert await ended_with(ada) == "UNAUTHENTICATED"
    await Task.objects.acreate(text="Marker", list=people.grace_list)
    assert (await next_change(grace))["instance"]["text"] == "Marker"


async def test_rows_leave_and_enter_with_the_group_that_shows_them(
    connect: Connect, people: People, task: Task
) -> None:
    app = app_of(GroupTasks)
    listing = await started(await connect(people.ada, app=app), TASKS)
    editors = await Group.objects.acreate(name="editors")
    await sync_to_async(people.ada.groups.add)(editors)
    async with in_time():
        entered = await next_change(listing)
    assert (entered["action"], entered["instance"]["text"]) == ("CREATED", "Write")
    one = await started(await connect(people.ada, app=app), TASK, id=task.pk)
    await sync_to_async(editors.user_set.remove)(people.ada)
    async with in_time():
        assert (await next_change(listing))["action"] == "DELETED"
        assert (await next_change(one))["action"] == "DELETED"


@pytest.mark.parametrize("through_a_group", [False, True], ids=["their own", "a group's"])
async def test_a_permission_that_is_taken_back_ends_the_operation(
    connect: Connect, people: People, through_a_group: bool
) -> None:
    def grant() -> Any:
        permission = Permission.objects.get(codename="view_task", content_type__app_label="todo")
        if not through_a_group:
            people.ada.user_permissions.add(permission)
            return people.ada.user_permissions
        group = Group.objects.create(name="readers")
        group.permissions.add(permission)
        people.ada.groups.add(group)
        return group.permissions

    granted = await sync_to_async(grant)()
    stream = await started(await connect(people.ada, app=app_of(PermittedTasks)), TASKS)
    await sync_to_async(granted.clear)()
    async with in_time():
        assert await ended_with(stream) == "FORBIDDEN"


async def test_what_nobody_tells_of_counts_for_everybody_at_the_next_look(
    connect: Connect, people: People
) -> None:
    """SQL by hand stands for what another service does."""

    def delete(task: Task) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM todo_task WHERE id = %s", [task.pk])

    rows = [await Task.objects.acreate(text=f"{n}", list=people.ada_list) for n in range(3)]
    await people.ada_list.members.aadd(people.grace)
    streams: list[Any] = []
    with override_settings(GQL_LIVE={"RECONSIDER_EVERY": 0.05}):
        for row, user in zip(rows, (people.ada, people.grace, people.ada), strict=True):
            streams.append(await started(await connect(user, headers={"X-Else": str(row)}), TASKS))
            await sync_to_async(delete)(row)
            for stream in streams:
                change = await next_change(stream)
                assert (change["action"], change["id"]) == ("DELETED", str(row.pk))
