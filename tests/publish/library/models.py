"""Books: parents, children, proxies, links of every sort, keys of every sort."""

from typing import Any
from uuid import uuid4

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Label(models.Model):
    """What is stuck to a row of any sort."""

    text = models.CharField(max_length=50)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.CharField(max_length=40)
    on = GenericForeignKey()

    def __str__(self) -> str:
        return self.text


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
    labels = GenericRelation(Label)

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


class Loan(models.Model):
    """A row with a column of every sort that routes; its ``reader`` is remembered."""

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open"
        LATE = "late"

    reader = models.ForeignKey(Reader, models.SET_NULL, null=True)
    book = models.ForeignKey(Book, models.CASCADE)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    days = models.IntegerField(null=True)
    renewed = models.BooleanField(default=False)
    slip = models.UUIDField(unique=True, default=uuid4)
    note = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.note


class Ledger(models.Model):
    """The shelves, as another program of the same database knows them."""

    name = models.CharField(max_length=50)

    class Meta:
        managed = False
        db_table = "library_shelf"

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    """A row that nobody watches."""

    day = models.DateField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.day)
