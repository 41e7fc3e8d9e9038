"""A model of the width that rows have, and some that are made of each other."""

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


class Board(models.Model):
    """What cards hang on; they are seen by its owner."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    name = models.TextField()

    objects: ClassVar[models.Manager["Board"]] = models.Manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class Card(models.Model):
    """A row that shows others and is filtered by one."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="cards")
    text = models.TextField()
    done = models.BooleanField(default=False)

    objects: ClassVar[models.Manager["Card"]] = models.Manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text


class Remark(models.Model):
    """What is said of a card."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="remarks")
    text = models.TextField()

    objects: ClassVar[models.Manager["Remark"]] = models.Manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text


class Stray(models.Model):
    """A row that no relation leads to."""

    text = models.TextField()

    objects: ClassVar[models.Manager["Stray"]] = models.Manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text
