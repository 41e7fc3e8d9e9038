"""Tasks as REST tells them."""

from typing import Any

from rest_framework import serializers

from bench.project.counters import COUNTED
from bench.project.models import Task


class TaskSerializer(serializers.ModelSerializer[Task]):
    """A task, counted each time that it is serialized."""

    class Meta:
        model = Task
        fields = ("id", "text", "done", "priority", "score", "due", "created", "owner")
        read_only_fields = ("owner",)

    def to_representation(self, instance: Task) -> dict[str, Any]:
        COUNTED["serializer calls"] += 1
        return super().to_representation(instance)
