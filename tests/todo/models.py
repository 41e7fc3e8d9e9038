"""The seed's to-do models: rows that belong to somebody."""

from django.conf import settings
from django.db import models


class List(models.Model):
    """A to-do list: seen by its owner and its members."""

    name = models.CharField(max_length=100)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="owned_lists")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="lists")

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
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    list = models.ForeignKey(List, models.CASCADE, related_name="tasks")

    def __str__(self) -> str:
        return self.text
