"""Models that are in no database: with managers and orders of their own, in circles, and referred
to by two columns.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass
class Museum:
    """The models, for as long as a test lasts."""

    Room: Any
    Work: Any
    Link: Any
    Place: Any


class Shown(models.Manager[Any]):
    """Hides works by where another row stands."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(artist__active=True)


def build() -> Museum:
    """The models, made anew."""

    class Artist(models.Model):  # noqa: DJ008
        name = models.CharField(max_length=9)
        active = models.BooleanField(default=True)

        class Meta:
            app_label = "dependencies"

    class Room(models.Model):  # noqa: DJ008
        works: Any = models.ManyToManyField("Work", related_name="rooms")
        sketches: Any = models.ManyToManyField("Sketch")

        class Meta:
            app_label = "dependencies"

    class Work(models.Model):  # noqa: DJ008
        artist = models.ForeignKey(Artist, models.CASCADE)
        objects = Shown()

        class Meta:
            app_label = "dependencies"

    class Sketch(models.Model):  # noqa: DJ008
        artist = models.ForeignKey(Artist, models.CASCADE)

        class Meta:
            app_label = "dependencies"
            ordering = ["artist__name"]

    class Link(models.Model):  # noqa: DJ008
        before: Any = models.ForeignKey("self", models.CASCADE)

        class Meta:
            app_label = "dependencies"
            ordering = ["before"]

    class Place(models.Model):  # noqa: DJ008
        x, y = models.IntegerField(), models.IntegerField()

        class Meta:
            app_label = "dependencies"

    class Visit(models.Model):  # noqa: DJ008
        x, y = models.IntegerField(), models.IntegerField()
        place = models.ForeignObject(Place, models.CASCADE, ["x", "y"], ["x", "y"])

        class Meta:
            app_label = "dependencies"
            db_table = "cinema_studio"  # which an installed model has

    return Museum(Room, Work, Link, Place)
