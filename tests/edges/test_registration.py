"""What may be registered, and what is said of the rest."""

import re
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet

from gql_live import RealtimeMixin, RealtimeRouter
from gql_live.exceptions import RegistrationError
from tests.todo.models import Task
from tests.todo.views import ListViewSet, TaskSerializer, TaskViewSet


class WithoutMixin(ModelViewSet[Task]):
    queryset = Task.objects.all()


class WithoutQueryset(RealtimeMixin, ModelViewSet[Task]):
    serializer_class = TaskSerializer


class Sentinel(RealtimeMixin, GenericAPIView[Task]):
    queryset = Task.objects.none()
    serializer_class = TaskSerializer


class OnlyList(ListAPIView[Task], RealtimeMixin):
    queryset = Task.objects.all()
    serializer_class = TaskSerializer


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (APIView, "APIView is no GenericAPIView: register a view class"),
        (TaskViewSet.as_view({"get": "list"}), "TaskViewSet is no GenericAPIView"),
        ("tasks", "'tasks' is no GenericAPIView"),
        (WithoutMixin, r"class WithoutMixin\(RealtimeMixin, ...\)"),
        (WithoutQueryset, "WithoutQueryset has no queryset"),
    ],
    ids=["no generic view", "as_view()", "no view", "no mixin", "no queryset"],
)
def test_what_cannot_be_registered_is_named_with_its_remedy(view: Any, said: str) -> None:
    with pytest.raises(RegistrationError, match=said):
        RealtimeRouter().register(view)


def test_a_view_is_registered_once_and_a_name_given_once() -> None:
    router = RealtimeRouter()
    router.register(TaskViewSet)
    with pytest.raises(RegistrationError, match="TaskViewSet is registered already"):
        router.register(TaskViewSet)
    router.register(TaskViewSet, name="job")
    with pytest.raises(RegistrationError, match="TaskViewSet has that name"):
        router.register(OnlyList, name="job")


def test_a_view_that_comes_after_the_schema_was_built_is_refused() -> None:
    router = RealtimeRouter()
    router.register(TaskViewSet)
    assert router.schema.subscription_type
    with pytest.raises(RegistrationError, match="after the schema was built"):
        router.register(ListViewSet)


@pytest.mark.parametrize(
    ("view", "fields"),
    [
        (TaskViewSet, {"task", "tasks"}),
        (OnlyList, {"tasks"}),
        (Sentinel, {"task", "tasks"}),
    ],
    ids=["a viewset", "a list view", "a view for subscriptions only"],
)
def test_a_view_gives_the_root_fields_that_it_answers(view: Any, fields: set[str]) -> None:
    router = RealtimeRouter()
    router.register_all([view])
    schema = router.schema
    assert schema.subscription_type
    assert schema.query_type
    assert set(schema.subscription_type.fields) == fields
    assert set(schema.query_type.fields) == fields


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "type Task {"),
        ({"CASE": "camel"}, "queryParams: QueryParams"),
        ({"PK": "native"}, "task(id: BigInt!"),
        ({"MAX_ENUM_VALUES": 1}, "priority: String"),
        ({"TYPE_NAMES": {"tests.todo.views.TaskSerializer": "Job"}}, "type Job {"),
    ],
    ids=lambda value: next(iter(value), "defaults") if isinstance(value, dict) else None,
)
def test_the_settings_shape_the_schema(settings: dict[str, Any], said: str) -> None:
    router = RealtimeRouter()
    router.register(TaskViewSet)
    with override_settings(GQL_LIVE=settings):
        assert said in router.type_defs


def test_a_router_shows_its_schema_as_sdl_and_bindables() -> None:
    router = RealtimeRouter()
    router.register(TaskViewSet, name="job")
    assert set(re.findall(r"^  (jobs?)\(", router.type_defs, re.MULTILINE)) == {"job", "jobs"}
    assert router.bindables
