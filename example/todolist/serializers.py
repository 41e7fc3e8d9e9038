"""Lists and tasks as REST tells them, and so as GraphQL does."""

from django.contrib.auth.models import User
from django.db.models import QuerySet
from rest_framework import serializers

from todolist.models import List, Task


class VisibleListField(serializers.PrimaryKeyRelatedField[List]):
    """The key of a list that the writer sees; any other list does not exist for them."""

    def get_queryset(self) -> QuerySet[List]:
        return List.objects.visible_to(self.context["request"].user)


class ListSerializer(serializers.ModelSerializer[List]):
    """A list, its people by their names."""

    owner: serializers.SlugRelatedField[User] = serializers.SlugRelatedField(
        slug_field="username", read_only=True
    )
    members = serializers.SlugRelatedField(
        slug_field="username",
        queryset=User.objects.all(),
        many=True,
        required=False,
    )

    class Meta:
        model = List
        fields = ("id", "name", "owner", "members")


class TaskSerializer(serializers.ModelSerializer[Task]):
    """A task and the key of its list."""

    list = VisibleListField()

    class Meta:
        model = Task
        fields = ("id", "text", "done", "priority", "list")
