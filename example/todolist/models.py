"""To-do lists that people share, and the tasks on them."""

from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models


class ListQuerySet(models.QuerySet["List"]):
    """Lists, narrowed by who looks."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """The lists that `user` owns or is a member of."""
        return self.filter(models.Q(owner=user.pk) | models.Q(members=user.pk)).distinct()


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, narrowed by who looks."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """The tasks on the lists that `user` sees."""
        return self.filter(list__in=List.objects.visible_to(user))


class List(models.Model):
    """A to-do list: seen by its owner and its members."""

    name = models.CharField(max_length=100)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="owned_lists")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="lists", blank=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class Task(models.Model):
    """One thing to do."""

    class Priority(models.TextChoices):
        """How soon."""

        LOW = "low"
        NORMAL = "normal"
        HIGH = "high"

    text = models.CharField(max_length=200)
    done = models.BooleanField(default=False)
    priority = models.CharField(max_length=10, choices=Priority, default=Priority.NORMAL)
    list = models.ForeignKey(List, models.CASCADE, related_name="tasks")

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text
