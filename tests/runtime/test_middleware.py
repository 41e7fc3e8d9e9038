"""Views that rely on the project's middleware find what it sets, or are told whose it is."""

import contextvars
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.test import override_settings
from rest_framework import exceptions, permissions, serializers

from gql_live.testing import OperationError
from tests.runtime.conftest import Connect, People
from tests.runtime.test_flows import TASKS, next_change, started
from tests.runtime.test_refusals import app_of, refusal
from tests.todo.models import Task
from tests.todo.views import TaskSerializer, TaskViewSet

GetResponse = Callable[[HttpRequest], HttpResponseBase]
HERE = __name__

scope: contextvars.ContextVar[str] = contextvars.ContextVar("scope")


class Tenants:
    """Sets an attribute of the request, by a header."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        tenant = request.headers.get("X-Tenant", "")
        if tenant == "closed":
            return HttpResponse(status=403)
        if tenant == "moved":
            return HttpResponseRedirect("/login/")
        request.tenant = tenant  # type: ignore[attr-defined]
        token = scope.set(tenant)
        try:
            return self._get_response(request)
        finally:
            scope.reset(token)


class ScopedSerializer(TaskSerializer):
    """Reads what is active around it."""

    text = serializers.SerializerMethodField()

    def get_text(self, task: Task) -> str:
        return f"{scope.get('nobody')}: {task.text}"


class TenantTasks(TaskViewSet):
    """Reads the request's tenant."""

    serializer_class = ScopedSerializer

    def get_queryset(self) -> QuerySet[Task]:
        return super().get_queryset().filter(list__name=self.request.tenant)  # type: ignore[attr-defined]


within = override_settings(GQL_LIVE={"MIDDLEWARE": [f"{HERE}.Tenants"]})


async def test_a_view_finds_what_middleware_sets_and_activates(
    connect: Connect, people: People, task: Task
) -> None:
    with within:
        client = await connect(people.ada, app=app_of(TenantTasks), headers={"X-Tenant": "ada's"})
        stream = await started(client, TASKS)
        await task.asave()
        assert (await next_change(stream))["instance"]["text"] == "ada's: Write"
        result = await client.query("{ tasks { text } }")
        assert result["data"] == {"tasks": [{"text": "ada's: Write"}]}


@pytest.mark.parametrize("tenant", ["closed", "moved"])
async def test_middleware_that_answers_by_itself_refuses(
    connect: Connect, people: People, tenant: str
) -> None:
    with within:
        client = await connect(people.ada, app=app_of(TenantTasks), headers={"X-Tenant": tenant})
        assert (await refusal(client)).code == "FORBIDDEN"


class Records:
    """Keeps the status of each response, and what comes in the place of one."""

    seen: ClassVar[list[Any]] = []

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response = self._get_response(request)
        except Exception as error:
            self.seen.append(error)
            return HttpResponse(status=500)
        self.seen.append(response.status_code)
        return response


class Moody(permissions.BasePermission):
    """Says no in several ways."""

    raises: ClassVar[Any] = None

    def has_permission(self, request: Any, view: Any) -> bool:
        if (no := self.raises) is not None:
            raise no
        return True


class MoodyTasks(TaskViewSet):
    permission_classes = [Moody]


@pytest.mark.parametrize(
    ("raises", "code", "status"),
    [
        (exceptions.NotAuthenticated(), "UNAUTHENTICATED", 401),
        (exceptions.PermissionDenied(), "FORBIDDEN", 403),
        (exceptions.NotFound(), "NOT_FOUND", 404),
        (exceptions.ValidationError("so"), "BAD_USER_INPUT", 400),
        (exceptions.Throttled(), "THROTTLED", 429),
        (ZeroDivisionError(), "INTERNAL_SERVER_ERROR", 500),
    ],
)
async def test_middleware_sees_a_no_as_a_response_as_it_does_of_djangos_views(
    connect: Connect,
    people: People,
    task: Task,
    monkeypatch: pytest.MonkeyPatch,
    raises: Exception,
    code: str,
    status: int,
) -> None:
    monkeypatch.setattr(Moody, "raises", None)
    monkeypatch.setattr(Records, "seen", [])
    with override_settings(GQL_LIVE={"MIDDLEWARE": [f"{HERE}.Records"]}):
        stream = await started(await connect(people.ada, app=app_of(MoodyTasks)), TASKS)
        monkeypatch.setattr(Moody, "raises", raises)
        await task.asave()
        with pytest.raises(OperationError) as ended:
            await anext(stream)
    assert ended.value.code == code
    assert Records.seen == [200, status]


async def test_a_row_that_is_missed_is_read_for_once_more_behind_middleware(
    connect: Connect, people: People, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Moody, "raises", None)
    monkeypatch.setattr(Records, "seen", [])
    with override_settings(GQL_LIVE={"MIDDLEWARE": [f"{HERE}.Records"]}):
        stream = await started(await connect(people.ada, app=app_of(MoodyTasks)), TASKS)
        answers = iter([Task.DoesNotExist(), None])
        monkeypatch.setattr(Moody, "raises", property(lambda _: next(answers)))
        await task.asave()
        assert (await next_change(stream))["action"] == "UPDATED"
    assert Records.seen == [200, 500, 200]


async def test_a_missing_attribute_is_reported_with_its_remedy(
    connect: Connect, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    client = await connect(people.ada, app=app_of(TenantTasks))
    refused: OperationError = await refusal(client)
    assert refused.code == "INTERNAL_SERVER_ERROR"
    assert "It read request.tenant, which is not there: name the middleware" in caplog.text


async def test_middleware_that_cannot_run_here_is_named(
    connect: Connect, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(GQL_LIVE={"MIDDLEWARE": [f"{HERE}.AsyncOnly"]}):
        client = await connect(people.ada)
        assert (await refusal(client)).code == "INTERNAL_SERVER_ERROR"
    assert f"{HERE}.AsyncOnly cannot run synchronously" in caplog.text


class AsyncOnly:
    """Middleware for servers that have no threads."""

    sync_capable = False

    def __init__(self, get_response: Any) -> None: ...
