"""Serializer fields to GraphQL types: a row for each thing that a field can be."""

import datetime
from pathlib import Path
from typing import Any, Literal

import pytest
import rest_framework
from django.db.models import Count
from rest_framework import serializers

from gql_live.schema_builder import Options
from tests.schema_builder.building import (
    build,
    build_serializer,
    enum_values,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Author, Book, Shelf

MODEL_COLUMNS = {
    "id": "ID!",
    "title": "String!",
    "subtitle": "String",
    "slug": "String!",
    "blurb": "String!",
    "isbn": "BigInt!",
    "copies": "Int!",
    "sold": "BigInt!",
    "pages": "Int",
    "price": "Decimal!",
    "weight": "Float!",
    "in_print": "Boolean!",
    "signed": "Boolean",
    "published_on": "Date",
    "created_at": "DateTime!",
    "opens_at": "Time",
    "reading_time": "String",
    "token": "UUID!",
    "extra": "JSON",
    "scan": "String!",
    "cover": "String!",
    "sample": "String",
    "homepage": "String!",
    "address": "String!",
    "status": "BookStatus",
    "colour": "Colour",
    "rank": "Int",
    "size": "BookSize",
    "shelf": "ID!",
    "spare_shelf": "ID",
    "author": "ID!",
    "editors": "[ID!]!",
    "sequel_to": "ID",
    "sequel": "ID",
    "age": "Int",
    "shelf_id": "ID!",
}


@pytest.mark.parametrize("name", MODEL_COLUMNS)
def test_a_model_column_has_its_type(name: str) -> None:
    built = build_serializer(serializer_for(Book, {name: ...}))
    assert field_types(built, "Book") == {name: MODEL_COLUMNS[name]}


NATIVE_KEYS = {
    "id": "BigInt!",
    "shelf": "BigInt!",
    "author": "UUID!",
    "editors": "[UUID!]!",
    "spare_shelf": "BigInt",
}


def test_keys_have_their_own_type_on_wish() -> None:
    built = build_serializer(
        serializer_for(Book, dict.fromkeys(NATIVE_KEYS, ...)), Options(pk="native")
    )
    assert field_types(built, "Book") == NATIVE_KEYS


class _Label(serializers.CharField):
    """A field that does what it likes."""

    def to_representation(self, value):  # type: ignore[no-untyped-def]  # the point
        return {"label": value}


class _Flag(serializers.CharField):
    def to_representation(self, value: Any) -> bool:  # type: ignore[override]  # the point
        return bool(value)


class _Elsewhere(serializers.CharField):
    def get_attribute(self, instance: Any) -> Any:
        return None


DECLARED: list[Any] = [
    pytest.param(serializers.RegexField("x", source="title"), "String!", id="regex"),
    pytest.param(serializers.EmailField(source="title"), "String!", id="email"),
    pytest.param(serializers.URLField(source="title"), "String!", id="url"),
    pytest.param(serializers.IPAddressField(source="address"), "String!", id="ip address"),
    pytest.param(
        serializers.FilePathField(str(Path(__file__).parent), source="title"),
        "String!",
        id="a file path is never an enum: that would list the server's directory",
    ),
    pytest.param(serializers.UUIDField(source="token"), "UUID!", id="uuid"),
    pytest.param(serializers.UUIDField(source="token", format="hex"), "String!", id="uuid as hex"),
    pytest.param(
        serializers.UUIDField(source="token", format="int"),
        "String!",
        id="uuid as an integer is too great for any integer type",
    ),
    pytest.param(serializers.IntegerField(source="copies"), "Int!", id="integer"),
    pytest.param(serializers.IntegerField(source="isbn"), "BigInt!", id="integer, by its column"),
    pytest.param(
        serializers.IntegerField(source="age", max_value=2**40),
        "BigInt",
        id="integer, by its limit",
    ),
    pytest.param(serializers.IntegerField(source="author.books_count"), "Int", id="an annotation"),
    pytest.param(serializers.DecimalField(9, 2, source="price"), "Decimal!", id="decimal as text"),
    pytest.param(
        serializers.DecimalField(9, 2, source="price", coerce_to_string=False),
        "Float!",
        id="decimal as a number",
    ),
    pytest.param(
        serializers.DecimalField(9, 2, source="price", localize=True),
        "String!",
        id="decimal in a country's notation",
    ),
    pytest.param(
        serializers.DateTimeField(source="created_at", format="%d.%m."),
        "String!",
        id="moment in a format of its own",
    ),
    pytest.param(
        serializers.DateTimeField(source="created_at", format=None), "DateTime!", id="native moment"
    ),
    pytest.param(serializers.DateField(source="published_on"), "Date", id="date that may be null"),
    pytest.param(serializers.DurationField(source="reading_time"), "String", id="duration"),
    pytest.param(serializers.JSONField(source="extra"), "JSON", id="json"),
    pytest.param(serializers.JSONField(source="extra", binary=True), "String", id="json as bytes"),
    pytest.param(serializers.DictField(source="extra"), "JSON", id="dict"),
    pytest.param(serializers.ListField(source="extra"), "[JSON]", id="list of anything"),
    pytest.param(
        serializers.ListField(child=serializers.DateField(), source="extra"),
        "[Date]",
        id="list of dates",
    ),
    pytest.param(
        serializers.ListField(
            child=serializers.ListField(child=serializers.IntegerField()), source="extra"
        ),
        "[[Int]]",
        id="list of lists",
    ),
    pytest.param(serializers.HStoreField(source="extra"), "JSON", id="hstore"),
    pytest.param(serializers.ReadOnlyField(source="title"), "String!", id="read-only column"),
    pytest.param(
        serializers.ReadOnlyField(source="price"), "Float!", id="a raw decimal leaves as a float"
    ),
    pytest.param(
        serializers.ReadOnlyField(source="reading_time"),
        "String",
        id="a raw duration leaves as text",
    ),
    pytest.param(serializers.ReadOnlyField(source="pk"), "ID!", id="read-only key"),
    pytest.param(serializers.ReadOnlyField(source="age"), "Int", id="property, by its hint"),
    pytest.param(serializers.ReadOnlyField(source="untold"), "JSON", id="property without a hint"),
    pytest.param(
        serializers.ReadOnlyField(source="get_status_display"), "String", id="a choice's label"
    ),
    pytest.param(serializers.CharField(source="shelf.code"), "String!", id="through a foreign key"),
    pytest.param(
        serializers.CharField(source="spare_shelf.code"),
        "String",
        id="through a nullable foreign key",
    ),
    pytest.param(
        serializers.CharField(source="sequel.title"), "String", id="through a reverse one-to-one"
    ),
    pytest.param(
        serializers.CharField(source="first_author.name"), "String", id="through a method"
    ),
    pytest.param(
        serializers.ReadOnlyField(source="first_author.born"), "Date", id="through a method's hint"
    ),
    pytest.param(serializers.CharField(source="nobody.knows"), "String", id="through the unknown"),
    pytest.param(
        serializers.CharField(source="title", allow_null=True), "String", id="declared as nullable"
    ),
    pytest.param(
        serializers.PrimaryKeyRelatedField(source="shelf", read_only=True), "ID!", id="key"
    ),
    pytest.param(
        serializers.PrimaryKeyRelatedField(source="notes", many=True, read_only=True),
        "[ID!]!",
        id="keys of a generic relation",
    ),
    pytest.param(
        serializers.SlugRelatedField("code", source="shelf", read_only=True), "String!", id="slug"
    ),
    pytest.param(
        serializers.SlugRelatedField("born", source="editors", many=True, read_only=True),
        "[Date]!",
        id="slugs that may be null",
    ),
    pytest.param(
        serializers.SlugRelatedField("code", source="spare_shelf", queryset=Shelf.objects.all()),
        "String",
        id="slug that may be null",
    ),
    pytest.param(serializers.StringRelatedField(source="shelf"), "String!", id="as text"),
    pytest.param(
        serializers.StringRelatedField(source="editors", many=True), "[String!]!", id="many as text"
    ),
    pytest.param(
        serializers.HyperlinkedRelatedField("x", source="author", read_only=True),
        "String!",
        id="link",
    ),
    pytest.param(serializers.HyperlinkedIdentityField("x"), "String!", id="link to itself"),
    pytest.param(
        serializers.ChoiceField(["a", "b"], source="title"), "BookField", id="choices of its own"
    ),
    pytest.param(
        serializers.MultipleChoiceField(choices=["a", "b"], source="extra"),
        "[BookField]",
        id="several choices",
    ),
    pytest.param(_Label(source="title"), "JSON", id="a field that writes what it likes"),
    pytest.param(_Flag(source="title"), "Boolean", id="a field that says what it writes"),
    pytest.param(_Elsewhere(source="title"), "String", id="a field that reads what it likes"),
    pytest.param(serializers.BooleanField(source="in_print"), "Boolean!", id="boolean"),
]


if rest_framework.VERSION >= "3.17":
    DECLARED += [
        pytest.param(
            serializers.DurationField(source="reading_time", format="iso-8601"),
            "Duration",
            id="duration in ISO 8601",
        ),
        pytest.param(
            serializers.BigIntegerField(source="isbn", coerce_to_string=True),
            "BigInt!",
            id="big integer as text",
        ),
    ]


@pytest.mark.parametrize(("field", "sdl"), DECLARED)
def test_a_declared_field_has_its_type(field: Any, sdl: str) -> None:
    built = build_serializer(serializer_for(Book, {"field": field}))
    assert field_types(built, "Book") == {"field": sdl}


def test_an_annotation_of_the_queryset_has_its_type() -> None:
    fields = {"editor_count": serializers.ReadOnlyField(), "other": serializers.ReadOnlyField()}
    counted = Book.objects.annotate(editor_count=Count("editors"))
    built = build(viewset_for(serializer_for(Book, fields), queryset=counted))
    assert field_types(built, "Book") == {"editor_count": "Int", "other": "JSON"}


@pytest.mark.parametrize(
    "field",
    [serializers.CharField(write_only=True), serializers.HiddenField(default=1)],
    ids=["write-only", "hidden"],
)
def test_what_is_never_written_is_no_field(field: Any) -> None:
    built = build_serializer(serializer_for(Book, {"id": ..., "field": field}))
    assert field_types(built, "Book") == {"id": "ID!"}


def test_a_guess_is_reported_with_its_place_and_remedy() -> None:
    built = build_serializer(serializer_for(Book, {"field": _Label(source="title")}))
    assert messages(built) == [
        (
            "[BookViewSet > BookSerializer > field] _Label writes its own value, JSON is assumed;"
            " annotate the return type of _Label.to_representation()"
        )
    ]


class _Methods(serializers.ModelSerializer[Book]):
    when = serializers.SerializerMethodField()
    how = serializers.SerializerMethodField()
    untold = serializers.SerializerMethodField()
    named = serializers.SerializerMethodField("other_name")

    class Meta:
        model = Book
        fields = ["when", "how", "untold", "named"]

    def get_when(self, book: Book) -> datetime.datetime:
        return book.created_at

    def get_how(self, book: Book) -> Literal["well", "ill"]:
        return "well"

    def get_untold(self, book):  # type: ignore[no-untyped-def]  # the point
        return None

    def other_name(self, book: Book) -> list[int]:
        return []


def test_a_method_field_has_the_type_of_its_hint_and_is_nullable() -> None:
    built = build_serializer(_Methods)
    assert field_types(built, "_Methods") == {
        "when": "DateTime",
        "how": "_MethodsHow",
        "untold": "JSON",
        "named": "[Int]",
    }
    assert len(messages(built)) == 1


def test_without_a_model_nothing_is_non_null() -> None:
    fields = {"a": serializers.CharField(), "b": serializers.CharField(required=False)}
    built = build_serializer(serializer_for(None, fields))
    assert field_types(built, "Book") == {"a": "String", "b": "String"}


def test_without_a_model_declarations_may_be_trusted() -> None:
    fields = {"a": serializers.CharField(), "b": serializers.CharField(required=False)}
    options = Options(plain_serializers="declared")
    built = build_serializer(serializer_for(None, fields), options)
    assert field_types(built, "Book") == {"a": "String!", "b": "String"}


def test_unbounded_integers_may_be_big() -> None:
    built = build_serializer(
        serializer_for(None, {"a": serializers.IntegerField()}), Options(plain_integers="bigint")
    )
    assert field_types(built, "Book") == {"a": "BigInt"}


class _WritesItself(serializers.ModelSerializer[Book]):
    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"id": instance.pk}


class _ChoosesFields(serializers.ModelSerializer[Book]):
    def get_fields(self) -> dict[str, Any]:
        return dict(super().get_fields())


class _ChoosesNames(serializers.ModelSerializer[Book]):
    def get_field_names(self, *arguments: Any) -> Any:
        return list(super().get_field_names(*arguments))


class _ChoosesAtBirth(serializers.ModelSerializer[Book]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("secret", None)


@pytest.mark.parametrize(
    "base",
    [_WritesItself, _ChoosesFields, _ChoosesNames, _ChoosesAtBirth],
    ids=lambda base: base.__name__,
)
def test_a_serializer_that_shapes_itself_promises_nothing(base: Any) -> None:
    meta = type("Meta", (), {"model": Book, "fields": ["id", "title"]})
    shaped = type("BookSerializer", (base,), {"Meta": meta})
    built = build_serializer(shaped)
    assert field_types(built, "Book") == {"id": "ID", "title": "String"}


class _OnlyDelegates(serializers.ModelSerializer[Book]):
    """Overrides for the sake of a decorator, say, and changes nothing."""

    class Meta:
        model = Book
        fields = ["id", "title"]

    def to_representation(self, instance: Any) -> Any:
        return super().to_representation(instance)


def test_an_override_that_only_calls_the_original_keeps_its_promises() -> None:
    built = build_serializer(_OnlyDelegates)
    assert field_types(built, "_OnlyDelegates") == {"id": "ID!", "title": "String!"}


def test_meta_may_say_what_is_null_and_what_is_not() -> None:
    built = build_serializer(
        serializer_for(
            Book, {"id": ..., "title": ..., "age": ...}, gql_nullable=["title"], gql_nonnull=["age"]
        )
    )
    assert field_types(built, "Book") == {"id": "ID!", "title": "String", "age": "Int!"}


def test_enums_keep_the_values_of_the_choices() -> None:
    built = build_serializer(serializer_for(Book, {"status": ..., "colour": ..., "size": ...}))
    assert enum_values(built, "BookStatus") == {"draft": "draft", "on_sale": "on sale"}
    assert enum_values(built, "Colour") == {"red": "red", "deep_blue": "deep-blue"}
    assert enum_values(built, "BookSize") == {"_2x": "2x", "_1_2": "1/2"}


def test_integer_choices_may_be_an_enum() -> None:
    built = build_serializer(serializer_for(Book, {"rank": ...}), Options(integer_choices="enum"))
    assert field_types(built, "Book") == {"rank": "BookRank"}
    assert enum_values(built, "BookRank") == {"V1": 1, "V2": 2}


def test_the_names_of_author_keys_are_uuids_or_ids() -> None:
    author = serializer_for(Author, {"id": ..., "name": ..., "born": ...}, "AuthorSerializer")
    book = serializer_for(Book, {"author": author(), "editors": author(many=True)})
    built = build_serializer(book)
    assert field_types(built, "Book") == {"author": "Author!", "editors": "[Author!]!"}
    assert field_types(built, "Author") == {"id": "ID!", "name": "String!", "born": "Date"}


def test_a_blank_choice_may_be_a_member() -> None:
    built = build_serializer(serializer_for(Book, {"size": ...}), Options(blank_enum="member"))
    assert enum_values(built, "BookSize") == {"_2x": "2x", "_1_2": "1/2", "BLANK": ""}


def test_more_choices_than_an_enum_should_have_stay_text() -> None:
    field = serializers.ChoiceField([str(number) for number in range(30)], source="title")
    built = build_serializer(serializer_for(Book, {"field": field}), Options(max_enum_values=20))
    assert field_types(built, "Book") == {"field": "String"}


CHOICES: list[Any] = [
    pytest.param([("a", "A"), ("b", "B")], {"a": "a", "b": "b"}, id="pairs"),
    pytest.param(["a", "b"], {"a": "a", "b": "b"}, id="values"),
    pytest.param([("group", [("a", "A")]), ("b", "B")], {"a": "a", "b": "b"}, id="groups"),
    pytest.param(
        [("", "-"), (None, "?"), ("a", "A")], {"a": "a"}, id="blank and null are no members"
    ),
    pytest.param(["+", "-", "a b"], {"_": "+", "_2": "-", "a_b": "a b"}, id="illegal names"),
    pytest.param(["a b", "a-b"], {"a_b": "a b", "a_b_2": "a-b"}, id="names that would be the same"),
    pytest.param(["true", "null"], {"true_": "true", "null_": "null"}, id="reserved names"),
    pytest.param(Book.Status.choices, {"draft": "draft", "on_sale": "on sale"}, id="a class"),
]


@pytest.mark.parametrize(("choices", "members"), CHOICES)
def test_choices_of_text_are_an_enum(choices: Any, members: dict[str, str]) -> None:
    field = serializers.ChoiceField(choices=choices, source="blurb")
    built = build_serializer(serializer_for(Book, {"field": field}))
    assert enum_values(built, "BookField") == members


@pytest.mark.parametrize(
    ("choices", "sdl"),
    [
        pytest.param([1, 2], "Int", id="integers"),
        pytest.param([1, 2**40], "BigInt", id="great integers"),
        pytest.param([True, False], "Boolean", id="booleans"),
        pytest.param([1.5], "Float", id="floats"),
        pytest.param([1, "1"], "JSON", id="of several types"),
        pytest.param([], "String", id="none"),
    ],
)
def test_other_choices_have_the_type_of_their_keys(choices: Any, sdl: str) -> None:
    field = serializers.ChoiceField(choices=choices, source="blurb")
    built = build_serializer(serializer_for(Book, {"field": field}))
    assert field_types(built, "Book") == {"field": sdl}
