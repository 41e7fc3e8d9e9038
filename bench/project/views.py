"""The REST API: what everybody sees, what each one owns, what each one looks for."""

from typing import Any

from django.db.models import F, QuerySet
from gql_live import RealtimeMixin
from rest_framework.viewsets import ModelViewSet

from bench.project.models import Task
from bench.project.serializers import TaskSerializer


class TaskViewSet(RealtimeMixin, ModelViewSet[Task]):
    """Every task, for everybody who is known."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer


class OwnTaskViewSet(TaskViewSet):
    """The tasks of whoever asks."""

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.filter(owner=self.request.user.pk)


class SoughtTaskViewSet(TaskViewSet):
    """The tasks whose score comes near to the key of whoever asks: no index finds who that is."""

    def get_queryset(self) -> QuerySet[Task]:
        key: Any = self.request.user.pk
        near: Any = Task.objects.alias(distance=F("score") - key)
        sought: QuerySet[Task] = near.filter(distance__gte=-NEAR, distance__lte=NEAR)
        return sought


NEAR = 5
