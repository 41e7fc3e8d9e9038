"""Films, who made them, and what people say about them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models


class Studio(models.Model):
    """Who paid; known by a slug."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(unique=True)
    founded = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name


class Genre(models.Model):
    """What films are about; genres have parents."""

    name = models.CharField(max_length=50)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Who plays; known by a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.CharField(max_length=100)
    born = models.DateField(null=True)

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name


class Film(models.Model):
    """A film, with its relations in every direction."""

    class Status(models.TextChoices):
        """How far it is."""

        SHOOTING = "shooting", "Being shot"
        RELEASED = "released", "In the cinemas"

    title = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=Status.choices)
    minutes = models.PositiveIntegerField(null=True)
    budget = models.DecimalField(max_digits=12, decimal_places=2)
    gross = models.PositiveBigIntegerField(default=0)
    released = models.DateField(null=True)
    added = models.DateTimeField()
    overture = models.DurationField(default=timedelta(minutes=3))
    facts: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    poster = models.FileField(upload_to="posters", blank=True)
    studio = models.ForeignKey(Studio, models.SET_NULL, null=True, related_name="films")
    genres = models.ManyToManyField(Genre, related_name="films")
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="films")

    def __str__(self) -> str:
        return self.title

    @property
    def is_long(self) -> bool | None:
        """Whether it is longer than most; unknown while nobody knows how long it is."""
        return None if self.minutes is None else self.minutes > 120


class Role(models.Model):
    """A person in a film."""

    film = models.ForeignKey(Film, models.CASCADE, related_name="roles")
    person = models.ForeignKey(Person, models.CASCADE, related_name="roles")
    character = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.character


class Review(models.Model):
    """What somebody says about a film, to all or to oneself."""

    film = models.ForeignKey(Film, models.CASCADE, related_name="reviews")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reviews")
    stars = models.SmallIntegerField()
    text = models.TextField(blank=True)
    public = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.text
