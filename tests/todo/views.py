"""REST over the to-do models: everybody sees the lists that they own or are a member of."""

from typing import Any

from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import permissions, serializers, viewsets
from rest_framework.filters import OrderingFilter, SearchFilter

from gql_live import RealtimeMixin
from tests.todo.models import List, Task


def lists_of(user: Any) -> QuerySet[List]:
    """The lists that ``user`` owns or is a member of."""
    return List.objects.filter(Q(owner=user) | Q(members=user)).distinct()


class TaskSerializer(serializers.ModelSerializer[Task]):
    """A task, flat."""

    class Meta:
        model = Task
        fields = ["id", "text", "done", "priority", "list"]


class ListSerializer(serializers.ModelSerializer[List]):
    """A list with its owner's name."""

    owner = serializers.CharField(source="owner.username", read_only=True)

    class Meta:
        model = List
        fields = ["id", "name", "owner"]


class TaskViewSet(RealtimeMixin, viewsets.ModelViewSet[Task]):
    """The tasks of one's lists."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    permission_classes = [permissions.IsAuthenticated]
    filter_backends = [DjangoFilterBackend, SearchFilter, OrderingFilter]
    filterset_fields = ["done", "list", "priority"]
    search_fields = ["text"]

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.filter(list__in=lists_of(self.request.user)).order_by("pk")


class ListViewSet(viewsets.ModelViewSet[List], RealtimeMixin):
    """One's lists; the mixin may stand last."""

    queryset = List.objects.none()
    serializer_class = ListSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self) -> QuerySet[List]:
        return lists_of(self.request.user).order_by("pk")
