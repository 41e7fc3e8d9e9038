"""Rows made of other rows: nested, renamed, counted, and by methods that look for themselves."""

from typing import Any, Final

from rest_framework import serializers

from tests.convergence.gate import pass_through
from tests.convergence.tracker.models import Comment, Milestone, Project, Role, Tag, Task, Team

BROKEN: Final = "broken"


class Held(serializers.ModelSerializer[Any]):
    """Passes a gate with each row: after it was read, before what is nested in it."""

    def to_representation(self, instance: Any) -> Any:
        pass_through("row")
        return super().to_representation(instance)


class CommentSerializer(Held):
    """A comment with its author's name."""

    author = serializers.CharField(source="author.username", read_only=True, default=None)

    class Meta:
        model = Comment
        fields = ["id", "task", "text", "author", "hidden"]


class NestedCommentSerializer(serializers.ModelSerializer[Comment]):
    """A comment within its task."""

    author = serializers.StringRelatedField[Any]()

    class Meta:
        model = Comment
        fields = ["id", "text", "author"]


class TaskSerializer(Held):
    """A task with everything around it."""

    project_name = serializers.CharField(source="project.name", read_only=True)
    assignee = serializers.StringRelatedField[Any]()
    comments = NestedCommentSerializer(many=True, read_only=True)
    comment_count = serializers.IntegerField(read_only=True)
    is_mine = serializers.SerializerMethodField()
    is_editable = serializers.SerializerMethodField()
    team_name = serializers.SerializerMethodField()
    note_texts = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = [
            "id",
            "version",
            "text",
            "done",
            "position",
            "project",
            "project_name",
            "assignee",
            "tags",
            "comments",
            "comment_count",
            "is_mine",
            "is_editable",
            "team_name",
            "note_texts",
        ]

    def get_is_mine(self, task: Task) -> bool:
        """Whether who asks is to do it."""
        return bool(task.assignee_id == self.context["request"].user.pk)

    def get_is_editable(self, task: Task) -> bool:
        """Whether who asks is on the staff."""
        return bool(self.context["request"].user.is_staff)

    def get_team_name(self, task: Task) -> str:
        """Two rows away, as the view declares."""
        return task.project.team.name

    def get_note_texts(self, task: Task) -> list[str]:
        """In another table, as nobody declares."""
        return [note.text for note in task.notes.order_by("pk")]


class PlainTaskSerializer(Held):
    """A task's own columns."""

    class Meta:
        model = Task
        fields = ["id", "version", "text", "done", "position"]


class BusyTaskSerializer(PlainTaskSerializer):
    """A task with what a subquery found of another table."""

    last_comment = serializers.CharField(read_only=True, allow_null=True)

    class Meta(PlainTaskSerializer.Meta):
        fields = [*PlainTaskSerializer.Meta.fields, "last_comment"]


class RoleSerializer(serializers.ModelSerializer[Role]):
    """A link within its team."""

    user = serializers.StringRelatedField[Any]()

    class Meta:
        model = Role
        fields = ["id", "user", "active"]


class CrewSerializer(Held):
    """A team with both ways to belong to it."""

    roles = RoleSerializer(source="role_set", many=True, read_only=True)
    members = serializers.SlugRelatedField[Any](slug_field="username", many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name", "roles", "members"]


class FragileTaskSerializer(PlainTaskSerializer):
    """Fails on a task whose text it does not understand."""

    def to_representation(self, instance: Any) -> Any:
        if instance.text == BROKEN:
            raise ValueError(f"a serializer that fails on {instance.pk}")
        return super().to_representation(instance)


class MilestoneSerializer(Held):
    """Columns of two tables."""

    class Meta:
        model = Milestone
        fields = ["id", "version", "text", "done", "due"]


class ProjectSerializer(Held):
    """A project with words for what it refers to."""

    team = serializers.StringRelatedField[Any]()
    tags = serializers.SlugRelatedField[Tag](slug_field="name", many=True, read_only=True)
    open_tasks = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = ["id", "version", "slug", "name", "visible", "team", "tags", "open_tasks"]

    def get_open_tasks(self, project: Project) -> int:
        """Counted when it is asked."""
        return project.tasks.filter(done=False).count()
