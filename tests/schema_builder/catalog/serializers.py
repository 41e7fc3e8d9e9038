"""Serializers of the fixture views: what real projects write, one habit each."""

import datetime
from typing import Any, Literal, TypedDict

from rest_framework import serializers

from tests.schema_builder.catalog.models import Author, Book, Note, Shelf


class ShelfBriefSerializer(serializers.ModelSerializer[Shelf]):
    """A shelf, nested elsewhere."""

    class Meta:
        model = Shelf
        fields = ["id", "code"]


class AuthorSerializer(serializers.ModelSerializer[Author]):
    """Who wrote it."""

    edited: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    books: Any = serializers.SlugRelatedField("slug", source="book_set", many=True, read_only=True)

    class Meta:
        model = Author
        fields = ["id", "name", "born", "edited", "books"]


class Sales(TypedDict):
    """What a method field gives."""

    sold: int
    left: int
    until: datetime.date | None


class BookSerializer(serializers.ModelSerializer[Book]):
    """Every column, relations in every manner, and values that are computed."""

    shelf = ShelfBriefSerializer(read_only=True)
    spare_shelf = ShelfBriefSerializer(read_only=True)
    author_name = serializers.CharField(source="author.name", read_only=True)
    editors: Any = serializers.StringRelatedField(many=True)
    sequel: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    status_label = serializers.CharField(source="get_status_display", read_only=True)
    age = serializers.ReadOnlyField()
    sales = serializers.SerializerMethodField(help_text="How it sells.")
    mood = serializers.SerializerMethodField()
    day = serializers.DateTimeField(source="created_at", format="%d.%m.%Y", read_only=True)
    secret = serializers.CharField(write_only=True, required=False)

    class Meta:
        model = Book
        exclude = ["scan", "cover", "sample"]

    def get_sales(self, book: Book) -> Sales:
        """Give the numbers."""
        return {"sold": book.sold, "left": book.copies, "until": book.published_on}

    def get_mood(self, book: Book) -> Literal["good", "bad"]:
        """Tell how it goes."""
        return "good" if book.in_print else "bad"


class BookListSerializer(serializers.ModelSerializer[Book]):
    """What a list shows of a book."""

    class Meta:
        model = Book
        fields = ["id", "title", "status"]


class ShelfSerializer(serializers.ModelSerializer[Shelf]):
    """A shelf with its books."""

    books = BookListSerializer(many=True, read_only=True)

    class Meta:
        model = Shelf
        fields = ["id", "code", "room", "books"]


class DeepBookSerializer(serializers.ModelSerializer[Book]):
    """Relations opened by ``depth``."""

    class Meta:
        model = Book
        fields = ["id", "shelf", "author"]
        depth = 1


class SparseBookSerializer(serializers.ModelSerializer[Book]):
    """Shows the fields that ``?fields=`` asks for."""

    class Meta:
        model = Book
        fields = ["id", "title", "slug"]

    def get_fields(self) -> dict[str, Any]:
        """Leave out what was not asked for."""
        fields = super().get_fields()
        asked = self.context["request"].query_params.get("fields")
        return {name: each for name, each in fields.items() if not asked or name in asked}


class NoteSerializer(serializers.ModelSerializer[Note]):
    """A note that leaves out what is empty."""

    class Meta:
        model = Note
        fields = ["id", "text", "object_id"]

    def to_representation(self, instance: Note) -> dict[str, Any]:
        """Leave out an empty text."""
        data = super().to_representation(instance)
        return {key: value for key, value in data.items() if value != ""}
