"""Hundreds of views over varied serializers, mounted as a project mounts them.

`BENCH_VIEWS` says how many.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.models import User
from django.urls import include, path
from django_filters.rest_framework import DjangoFilterBackend
from gql_live import RealtimeMixin, RealtimeRouter
from rest_framework import filters, pagination, serializers
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ModelViewSet

from bench.project.models import Task


class PersonSerializer(serializers.ModelSerializer[User]):
    """Nested in some of the serializers."""

    class Meta:
        model = User
        fields = ("id", "username", "email", "last_login")


class Told(serializers.ModelSerializer[Task]):
    """What the generated serializers inherit: a method for a field."""

    def get_summary(self, task: Task) -> str:
        """A computed field, typed."""
        return task.text[:20]


COLUMNS: Final = ("id", "text", "done", "priority", "score", "due", "created", "owner")
VARIETY: Final[tuple[Mapping[str, Any], ...]] = (
    {},
    {"owner": PersonSerializer(read_only=True)},
    {"summary": serializers.SerializerMethodField(), "price": serializers.DecimalField(8, 2)},
    {"state": serializers.ChoiceField(["new", "open", "shut"]), "key": serializers.UUIDField()},
    {
        "tags": serializers.ListField(child=serializers.CharField()),
        "extra": serializers.JSONField(),
    },
    {"people": PersonSerializer(many=True), "spent": serializers.DurationField(allow_null=True)},
)


class Page(pagination.PageNumberPagination):
    """Pages of a size."""

    page_size = 50


def _serializer(number: int) -> Any:
    declared = VARIETY[number % len(VARIETY)]
    columns = COLUMNS[: 4 + number % 5]
    meta = type("Meta", (), {"model": Task, "fields": tuple(dict.fromkeys((*columns, *declared)))})
    return type(f"Told{number}Serializer", (Told,), {**declared, "Meta": meta})


def _view(number: int) -> Any:
    attributes: dict[str, Any] = {
        "__module__": __name__,
        "queryset": Task.objects.all(),
        "serializer_class": _serializer(number),
    }
    if number % 2:
        attributes["filter_backends"] = [
            DjangoFilterBackend,
            filters.SearchFilter,
            filters.OrderingFilter,
        ]
        attributes["filterset_fields"] = {"done": ["exact"], "score": ["exact", "gte", "lte"]}
        attributes["search_fields"] = ["text"]
        attributes["ordering_fields"] = ["id", "score"]
    if number % 3 == 0:
        attributes["pagination_class"] = Page
    return type(f"Thing{number}ViewSet", (RealtimeMixin, ModelViewSet), attributes)


VIEWS: Final = {f"thing{number}": _view(number) for number in range(int(os.environ["BENCH_VIEWS"]))}

rest = SimpleRouter()
for name, view in VIEWS.items():
    rest.register(name, view, basename=name)
urlpatterns = [path("api/", include(rest.urls))]


def new_router() -> RealtimeRouter:
    """A router with all of them, its schema not built yet."""
    router = RealtimeRouter()
    for name, view in VIEWS.items():
        router.register(view, name)
    return router
