"""Who is asking, who decides, and what a refusal tells."""

import logging
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, override_settings
from django.urls import path
from rest_framework import permissions
from rest_framework.authentication import TokenAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.throttling import SimpleRateThrottle

from gql_live import RealtimeRouter
from gql_live.testing import OperationError, SocketClosed
from tests.runtime.conftest import Connect, People
from tests.runtime.test_flows import TASK, TASKS, next_change, started
from tests.todo.models import List, Task
from tests.todo.views import TaskSerializer, TaskViewSet


def app_of(*views: Any, **options: Any) -> Any:
    """An ASGI application with a router of its own."""
    router = RealtimeRouter(**options)
    router.register_all(views)
    consumer: Any = router.as_consumer().as_asgi()
    return AuthMiddlewareStack(URLRouter([path("graphql/", consumer)]))


async def refusal(client: Any, query: str = TASKS, **variables: Any) -> OperationError:
    with pytest.raises(OperationError) as refused:
        await anext(client.subscribe(query, variables))
    return refused.value


class Switch(BasePermission):
    """Says what the test says."""

    answer = True

    def has_permission(self, request: Any, view: Any) -> bool:
        return self.answer


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Switch]]:
    monkeypatch.setattr(Switch, "answer", True)
    return Switch  # type: ignore[return-value]


async def test_an_unknown_user_is_unauthenticated(connect: Connect) -> None:
    assert (await refusal(await connect())).code == "UNAUTHENTICATED"


async def test_a_session_says_who_it_is(connect: Connect, people: People, task: Task) -> None:
    browser = Client()
    await sync_to_async(browser.force_login)(people.ada)  # Django 4.2 has no other
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    client = await connect(headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    stream = await started(client, TASKS)
    await task.asave()
    assert (await next_change(stream))["action"] == "UPDATED"


async def test_a_session_that_ended_hears_no_more(
    connect: Connect, people: People, task: Task
) -> None:
    browser = Client()
    await sync_to_async(browser.force_login)(people.ada)  # Django 4.2 has no other
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    client = await connect(headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    stream = await started(client, TASKS)
    await sync_to_async(SessionStore(cookie).flush)()
    await task.asave()
    with pytest.raises(OperationError) as ended:
        await anext(stream)
    assert ended.value.code == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "payload",
    [{"Authorization": "Token token-ada"}, {"headers": {"authorization": "Token token-ada"}}],
    ids=["flat", "under headers"],
)
async def test_a_token_in_connection_init_says_who_it_is(
    connect: Connect, task: Task, payload: dict[str, Any]
) -> None:
    stream = await started(await connect(payload=payload), TASKS)
    await task.asave()
    assert (await next_change(stream))["action"] == "UPDATED"


async def test_a_token_that_nobody_accepts_is_refused_at_the_door(connect: Connect) -> None:
    with pytest.raises(SocketClosed) as closed:
        await connect(payload={"Authorization": "Token wrong"})
    assert (closed.value.code, closed.value.reason) == (4403, "Forbidden")


async def test_a_token_deleted_meanwhile_hears_no_more(
    connect: Connect, people: People, task: Task
) -> None:
    stream = await started(await connect(payload={"Authorization": "Token token-ada"}), TASKS)
    await people.ada.auth_token.adelete()
    await task.asave()
    with pytest.raises(OperationError) as ended:
        await anext(stream)
    assert ended.value.code == "UNAUTHENTICATED"


async def test_headers_that_a_proxy_vouches_for_do_not_come_from_the_payload(
    connect: Connect, people: People
) -> None:
    class WhoseIp(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            return "HTTP_X_FORWARDED_FOR" not in request.META

    class Guarded(TaskViewSet):
        permission_classes = [WhoseIp]

    payload = {"headers": {"X-Forwarded-For": "10.0.0.1"}}
    await started(await connect(people.ada, app=app_of(Guarded), payload=payload), TASKS)


async def test_a_view_judges_by_its_own_authentication_classes(
    connect: Connect, people: People
) -> None:
    class TokenOnly(TaskViewSet):
        authentication_classes = [TokenAuthentication]

    app = app_of(TokenOnly)
    assert (await refusal(await connect(people.ada, app=app))).code == "UNAUTHENTICATED"
    await started(await connect(app=app, payload={"Authorization": "Token token-ada"}), TASKS)


async def test_a_router_that_is_not_public_refuses_who_is_unknown(
    connect: Connect, people: People
) -> None:
    app = app_of(TaskViewSet, public=False)
    await started(await connect(people.ada, app=app), TASKS)
    with pytest.raises(SocketClosed) as closed:
        await connect(app=app)
    assert closed.value.code == 4403


async def test_a_permission_is_asked_at_subscribe_and_at_every_delivery(
    connect: Connect, people: People, task: Task, switch: type[Switch]
) -> None:
    class Guarded(TaskViewSet):
        permission_classes = [switch]

    client = await connect(people.ada, app=app_of(Guarded))
    stream = await started(client, TASKS)
    switch.answer = False
    assert (await refusal(client)).code == "FORBIDDEN"
    await task.asave()
    with pytest.raises(OperationError) as ended:
        await anext(stream)
    assert ended.value.errors == [
        {
            "message": "You do not have permission to perform this action.",
            "extensions": {"code": "FORBIDDEN"},
        }
    ]


async def test_an_object_permission_guards_the_one_row(
    connect: Connect, people: People, task: Task
) -> None:
    class NotDone(BasePermission):
        def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
            return not obj.done

    class Guarded(TaskViewSet):
        permission_classes = [permissions.IsAuthenticated, NotDone]

    client = await connect(people.ada, app=app_of(Guarded))
    stream = await started(client, TASK, id=task.pk)
    task.done = True
    await task.asave()
    with pytest.raises(OperationError) as ended:
        await anext(stream)
    assert ended.value.code == "FORBIDDEN"
    assert (await refusal(client, TASK, id=task.pk)).code == "FORBIDDEN"


def an_hour(most: int) -> type[SimpleRateThrottle]:
    """A throttle that nobody has met before."""
    name = uuid4().hex

    class Throttle(SimpleRateThrottle):
        rate = f"{most}/hour"
        scope = "subscriptions"

        def get_cache_key(self, request: Any, view: Any) -> str:
            return f"{name}-{request.user.pk}"

    return Throttle


async def test_a_throttle_counts_subscriptions_and_not_deliveries(
    connect: Connect, people: People, task: Task
) -> None:
    class Throttled(TaskViewSet):
        throttle_classes = [an_hour(2)]

    client = await connect(people.ada, app=app_of(Throttled))
    stream = await started(client, TASKS)
    for _ in range(3):
        await task.asave()
        assert (await next_change(stream))["action"] == "UPDATED"
    await started(client, TASKS)
    refused = await refusal(client)
    assert refused.code == "THROTTLED"
    assert 0 < refused.errors[0]["extensions"]["retryAfter"] <= 3600


async def test_whoever_is_read_for_once_more_is_counted_once(
    connect: Connect, people: People, task: Task
) -> None:
    class Missing(TaskSerializer):
        missed: ClassVar[list[Task]] = []

        def to_representation(self, instance: Task) -> Any:
            if not self.missed:
                self.missed.append(instance)
                List.objects.get(pk=0)  # gone since it was referred to
            return super().to_representation(instance)

    class Throttled(TaskViewSet):
        serializer_class: Any = Missing
        throttle_classes = [an_hour(1)]

    client = await connect(people.ada, app=app_of(Throttled))
    await started(client, TASKS)
    assert Missing.missed
    assert (await refusal(client)).code == "THROTTLED"


async def test_a_view_that_raises_ends_its_operation_and_no_other(
    connect: Connect, people: People, task: Task, caplog: pytest.LogCaptureFixture
) -> None:
    class Fragile(TaskSerializer):
        def to_representation(self, instance: Task) -> Any:
            if instance.text == "Break":
                raise ZeroDivisionError("internals")
            return super().to_representation(instance)

    class Breaking(TaskViewSet):
        serializer_class = Fragile

    router_app = app_of(TaskViewSet)
    broken = await started(await connect(people.ada, app=app_of(Breaking)), TASKS)
    healthy = await started(await connect(people.ada, app=router_app), TASKS)
    task.text = "Break"
    with caplog.at_level(logging.ERROR):
        await task.asave()
        with pytest.raises(OperationError) as ended:
            await anext(broken)
    assert ended.value.errors == [
        {"message": "Internal server error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    ]
    assert "ZeroDivisionError: internals" in caplog.text
    assert (await next_change(healthy))["instance"]["text"] == "Break"


async def test_a_permission_that_raises_ends_its_operation(
    connect: Connect, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            raise KeyError("internals")

    class Guarded(TaskViewSet):
        permission_classes = [Broken]

    client = await connect(
        people.ada,
        app=app_of(
            Guarded,
        ),
    )
    assert (await refusal(client)).code == "INTERNAL_SERVER_ERROR"
    assert "KeyError: 'internals'" in caplog.text
    assert await client.query("{ __typename }") == {"data": {"__typename": "Query"}}


async def test_where_changes_cannot_be_received_clients_are_to_come_back(
    connect: Connect, people: People
) -> None:
    client = await connect(people.ada)
    misconfigured = override_settings(CHANNEL_LAYERS={"default": {"BACKEND": "nowhere.Layer"}})
    with misconfigured, pytest.raises(SocketClosed) as closed:
        await anext(client.subscribe(TASKS))
    assert closed.value.code == 1013
