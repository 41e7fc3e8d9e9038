"""Columns that not every project has: of PostgreSQL, generated, made by others; and odd keys."""

from collections.abc import Callable
from typing import Any

import django
import pytest
from django.contrib.postgres import fields as postgres
from django.db import models
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.test.utils import isolate_apps
from rest_framework import serializers

from gql_live.schema_builder import Options
from tests.schema_builder.building import (
    build,
    build_serializer,
    execute,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Book, Shelf


class Doubled(models.IntegerField):  # type: ignore[type-arg]  # the stubs want the types of its values
    """A column of the project's own, which loads as it likes."""

    def from_db_value(self, value: Any, *_context: Any) -> Any:
        return None if value is None else value * 2


class Point(models.Field):  # type: ignore[type-arg]  # as above
    """A column that Django REST Framework has no field for."""

    def get_internal_type(self) -> str:
        return "Point"


class Label(models.Field):  # type: ignore[type-arg]  # as above
    """A column that says that it holds text."""

    def get_internal_type(self) -> str:
        return "TextField"


def model_with(**columns: Any) -> Any:
    """Return a model of one row's columns, made for this test."""
    with isolate_apps("tests.schema_builder.catalog"):
        meta = type("Meta", (), {"app_label": "catalog"})
        namespace = {"__module__": __name__, "Meta": meta, "__str__": lambda _self: ""}
        return type("Row", (models.Model,), {**namespace, **columns})


def types_of(columns: dict[str, Any], options: Options | None = None) -> dict[str, str]:
    """Return the types of a model's columns as its serializer has them, keys left out."""
    model = model_with(**columns)
    serializer = serializer_for(model, dict.fromkeys(columns, ...), "RowSerializer")
    built = build(viewset_for(serializer, model), options=options)
    return field_types(built, "Row")


Array: Any = postgres.ArrayField
COLUMNS: list[Any] = [
    pytest.param(lambda: Array(models.IntegerField()), "[Int!]!", id="an array"),
    pytest.param(lambda: Array(models.IntegerField(null=True)), "[Int]!", id="an array with nulls"),
    pytest.param(lambda: Array(models.TextField(), null=True), "[String!]", id="an array or null"),
    pytest.param(
        lambda: Array(models.BigIntegerField()), "[BigInt!]!", id="an array of great ones"
    ),
    pytest.param(lambda: Array(Array(models.DateField())), "[[Date!]!]!", id="an array of arrays"),
    pytest.param(
        lambda: Array(models.CharField(max_length=1, choices=[("a", "A")])),
        "[RowField]!",
        id="an array of choices",
    ),
    pytest.param(postgres.IntegerRangeField, "String!", id="a range leaves as text"),
    pytest.param(lambda: postgres.DateTimeRangeField(null=True), "String", id="a range or null"),
    pytest.param(postgres.HStoreField, "JSON!", id="hstore"),
    pytest.param(models.BinaryField, "String!", id="bytes"),
    pytest.param(models.IPAddressField, "String!", id="an old address"),
    pytest.param(models.PositiveBigIntegerField, "BigInt!", id="a great number"),
    pytest.param(models.SmallIntegerField, "Int!", id="a small number"),
    pytest.param(Doubled, "Int", id="a column that loads as it likes may load nothing"),
    pytest.param(Point, "JSON!", id="a column of an unknown kind"),
    pytest.param(Label, "String!", id="a column of a known kind"),
]


@pytest.mark.parametrize(("make", "sdl"), COLUMNS)
def test_a_column_has_its_type(make: Callable[[], Any], sdl: str) -> None:
    assert types_of({"field": make()}) == {"field": sdl}


@pytest.mark.parametrize(
    ("make", "value", "written"),
    [
        pytest.param(lambda: Array(models.IntegerField()), [1, 2], [1, 2], id="an array"),
        pytest.param(
            postgres.IntegerRangeField,
            NumericRange(1, 5),
            '{"bounds": "[)", "lower": "1", "upper": "5"}',
            id="a range",
        ),
        pytest.param(models.BinaryField, b"ab", "YWI=", id="bytes"),
        pytest.param(postgres.HStoreField, {"a": None}, {"a": None}, id="hstore"),
    ],
)
def test_a_columns_value_is_the_one_of_rest(
    make: Callable[[], Any], value: Any, written: Any
) -> None:
    model = model_with(field=make())
    serializer = serializer_for(model, {"field": ...}, "RowSerializer")
    data = serializer(model(field=value)).data
    built = build(viewset_for(serializer, model), resolve=lambda *_: data)
    row = execute(built, '{ row(id: "1") { field } }')["row"]
    assert row["field"] == written
    assert row["field"] == data["field"] or isinstance(row["field"], str)


@pytest.mark.skipif(django.VERSION < (5, 0), reason="generated columns came with Django 5.0")
@pytest.mark.parametrize(
    ("output", "sdl"),
    [
        pytest.param(models.DecimalField(max_digits=9, decimal_places=2), "Float", id="a decimal"),
        pytest.param(models.BigIntegerField(), "BigInt", id="a great number"),
        pytest.param(models.CharField(max_length=5), "String", id="text"),
        pytest.param(models.DateField(), "Date", id="a date"),
    ],
)
def test_a_generated_column_has_the_type_of_what_it_gives_and_may_be_null(
    output: Any, sdl: str
) -> None:
    made: Any = models.GeneratedField
    generated = made(expression=models.F("side"), output_field=output, db_persist=True)
    columns = {"side": models.IntegerField(), "area": generated}
    assert types_of(columns) == {"side": "Int!", "area": sdl}


@pytest.mark.skipif(django.VERSION < (5, 2), reason="keys of several columns came with Django 5.2")
def test_a_key_of_several_columns_is_no_id() -> None:
    key: Any = models.CompositePrimaryKey("room", "seat")
    model = model_with(pk=key, room=models.IntegerField(), seat=models.IntegerField())
    fields = {"key": serializers.ReadOnlyField(source="pk"), "room": ...}
    built = build(viewset_for(serializer_for(model, fields, "RowSerializer"), model))
    assert field_types(built, "Row") == {"key": "JSON!", "room": "Int!"}


def test_a_foreign_key_to_another_column_has_that_columns_type() -> None:
    shelf: Any = models.ForeignKey(Shelf, models.CASCADE, to_field="code")
    room: Any = models.ForeignKey(Shelf, models.CASCADE, to_field="code", null=True)
    model = model_with(shelf=shelf, room=room)
    fields = {"shelf": ..., "shelf_id": ..., "room": ...}
    built = build(viewset_for(serializer_for(model, fields, "RowSerializer"), model))
    # The framework itself makes a slug of it, and gives what a key is named by elsewhere.
    assert field_types(built, "Row") == {"shelf": "String!", "shelf_id": "ID!", "room": "String"}


def test_a_foreign_key_that_nothing_enforces_may_lead_nowhere() -> None:
    shelf: Any = models.ForeignKey(Shelf, models.DO_NOTHING, db_constraint=False)
    model = model_with(shelf=shelf)
    fields = {"shelf": ..., "code": serializers.CharField(source="shelf.code")}
    built = build(viewset_for(serializer_for(model, fields, "RowSerializer"), model))
    assert field_types(built, "Row")["code"] == "String"


RELATED: list[Any] = [
    pytest.param(
        serializers.PrimaryKeyRelatedField(
            source="author", read_only=True, pk_field=serializers.UUIDField(format="hex")
        ),
        "ID!",
        "String!",
        id="a key that is written in its own way",
    ),
    pytest.param(
        serializers.SlugRelatedField("spare__code", source="sequel_to", read_only=True),
        "JSON",
        "JSON",
        id="a slug that leads nowhere",
    ),
    pytest.param(
        serializers.SlugRelatedField("shelf__code", source="sequel_to", read_only=True),
        "String",
        "String",
        id="a slug over a relation",
    ),
    pytest.param(
        serializers.SlugRelatedField("age", source="sequel_to", read_only=True),
        "Int",
        "Int",
        id="a slug that is a property",
    ),
    pytest.param(
        serializers.HyperlinkedRelatedField("x", source="editors", many=True, read_only=True),
        "[String!]!",
        "[String!]!",
        id="links",
    ),
    pytest.param(serializers.ImageField(source="cover"), "String!", "String!", id="an image"),
    pytest.param(
        serializers.FileField(source="sample", use_url=False),
        "String",
        "String",
        id="a file's name",
    ),
    pytest.param(
        serializers.ListSerializer(child=serializers.IntegerField(), source="extra"),
        "[Int]",
        "[Int]",
        id="a list serializer of scalars",
    ),
    pytest.param(
        serializers.ListSerializer(child=serializers.ChoiceField(["a"]), source="extra"),
        "[BookField]",
        "[BookField]",
        id="a list serializer of choices",
    ),
]


@pytest.mark.parametrize(("field", "sdl", "native"), RELATED)
def test_a_relation_or_file_has_its_type(field: Any, sdl: str, native: str) -> None:
    serializer = serializer_for(Book, {"id": ..., "field": field})
    assert field_types(build_serializer(serializer), "Book")["field"] == sdl
    own_keys = build_serializer(serializer, Options(pk="native"))
    assert field_types(own_keys, "Book")["field"] == native


def test_choices_that_are_several_in_one_column_are_a_list_in_any_version() -> None:
    field = serializers.MultipleChoiceField(choices=["a", "b"], source="extra")
    serializer = serializer_for(Book, {"field": field})
    # A set before version 3.17 of the framework.
    data = serializer(Book(extra=["b", "stray"])).data
    built = build(viewset_for(serializer), resolve=lambda *_: data)
    found = execute(built, '{ book(id: "1") { field } }')["book"]["field"]
    assert sorted(found, key=str) == [None, "b"] or sorted(found, key=str) == ["b", None]
    assert messages(built) == []
