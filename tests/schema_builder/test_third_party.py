"""Rows for other packages' classes, each where it is installed; and a project's own rows."""

from typing import Any

import pytest
from rest_framework import serializers

from gql_live.schema_builder import extensions
from gql_live.schema_builder.extensions import FieldContext, FilterContext, NamedFilter, Output
from gql_live.schema_builder.fields import FIELDS
from gql_live.schema_builder.filter_types import FILTERS
from gql_live.schema_builder.polymorphism import interface_of
from gql_live.schema_builder.probe import VIEWS
from gql_live.schema_builder.shapes import BOOLEAN
from gql_live.schema_builder.types import SERIALIZERS, ObjectTypes
from tests.schema_builder.building import (
    build,
    build_serializer,
    execute,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Author, Book, Shelf


class Coloured(serializers.Field):  # type: ignore[type-arg]
    """A field of the project's own."""

    def to_representation(self, value):  # type: ignore[no-untyped-def]  # what a row is for
        return bool(value)


class Wrapped(serializers.BaseSerializer[Book]):
    """A serializer of the project's own."""

    def to_representation(self, instance):  # type: ignore[no-untyped-def]  # what a row is for
        return {"id": instance.pk}


class Pet(serializers.Serializer[Any]):
    """A polymorphic serializer of the project's own, as rest_polymorphic writes one."""

    def to_representation(self, instance: Any) -> Any:
        return {}


class Toy(Pet):
    """Another one."""


@pytest.fixture(autouse=True)
def _rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take back the rows that a test adds."""
    for table in (FIELDS, SERIALIZERS, FILTERS, VIEWS):
        monkeypatch.setattr(table, "_rows", dict(table._rows))


def test_a_project_adds_a_row_for_its_field() -> None:
    @extensions.field(f"{__name__}.Coloured")
    def _coloured(_field: Any, _context: FieldContext) -> Output:
        return Output(BOOLEAN)

    built = build_serializer(serializer_for(Book, {"title": Coloured()}))
    assert field_types(built, "Book") == {"title": "Boolean!"}
    assert messages(built) == []


def test_a_project_adds_a_row_for_its_serializer() -> None:
    inner = serializer_for(Book, {"id": ...})

    @extensions.serializer(f"{__name__}.Wrapped")
    def _wrapped(_serializer: Any, place: Any, types: ObjectTypes) -> Output:
        return Output(types.object(inner(), place))

    built = build(viewset_for(Wrapped), resolve=lambda *_: {"id": 1})
    assert execute(built, '{ book(id: "1") { id } }') == {"book": {"id": "1"}}


def test_a_project_adds_a_row_for_its_filter() -> None:
    filters = pytest.importorskip("django_filters")
    rest = pytest.importorskip("django_filters.rest_framework")
    own = type("Flag", (filters.Filter,), {"__module__": __name__})
    filterset = type(
        "Books",
        (rest.FilterSet,),
        {"flag": own(), "Meta": type("Meta", (), {"model": Book, "fields": []})},
    )

    @extensions.filter_type(f"{__name__}.Flag")
    def _flag(_named: NamedFilter, _context: FilterContext) -> Any:
        return BOOLEAN

    serializer = serializer_for(Book, {"id": ...})
    view = viewset_for(
        serializer, filter_backends=[rest.DjangoFilterBackend], filterset_class=filterset
    )
    assert field_types(build(view), "BookFilter") == {"flag": "Boolean"}


def test_a_project_says_the_serializer_of_a_view_that_cannot() -> None:
    def raises(_self: Any) -> Any:
        raise RuntimeError

    view = viewset_for(None, get_serializer_class=raises, __module__=__name__)

    class Reading(view):  # type: ignore[misc, valid-type]  # a base made at run time
        pass

    @extensions.view(f"{__name__}.{Reading.__qualname__}")
    def _reading(_view: Any) -> Any:
        return serializer_for(Book, {"id": ...})

    assert field_types(build(Reading), "Book") == {"id": "ID!"}


def animals() -> Any:
    """Return a schema with an interface of two members."""
    cat = serializer_for(Book, {"id": ..., "title": ..., "copies": ...}, "CatSerializer")
    dog = serializer_for(
        Shelf,
        {"id": ..., "code": ..., "title": serializers.CharField(source="room", allow_null=True)},
        "DogSerializer",
    )

    @extensions.serializer(f"{__name__}.Pet")
    def _pet(serializer: Any, place: Any, types: ObjectTypes) -> Output:
        by_value = {"Cat": cat(), "Dog": dog()}
        return interface_of(by_value, "resourcetype", type(serializer).__name__, place, types)

    return viewset_for(Pet)


def test_a_polymorphic_row_is_an_interface_of_what_its_types_share() -> None:
    built = build(animals())
    assert (
        "interface Pet {\n  resourcetype: String\n  id: ID\n  title: String\n}" in built.type_defs
    )
    assert "type Cat implements Pet {" in built.type_defs
    # Beside each other in one selection, title may not be String! here and String there.
    assert field_types(built, "Cat") == {
        "resourcetype": "String",
        "id": "ID!",
        "title": "String",
        "copies": "Int!",
    }


def test_a_polymorphic_row_has_the_type_that_it_says() -> None:
    rows = [
        {"resourcetype": "Cat", "id": 1, "title": "a", "copies": 3},
        {"resourcetype": "Dog", "id": 2, "title": None, "code": "x"},
        {"resourcetype": "Bird", "id": 3},
    ]
    built = build(animals(), resolve=lambda *_: rows)
    document = """{ books {
        __typename id resourcetype
        ... on Cat { title copies }
        ... on Dog { title code }
    } }"""
    assert execute(built, document)["books"] == [
        {"__typename": "Cat", "id": "1", "resourcetype": "Cat", "title": "a", "copies": 3},
        {"__typename": "Dog", "id": "2", "resourcetype": "Dog", "title": None, "code": "x"},
        {"__typename": "UnknownPet", "id": "3", "resourcetype": "Bird"},
    ]


def test_a_change_of_a_polymorphic_row_has_the_interface() -> None:
    built = build(animals())
    assert field_types(built, "PetChange")["instance"] == "Pet"


def test_a_type_of_two_interfaces_has_what_tells_it_apart_in_either() -> None:
    cat = serializer_for(Book, {"id": ..., "title": ...}, "CatSerializer")

    @extensions.serializer(f"{__name__}.Pet")
    def _pet(_serializer: Any, place: Any, types: ObjectTypes) -> Output:
        return interface_of({"Cat": cat()}, "species", "Pet", place, types)

    @extensions.serializer(f"{__name__}.Toy")
    def _toy(_serializer: Any, place: Any, types: ObjectTypes) -> Output:
        return interface_of({"Cat": cat()}, "material", "Toy", place, types)

    built = build(viewset_for(Pet), viewset_for(Toy, Shelf, "ShelfViewSet"))
    assert field_types(built, "Cat").keys() == {"species", "material", "id", "title"}
    shared = "id: ID\n  title: String\n}"
    assert f"interface Pet {{\n  species: String\n  {shared}" in built.type_defs
    assert f"interface Toy {{\n  material: String\n  {shared}" in built.type_defs


@pytest.mark.parametrize("module", ["rest_polymorphic", "polymorphic.contrib.drf"])
def test_polymorphic_serializers(module: str) -> None:
    package = pytest.importorskip(f"{module}.serializers")
    mapping = {
        Book: serializer_for(Book, {"id": ..., "title": ...}),
        Shelf: serializer_for(Shelf, {"id": ..., "code": ...}, "ShelfSerializer"),
    }
    serializer = type(
        "ThingSerializer", (package.PolymorphicSerializer,), {"model_serializer_mapping": mapping}
    )
    book = Book(pk=1, title="Live")
    data = serializer(book).data
    built = build(viewset_for(serializer), resolve=lambda *_: data)
    document = '{ book(id: "1") { __typename resourcetype id ... on Book { title } } }'
    assert execute(built, document)["book"] == {
        "__typename": "Book",
        "resourcetype": "Book",
        "id": "1",
        "title": "Live",
    }


def test_recursive_fields() -> None:
    package = pytest.importorskip("rest_framework_recursive.fields")
    fields = {
        "id": ...,
        "sequel": package.RecursiveField(allow_null=True),
        "parts": serializers.ListField(child=package.RecursiveField(), source="extra"),
    }
    built = build_serializer(serializer_for(Book, fields))
    assert field_types(built, "Book") == {"id": "ID!", "sequel": "Book", "parts": "[Book]"}


def test_tags() -> None:
    package = pytest.importorskip("taggit.serializers")
    built = build_serializer(serializer_for(Book, {"tags": package.TagListSerializerField()}))
    assert field_types(built, "Book") == {"tags": "[String]"}


def test_money() -> None:
    package = pytest.importorskip("djmoney.contrib.django_rest_framework.fields")
    field = package.MoneyField(max_digits=8, decimal_places=2, source="price")
    built = build_serializer(serializer_for(Book, {"price_tag": field}))
    assert field_types(built, "Book") == {"price_tag": "Decimal!"}


def test_phone_numbers() -> None:
    package = pytest.importorskip("phonenumber_field.serializerfields")
    field = package.PhoneNumberField(source="title")
    built = build_serializer(serializer_for(Book, {"phone": field}))
    assert field_types(built, "Book") == {"phone": "String!"}


def test_countries() -> None:
    package = pytest.importorskip("django_countries.serializer_fields")
    fields = {
        "code": package.CountryField(source="title"),
        "full": package.CountryField(country_dict=True, source="title"),
    }
    built = build_serializer(serializer_for(Book, fields))
    assert field_types(built, "Book")["code"] == "String"
    assert messages(built) == []


def test_time_zones() -> None:
    package = pytest.importorskip("timezone_field.rest_framework")
    field = package.TimeZoneSerializerField(source="title")
    assert field_types(build_serializer(serializer_for(Book, {"zone": field})), "Book") == {
        "zone": "String!"
    }


def test_presented_relations() -> None:
    package = pytest.importorskip("drf_extra_fields.relations")
    author = serializer_for(Author, {"name": ...}, "AuthorSerializer")
    field = package.PresentablePrimaryKeyRelatedField(
        queryset=Author.objects.all(), presentation_serializer=author
    )
    assert field_types(build_serializer(serializer_for(Book, {"author": field})), "Book") == {
        "author": "Author"
    }


def test_fields_that_may_be_expanded_take_both_forms() -> None:
    package = pytest.importorskip("rest_flex_fields.serializers")
    shelf = serializer_for(Shelf, {"code": ...}, "ShelfSerializer")
    serializer = type(
        "BookSerializer",
        (package.FlexFieldsModelSerializer,),
        {
            "Meta": type(
                "Meta",
                (),
                {
                    "model": Book,
                    "fields": ["id", "shelf"],
                    "expandable_fields": {"shelf": shelf, "author": shelf},
                },
            )
        },
    )
    built = build_serializer(serializer)
    assert field_types(built, "Book") == {"id": "ID", "shelf": "JSON", "author": "JSON"}
