"""Models of the schema builder's fixture views: every kind of column and relation."""

import uuid

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Colour(models.TextChoices):
    """A choices class outside of any model."""

    RED = "red", "Red"
    DEEP_BLUE = "deep-blue", "Deep blue"


class Shelf(models.Model):
    """Where books stand."""

    code = models.CharField(max_length=10, unique=True)
    room = models.CharField(max_length=50, blank=True)

    class Meta:
        verbose_name_plural = "shelves"

    def __str__(self) -> str:
        return self.code


class Author(models.Model):
    """Who wrote it; known by a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=100, help_text="As printed on the cover.")
    born = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """A note on anything."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class Book(models.Model):
    """A book, with a column of every kind."""

    class Status(models.TextChoices):
        """Where it is in its life."""

        DRAFT = "draft", "Draft"
        ON_SALE = "on sale", "On sale"

    class Rank(models.IntegerChoices):
        """How it sells."""

        FIRST = 1
        SECOND = 2

    title = models.CharField(max_length=200)
    subtitle = models.CharField(max_length=200, null=True)  # noqa: DJ001  # null is the point
    slug = models.SlugField(unique=True)
    blurb = models.TextField(blank=True)
    isbn = models.BigIntegerField()
    copies = models.PositiveIntegerField(default=0)
    sold = models.PositiveBigIntegerField(default=0)
    pages = models.SmallIntegerField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    weight = models.FloatField(default=0.0)
    in_print = models.BooleanField(default=True)
    signed = models.BooleanField(null=True)
    published_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    opens_at = models.TimeField(null=True)
    reading_time = models.DurationField(null=True)
    token = models.UUIDField(default=uuid.uuid4)
    extra = models.JSONField(default=dict)
    scan = models.BinaryField(default=b"")
    cover = models.FileField(upload_to="covers")
    sample = models.FileField(upload_to="samples", blank=True)
    homepage = models.URLField(blank=True)
    address = models.GenericIPAddressField(default="127.0.0.1")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    colour = models.CharField(max_length=10, choices=Colour.choices, blank=True)
    rank = models.IntegerField(choices=Rank.choices, default=Rank.FIRST)
    size = models.CharField(max_length=4, choices=[("2x", "Big"), ("", "-"), ("1/2", "Half")])
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="books")
    spare_shelf = models.ForeignKey(Shelf, models.SET_NULL, null=True, related_name="spares")
    author = models.ForeignKey(Author, models.CASCADE)
    editors = models.ManyToManyField(Author, related_name="edited")
    sequel_to = models.OneToOneField("self", models.CASCADE, null=True, related_name="sequel")
    notes = GenericRelation(Note)

    def __str__(self) -> str:
        return self.title

    @property
    def age(self) -> int | None:
        """How old it is."""
        return None

    @property
    def untold(self):  # type: ignore[no-untyped-def]  # a property without a hint is the point
        """What it is nobody says."""
        return {"any": "thing"}

    def first_author(self) -> Author:
        """Who wrote it first."""
        return self.author
