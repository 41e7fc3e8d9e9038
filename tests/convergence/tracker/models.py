"""Rows that are seen through others: each relation is one way to be moved, lost or nested."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Team(models.Model):
    """Who works together: members in a table of Django's, roles in one of the project's."""

    name = models.CharField(max_length=50)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="teams")
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Role", related_name="serves_in"
    )

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What somebody may do in a team."""

    team = models.ForeignKey(Team, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_role")]

    def __str__(self) -> str:
        return f"role {self.pk}"


class Tag(models.Model):
    """A word for tasks and projects."""

    name = models.CharField(max_length=50)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    """What a team works on."""

    name = models.CharField(max_length=50)
    slug = models.SlugField(unique=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="projects")
    visible = models.BooleanField(default=False)
    tags = models.ManyToManyField(Tag, related_name="projects")
    version = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """Something said of any row."""

    text = models.CharField(max_length=50)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.BigIntegerField()
    row = GenericForeignKey()

    def __str__(self) -> str:
        return self.text


class Task(models.Model):
    """What is to be done.

    ``version`` grows with every write of the row, so that nobody can take an older state for a
    newer one.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="tasks")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="tasks"
    )
    text = models.CharField(max_length=50)
    done = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    tags = models.ManyToManyField(Tag, related_name="tasks")
    notes = GenericRelation(Note)
    version = models.IntegerField(default=0)

    comments: "models.Manager[Comment]"

    def __str__(self) -> str:
        return self.text


class Milestone(Task):
    """A task that others wait for: its row stands in two tables."""

    due = models.IntegerField(default=0)


class Open(models.Manager[Any]):
    """Rows that are not done."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(done=False)


class Chore(Task):
    """A task under another name, while it is open."""

    objects: "models.Manager[Chore]" = Open()  # type: ignore[misc]

    class Meta:
        proxy = True


class Comment(models.Model):
    """What somebody says of a task."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments"
    )
    text = models.CharField(max_length=50)
    hidden = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class Switch(models.Model):
    """What an administrator turns on and off."""

    name = models.CharField(max_length=50, unique=True)
    on = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name
