"""Who may not, and what goes wrong: what a client is told over HTTP."""

import logging
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from rest_framework import serializers
from rest_framework.authentication import (
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.permissions import BasePermission
from rest_framework.throttling import SimpleRateThrottle

from tests.http.requests import GRAPHQL_JSON, post, project_of, router_of
from tests.http.visitors import TASK, TASKS, Visitor, by_session, by_token, error_of
from tests.runtime.conftest import People
from tests.todo.models import Task
from tests.todo.views import TaskSerializer, TaskViewSet

# --- who may ---


def test_nobody_in_particular_is_unauthenticated(people: People) -> None:
    error = error_of(post(Client(), TASKS))
    assert error["message"] == "Authentication credentials were not provided."
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}


def test_a_token_that_nobody_has_is_unauthenticated(people: People) -> None:
    error = error_of(post(Client(headers={"authorization": "Token wrong"}), TASKS))
    assert (error["message"], error["extensions"]) == (
        "Invalid token.",
        {"code": "UNAUTHENTICATED"},
    )


def test_a_session_that_ended_is_unauthenticated(people: People) -> None:
    client = by_session(people)
    client.logout()
    assert error_of(post(client, TASKS))["extensions"] == {"code": "UNAUTHENTICATED"}


def test_a_permission_that_refuses_is_forbidden(people: People) -> None:
    class Never(BasePermission):
        message = "Not on Sundays."

        def has_permission(self, request: Any, view: Any) -> bool:
            return False

    class Closed(TaskViewSet):
        permission_classes = [Never]

    with project_of(router_of(Closed)):
        error = error_of(post(by_session(people), TASKS))
    assert (error["message"], error["extensions"]) == ("Not on Sundays.", {"code": "FORBIDDEN"})


@pytest.mark.parametrize("which", ["unknown", "malformed", "somebody else's"])
def test_a_row_that_one_cannot_see_is_not_found_whatever_it_is(
    people: People, tasks: list[Task], which: str
) -> None:
    key = {"unknown": "999999", "malformed": "x", "somebody else's": str(tasks[3].pk)}[which]
    response = post(by_session(people), TASK, {"id": key}, accept=GRAPHQL_JSON)
    assert response.status_code == 200
    assert response.json()["data"] == {"task": None}
    [error] = response.json()["errors"]
    assert (error["path"], error["extensions"]) == (["task"], {"code": "NOT_FOUND"})
    assert "Grace" not in response.content.decode()


def test_a_value_that_the_view_refuses_names_its_argument(people: People) -> None:
    error = error_of(post(by_session(people), TASKS, {"filter": {"list": "999999"}}))
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert list(error["extensions"]["arguments"]) == ["filter.list"]
    assert error["message"].startswith("filter.list: Select a valid choice.")


class OnceAnHour(SimpleRateThrottle):
    rate = "1/hour"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"http-{request.user.pk}-{request.user.username}"


class Throttled(TaskViewSet):
    throttle_classes = [OnceAnHour]


def test_a_query_too_many_is_throttled(people: People) -> None:
    caches["default"].clear()
    client = by_session(people)
    with project_of(router_of(Throttled)):
        assert "errors" not in post(client, TASKS).json()
        error = error_of(post(client, TASKS))
    assert error["extensions"]["code"] == "THROTTLED"
    assert 0 < error["extensions"]["retryAfter"] <= 3600


# --- a router that is not public ---


class ByToken(TaskViewSet):
    authentication_classes = [TokenAuthentication]


class BySessionOrPassword(TaskViewSet):
    authentication_classes = [SessionAuthentication, BasicAuthentication]


class ByPassword(TaskViewSet):
    authentication_classes = [BasicAuthentication]


@pytest.mark.parametrize(
    ("view", "status", "challenge"),
    [
        pytest.param(ByToken, 401, "Token", id="a challenge where the view has one"),
        pytest.param(ByPassword, 401, 'Basic realm="api"', id="the view's own challenge"),
        pytest.param(BySessionOrPassword, 403, None, id="no challenge for a session"),
    ],
)
@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({}, "Authentication credentials were not provided.", id="nobody"),
        pytest.param({"authorization": "Basic !"}, None, id="credentials that nobody accepts"),
        pytest.param({"authorization": "Token wrong"}, None, id="a token that nobody has"),
    ],
)
def test_a_router_that_is_not_public_refuses_strangers_as_drf_does(
    people: People,
    view: Any,
    status: int,
    challenge: str | None,
    headers: dict[str, str],
    message: str | None,
) -> None:
    with project_of(router_of(view, public=False)):
        response = post(Client(), "{ __typename }", **headers)
    assert (response.status_code, response.get("WWW-Authenticate")) == (status, challenge)
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert message in {None, error["message"]}
    assert "data" not in response.json()


@pytest.mark.parametrize("visitor", [by_session, by_token])
def test_a_router_that_is_not_public_answers_whom_it_knows(
    people: People, tasks: list[Task], visitor: Visitor
) -> None:
    with project_of(router_of(TaskViewSet, public=False)):
        answered = post(visitor(people), "{ tasks { text } }").json()
    assert len(answered["data"]["tasks"]) == 3


# --- faults of the project's ---


class FragileSerializer(TaskSerializer):
    text = serializers.SerializerMethodField()

    def get_text(self, task: Task) -> str:
        raise ZeroDivisionError("internals")


class Fragile(TaskViewSet):
    serializer_class = FragileSerializer


class NotJSONSerializer(TaskSerializer):
    extra = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = ["id", "extra"]

    def get_extra(self, task: Task) -> dict[str, Any]:
        return {"value": float("nan")}


class NotJSON(TaskViewSet):
    serializer_class = NotJSONSerializer


class BrokenAuthentication(TokenAuthentication):
    def authenticate(self, request: Any) -> Any:
        raise KeyError("internals")


class BrokenAtTheDoor(TaskViewSet):
    authentication_classes = [BrokenAuthentication]


INTERNAL = {"message": "Internal server error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}


@pytest.mark.parametrize(
    ("view", "public", "query", "status", "logged"),
    [
        pytest.param(
            Fragile, True, "{ tasks { text } }", 200, "ZeroDivisionError", id="a serializer"
        ),
        pytest.param(
            NotJSON, True, "{ tasks { extra } }", 500, "ValueError", id="a value beyond JSON"
        ),
        pytest.param(
            BrokenAtTheDoor, False, "{ __typename }", 500, "KeyError", id="an authentication class"
        ),
    ],
)
def test_a_fault_is_logged_and_tells_nothing(
    people: People,
    tasks: list[Task],
    caplog: pytest.LogCaptureFixture,
    view: Any,
    public: bool,
    query: str,
    status: int,
    logged: str,
) -> None:
    with project_of(router_of(view, public=public)), caplog.at_level(logging.ERROR):
        response = post(by_session(people), query)
    assert response.status_code == status
    [error] = response.json()["errors"]
    assert {name: error[name] for name in INTERNAL} == INTERNAL
    assert "internals" not in response.content.decode()
    assert logged in caplog.text
