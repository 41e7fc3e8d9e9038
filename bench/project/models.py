"""One model, of the width that rows have."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Task(models.Model):
    """One thing to do."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    text = models.TextField()
    done = models.BooleanField(default=False)
    priority = models.CharField(max_length=10, default="normal")
    score = models.IntegerField(default=0)
    due = models.DateField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Task"]] = models.Manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text
