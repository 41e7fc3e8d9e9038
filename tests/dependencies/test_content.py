"""What is derived from a serializer: whose rows each kind of field shows."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import models
from rest_framework import serializers

from gql_live.dependencies import ContentReach, content_reach
from gql_live.wanted import EVERYTHING, Wanted
from tests.dependencies.museum import Museum
from tests.dependencies.notation import said
from tests.parity.cinema.models import Film, Genre, Person, Review, Role
from tests.parity.cinema.serializers import FilmSerializer, StampedFilmSerializer
from tests.publish.library.models import Book as LibraryBook
from tests.publish.library.models import Comic, Favourite, Novel, Paperback, Reader, Saga
from tests.schema_builder.catalog.models import Book, Note

RecursiveField = pytest.importorskip("rest_framework_recursive.fields").RecursiveField


class Upper(serializers.CharField):
    def to_representation(self, value: Any) -> str:
        return str(super().to_representation(value)).upper()


class Tame(serializers.CharField):
    """Does what its parent does."""

    def to_representation(self, value: Any) -> str:
        """Say so."""
        return super().to_representation(value)


class Whole(serializers.Field[Any, Any, Any, Any]):
    def __init__(self, **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)

    def to_representation(self, value: Any) -> Any:
        return str(value)


class CustomKey(serializers.PrimaryKeyRelatedField[Any]):
    def to_representation(self, value: Any) -> Any:
        return f"#{value.pk}"


class PersonSerializer(serializers.ModelSerializer[Person]):
    class Meta:
        model = Person
        fields = ["id", "name"]


class RoleSerializer(serializers.ModelSerializer[Role]):
    person = PersonSerializer()

    class Meta:
        model = Role
        fields = ["id", "character", "person"]


class LoudRoleSerializer(RoleSerializer):
    def to_representation(self, instance: Role) -> Any:
        return {**super().to_representation(instance), "loud": True}


class OtherRoleSerializer(RoleSerializer):
    def get_attribute(self, instance: Any) -> Any:
        return instance.roles.first()


class GenreTreeSerializer(serializers.ModelSerializer[Genre]):
    class Meta:
        model = Genre
        fields = ["id", "name"]

    def get_fields(self) -> Any:
        return {**super().get_fields(), "children": GenreTreeSerializer(many=True)}


class GenreChainSerializer(serializers.ModelSerializer[Genre]):
    parent = RecursiveField()

    class Meta:
        model = Genre
        fields = ["id", "parent"]


class NoteSerializer(serializers.ModelSerializer[Note]):
    class Meta:
        model = Note
        fields = ["id", "text"]


class PlainSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    said = serializers.SerializerMethodField()

    def get_said(self, value: Any) -> str:
        return str(value)


def serializer_of(model: type[models.Model], **declared: Any) -> Any:
    """A serializer that shows the declared fields only."""
    meta = type("Meta", (), {"model": model, "fields": list(declared)})
    return type("TheSerializer", (serializers.ModelSerializer,), {"Meta": meta, **declared})()


def reach_of(model: type[models.Model], **declared: Any) -> ContentReach:
    return content_reach(serializer_of(model, **declared), EVERYTHING, {})


PK = serializers.PrimaryKeyRelatedField
SLUG = serializers.SlugRelatedField
TEXT = serializers.StringRelatedField
URL = serializers.HyperlinkedRelatedField
ME = serializers.HyperlinkedIdentityField
Char = serializers.CharField
Int = serializers.IntegerField
ListOf = serializers.ListField
ReadOnly = serializers.ReadOnlyField
Method = serializers.SerializerMethodField

ROLES = "cinema.film <film_id cinema.role"
PEOPLE = "cinema.film <film_id cinema.role >person_id cinema.person"
STUDIO = "cinema.film >studio_id cinema.studio"
GENRE_LINKS = "cinema.film <film_id cinema.film_genres"
GENRES = f"{GENRE_LINKS} >genre_id cinema.genre"
FILM_OF_ROLE = "cinema.role >film_id cinema.film"
STUDIO_OF_ROLE = f"{FILM_OF_ROLE} >studio_id cinema.studio"
PERSON_OF_ROLE = "cinema.role >person_id cinema.person"
SEQUEL = "catalog.book <sequel_to_id catalog.book"
NOTES = "catalog.book <object_id:catalog.book catalog.note"


@pytest.mark.parametrize(
    ("model", "field", "paths", "is_opaque"),
    [
        # columns
        (Film, Char(source="title"), [], False),
        (Film, Char(source="get_status_display"), [], False),
        (Film, Int(source="pk"), [], False),
        (Film, Int(source="studio_id"), [], False),
        (Film, Char(source="poster.name"), [], False),
        (Film, Char(source="facts.cost"), [], False),
        (Film, serializers.JSONField(source="facts"), [], False),
        (Film, PlainSerializer(source="facts"), [], True),
        (Film, ListOf(child=Upper(), source="facts"), [], True),
        (Film, serializers.HiddenField(default=1), [], False),
        # over relations
        (Film, Char(source="studio.name"), [STUDIO], False),
        (Role, Char(source="film.studio.name"), [STUDIO_OF_ROLE], False),
        (Film, Char(source="studio"), [STUDIO], True),
        (Film, Int(source="roles.count"), [ROLES], False),
        (Film, Char(source="roles.first.person.name"), [PEOPLE], False),
        (Film, Char(source="roles.latest.character"), [ROLES], True),
        (Film, ListOf(child=Char(), source="roles.all"), [ROLES], True),
        (Film, ListOf(child=RoleSerializer(), source="roles.all"), [PEOPLE], False),
        # keys
        (Film, PK(source="studio", read_only=True), [], False),
        (Role, PK(source="film.studio", read_only=True), [FILM_OF_ROLE], False),
        (Film, PK(source="genres", many=True, read_only=True), [GENRE_LINKS], False),
        (Film, PK(source="roles", many=True, read_only=True), [ROLES], False),
        (Book, PK(source="sequel", read_only=True), [SEQUEL], False),
        (Film, PK(source="*", read_only=True), [], False),
        (Film, PK(source="is_long", read_only=True), [], True),
        (Film, CustomKey(source="studio", read_only=True), [STUDIO], True),
        # other relational fields
        (Film, SLUG("name", source="studio", read_only=True), [STUDIO], False),
        (Film, SLUG("name", source="genres", many=True, read_only=True), [GENRES], False),
        (Role, SLUG("studio__name", source="film", read_only=True), [STUDIO_OF_ROLE], False),
        (Film, SLUG("label", source="studio", read_only=True), [STUDIO], True),
        (Film, TEXT(source="studio"), [STUDIO], True),
        (Film, TEXT(source="roles", many=True), [ROLES], True),
        (Film, URL("v", source="studio", read_only=True), [], False),
        (Film, URL("v", source="studio", lookup_field="slug", read_only=True), [STUDIO], False),
        (Film, URL("v", source="genres", many=True, read_only=True), [GENRE_LINKS], False),
        (Film, ME("v"), [], False),
        (Film, ME("v", lookup_field="is_long"), [], True),
        # nested serializers
        (Film, RoleSerializer(source="roles", many=True), [PEOPLE], False),
        (Role, RoleSerializer(source="*"), [PERSON_OF_ROLE], False),
        (Film, LoudRoleSerializer(source="roles", many=True), [PEOPLE], True),
        (Film, OtherRoleSerializer(source="roles"), [ROLES], True),
        (Film, RoleSerializer(source="cast", many=True), [], True),
        (Book, NoteSerializer(source="notes", many=True), [NOTES], False),
        # whatever else
        (Film, Method(), [], True),
        (Film, ReadOnly(source="is_long"), [], True),
        (Film, Char(source="studio.label"), [STUDIO], True),
        (Note, Char(source="subject"), [], True),
        (Film, Whole(), [], True),
        (Film, Upper(source="title"), [], True),
        (Film, Tame(source="title"), [], False),
    ],
    ids=lambda value: repr(value)[:70] if hasattr(value, "source") else None,
)
def test_a_field_shows_rows(
    model: type[models.Model], field: Any, paths: list[str], is_opaque: bool
) -> None:
    reach = reach_of(model, x=field)
    assert said(reach.paths) == paths
    assert bool(reach.opaque) == is_opaque
    assert reach.content == set()


# --- models in many tables ---

NOVEL_OF_SAGA = "library.saga >novel_ptr_id library.novel"
BOOK_OF_SAGA = f"{NOVEL_OF_SAGA} >book_ptr_id library.book"
ARTWORK_OF_COMIC = "library.comic >artwork_ptr_id library.artwork"
BOOK_OF_COMIC = "library.comic >book_ptr_id library.book"
NOVEL_OF_BOOK = "library.book <book_ptr_id library.novel >book_ptr_id library.book"
FAVOURITES = "library.reader <reader_id=card library.favourite >book_id library.book"
SEQUELS = "library.book <from_book_id library.book_sequels >to_book_id library.book"


@pytest.mark.parametrize(
    ("model", "field", "paths"),
    [
        (Saga, Int(source="volumes"), [BOOK_OF_SAGA]),
        (Saga, PK(source="shelf", read_only=True), [BOOK_OF_SAGA]),
        (Saga, Char(source="shelf.name"), [f"{BOOK_OF_SAGA} >shelf_id library.shelf"]),
        (
            Saga,
            PK(source="fans", many=True, read_only=True),
            [f"{BOOK_OF_SAGA} <book_id library.favourite"],
        ),
        (
            Saga,
            PK(source="favourite_set", many=True, read_only=True),
            [f"{BOOK_OF_SAGA} <book_id library.favourite"],
        ),
        (Comic, Char(source="title"), [ARTWORK_OF_COMIC, BOOK_OF_COMIC]),
        (LibraryBook, Int(source="novel.pages"), [NOVEL_OF_BOOK]),
        (Paperback, Char(source="shelf.name"), ["library.book >shelf_id library.shelf"]),
        (Reader, SLUG("title", source="favourites", many=True, read_only=True), [FAVOURITES]),
        (Favourite, Char(source="reader.id"), ["library.favourite >reader_id=card library.reader"]),
        (LibraryBook, SLUG("title", source="sequels", many=True, read_only=True), [SEQUELS]),
    ],
    ids=[
        "a grandchild",
        "a reference of a grandparent",
        "a row that a grandparent refers to",
        "links of a grandparent",
        "children of a grandparent",
        "two parents",
        "a child of the row",
        "a proxy",
        "links to another column than the key",
        "a reference to another column than the key",
        "rows of the same model",
    ],
)
def test_rows_of_many_tables_are_followed_into_each(
    model: type[models.Model], field: Any, paths: list[str]
) -> None:
    assert said(reach_of(model, x=field).paths) == paths


# --- what is wanted ---


def test_only_what_is_wanted_is_followed() -> None:
    nested = Wanted({"roles": Wanted({"id": EVERYTHING}), "title": EVERYTHING})
    reach = content_reach(FilmSerializer(), nested, {})
    assert said(reach.paths) == [ROLES]
    assert reach.opaque == set()


def test_a_serializer_that_writes_itself_may_read_all_of_its_fields() -> None:
    reach = content_reach(StampedFilmSerializer(many=True), Wanted({"id": EVERYTHING}), {})
    assert said(reach.paths) == [GENRE_LINKS, STUDIO]
    assert reach.opaque == {"*"}


def test_opaque_fields_are_named_from_the_outermost_serializer() -> None:
    reach = content_reach(FilmSerializer(), EVERYTHING, {})
    assert reach.opaque == {
        "figures.is_long",
        "genres.path",
        "lead",
        "reviews",  # a ListSerializer of its own
        "reviews.mine",
        "roles.person.role_count",
        "stars",
    }


def test_rows_are_of_the_view_s_model_whatever_the_serializer_says() -> None:
    serializer = serializer_of(LibraryBook, title=serializers.CharField())
    assert said(content_reach(serializer, EVERYTHING, {}, Novel).paths) == [
        "library.novel >book_ptr_id library.book"
    ]


def test_what_the_queryset_adds_to_a_row_is_no_attribute_of_the_model() -> None:
    serializer = serializer_of(Film, role_count=serializers.IntegerField())
    assert content_reach(serializer, EVERYTHING, {}).opaque == {"role_count"}
    assert content_reach(serializer, EVERYTHING, {}, given={"role_count"}).opaque == set()
    nested = serializer_of(Role, film=serializer)
    reach = content_reach(nested, EVERYTHING, {}, given={"role_count"})
    assert reach.opaque == {"film.role_count"}


def test_a_serializer_without_a_model_is_opaque() -> None:
    assert content_reach(PlainSerializer(), EVERYTHING, {}).opaque == {"*"}


# --- trees ---


def test_a_tree_is_followed_once_and_watched_from_there() -> None:
    reach = content_reach(GenreTreeSerializer(), EVERYTHING, {})
    assert said(reach.paths) == ["cinema.genre <parent_id cinema.genre"]
    assert reach.opaque == {"children"}


def test_a_tree_is_followed_as_deep_as_it_is_wanted() -> None:
    wanted = Wanted({"children": Wanted({"children": Wanted({"name": EVERYTHING})})})
    reach = content_reach(GenreTreeSerializer(), wanted, {})
    assert said(reach.paths) == [
        "cinema.genre <parent_id cinema.genre <parent_id cinema.genre",
    ]
    assert reach.opaque == set()


def test_a_field_that_stands_for_its_serializer_is_opaque() -> None:
    reach = content_reach(GenreChainSerializer(), EVERYTHING, {})
    assert said(reach.paths) == ["cinema.genre >parent_id cinema.genre"]
    assert reach.opaque == {"parent"}


# --- what a manager decides ---


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("works", ["room_works", "work", "artist"]),
        ("sketches", ["room_sketches", "sketch", "artist"]),
    ],
    ids=["by a manager", "in an order"],
)
def test_what_chooses_and_orders_related_rows_counts(
    museum: Museum, source: str, names: list[str]
) -> None:
    way = tuple(f"dependencies.{name}" for name in names)
    fields: list[Any] = [
        PK(source=source, many=True, read_only=True),
        Int(source=f"{source}.count"),
    ]
    for field in fields:
        assert [path.models for path in reach_of(museum.Room, x=field).paths] == [way]


# --- what is declared ---


@pytest.mark.parametrize(
    ("declared", "paths", "opaque", "content"),
    [
        ({"stars": ["reviews"]}, ["cinema.film <film_id cinema.review"], set(), set()),
        ({"stars": []}, [], set(), set()),
        ({"stars": [Review, "cinema.Studio"]}, [], set(), {"cinema.review", "cinema.studio"}),
        ({"stars": ["studio__name", "roles__person"]}, [PEOPLE, STUDIO], set(), set()),
        ({"*": ["keeper"]}, ["cinema.film >keeper_id auth.user"], {"stars"}, set()),
        ({"title": ["studio"]}, [STUDIO], {"stars"}, set()),
        ({"lead": ["roles"]}, [], {"stars"}, set()),
    ],
    ids=["a path", "nothing", "models", "paths", "the whole row", "a column", "an unwanted field"],
)
def test_a_view_is_taken_at_its_word(
    declared: Mapping[str, Any], paths: list[str], opaque: set[str], content: set[str]
) -> None:
    wanted = Wanted({"stars": EVERYTHING, "title": EVERYTHING})
    reach = content_reach(FilmSerializer(), wanted, declared)
    assert said(reach.paths) == paths
    assert reach.opaque == opaque
    assert reach.content == content


def test_a_nested_field_is_declared_with_dots_and_a_path_from_the_view_s_model() -> None:
    wanted = Wanted({"roles": Wanted({"person": Wanted({"role_count": EVERYTHING})})})
    declared = {"roles.person.role_count": ["roles__person__roles"]}
    reach = content_reach(FilmSerializer(), wanted, declared)
    assert said(reach.paths) == [f"{PEOPLE} <person_id cinema.role"]
    assert reach.opaque == set()


def test_a_declared_row_is_not_watched_as_a_whole() -> None:
    assert content_reach(StampedFilmSerializer(), EVERYTHING, {"*": []}).opaque == set()
