"""The REST API: ordinary Django REST Framework views, made live by one mixin."""

from django.db.models import QuerySet
from rest_framework.permissions import IsAuthenticated
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from gql_live import RealtimeMixin
from todolist.filters import TaskFilter
from todolist.models import List, Task
from todolist.permissions import IsListOwnerOrReadOnly
from todolist.serializers import ListSerializer, TaskSerializer


class ListViewSet(RealtimeMixin, ModelViewSet[List]):
    """The lists that you own or are a member of."""

    queryset = List.objects.all()
    serializer_class = ListSerializer
    permission_classes = (IsAuthenticated, IsListOwnerOrReadOnly)
    search_fields = ("name",)
    ordering_fields = ("id", "name")

    def get_queryset(self) -> QuerySet[List]:
        lists = List.objects.visible_to(self.request.user)
        return lists.select_related("owner").prefetch_related("members")

    def perform_create(self, serializer: BaseSerializer[List]) -> None:
        serializer.save(owner=self.request.user)


class TaskViewSet(RealtimeMixin, ModelViewSet[Task]):
    """The tasks on your lists."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    filterset_class = TaskFilter
    search_fields = ("text",)
    ordering_fields = ("id", "text", "done", "priority")

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.visible_to(self.request.user)
