"""Books: parents, children, proxies, links of every sort, keys of every sort."""

from typing import Any
from uuid import uuid4

from django.db import models


class Shelf(models.Model):
    """Where books stand; deleted with all of them."""

    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Genre(models.Model):
    """What books are about."""

    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """A row that has children, a proxy and relations."""

    title = models.CharField(max_length=50)
    shelf = models.ForeignKey(Shelf, models.CASCADE, null=True, related_name="books")
    genres: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(Genre, related_name="books")
    sequels: "models.ManyToManyField[Any, Any]" = models.ManyToManyField("self")

    def __str__(self) -> str:
        return self.title


class Paperback(Book):
    """The same rows under another name."""

    class Meta:
        proxy = True


class Novel(Book):
    """A child: its key is its parent's."""

    pages = models.IntegerField(default=0)


class Saga(Novel):
    """A grandchild."""

    volumes = models.IntegerField(default=3)


class Artwork(models.Model):
    """A second parent, with keys of its own."""

    code = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.code)


class Comic(Book, Artwork):
    """A child of two parents: its key is that of the first."""


class Reader(models.Model):
    """A row that links refer to by another column than its key."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    card = models.CharField(max_length=20, unique=True)
    favourites: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        Book, through="Favourite", related_name="fans"
    )

    def __str__(self) -> str:
        return self.card


class Favourite(models.Model):
    """A link with a model of its own."""

    reader = models.ForeignKey(Reader, models.CASCADE, to_field="card")
    book = models.ForeignKey(Book, models.CASCADE)

    def __str__(self) -> str:
        return f"{self.book} of {self.reader}"


class Visit(models.Model):
    """A row that nobody watches."""

    day = models.DateField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.day)
