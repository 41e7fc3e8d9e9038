"""Views that cannot be read, or not in full: who is told what, and what becomes of the others."""

from typing import Any

import pytest
from django.db import models
from django.test.utils import isolate_apps
from rest_framework import serializers, versioning, viewsets

from gql_live.schema_builder import Registration
from tests.schema_builder.building import (
    arguments,
    build,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Book, Shelf

SHELF = serializer_for(Shelf, {"id": ..., "code": ...}, "ShelfSerializer")
BOOK = serializer_for(Book, {"id": ..., "title": ...})


class _NeedsRequest(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["id"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = self.context["request"].tenant


def _raises(*_arguments: Any, **_named: Any) -> Any:
    raise RuntimeError("not without a tenant")


WORKS_WITHOUT = "swagger_fake_view"
IS_SUBCLASS = "set `serializer_class` to a subclass of Serializer"

BROKEN: list[Any] = [
    pytest.param(
        viewset_for(_NeedsRequest),
        "its serializer cannot be made without a client (AttributeError: ",
        WORKS_WITHOUT,
        id="a serializer that needs a client",
    ),
    pytest.param(
        viewset_for(None, get_serializer_class=_raises),
        "get_serializer_class() raised RuntimeError: not without a tenant; the field is left out",
        WORKS_WITHOUT,
        id="get_serializer_class raises",
    ),
    pytest.param(
        viewset_for(None, get_serializer=_raises),
        "its serializer cannot be made without a client (RuntimeError: not without a tenant)",
        WORKS_WITHOUT,
        id="get_serializer raises",
    ),
    pytest.param(
        viewset_for(None),
        "get_serializer_class() raised AssertionError",
        WORKS_WITHOUT,
        id="no serializer class",
    ),
    pytest.param(
        viewset_for(dict), "builtins.dict is no serializer class", IS_SUBCLASS, id="a class"
    ),
    pytest.param(viewset_for(Book), "Book is no serializer class", IS_SUBCLASS, id="a model"),
    pytest.param(
        viewset_for(serializers.CharField),
        "CharField is no serializer class",
        IS_SUBCLASS,
        id="a field",
    ),
    pytest.param(
        viewset_for("api.BookSerializer"),
        "'api.BookSerializer' is no serializer class",
        IS_SUBCLASS,
        id="the name of a serializer",
    ),
    pytest.param(
        viewset_for(BOOK()), "is no serializer class", IS_SUBCLASS, id="a serializer instance"
    ),
    pytest.param(
        viewset_for(None, get_serializer_class=lambda _self: lambda **_: {}),
        "{} is no serializer",
        IS_SUBCLASS,
        id="a factory of something else",
    ),
    pytest.param(
        viewset_for(BOOK, get_serializer=lambda _self, **_named: None),
        "None is no serializer",
        IS_SUBCLASS,
        id="get_serializer gives nothing",
    ),
    pytest.param(
        type(
            "BookViewSet",
            (viewsets.ReadOnlyModelViewSet,),
            {"serializer_class": serializer_for(None, {"a": serializers.CharField()})},
        ),
        "the view has no queryset",
        "set `queryset` on the view",
        id="no queryset",
    ),
]


@pytest.mark.parametrize(("view", "message", "remedy"), BROKEN)
def test_a_view_that_cannot_be_built_is_told_its_place_and_remedy_and_the_others_are_built(
    view: Any, message: str, remedy: str
) -> None:
    built = build(Registration(view, "broken"), viewset_for(SHELF, Shelf, "ShelfViewSet"))
    assert {name for _, name in built.root_fields} == {"shelf", "shelves"}
    assert {each.id for each in built.diagnostics} == {"gql_live.E101"}
    for each in built.diagnostics:
        assert (each.place, each.level) == ("BookViewSet", "error")
        assert message in each.message
        assert remedy in each.remedy


# Of no app: it has no table that others could find.
with isolate_apps("tests.schema_builder.catalog"):

    class _FromElsewhere(models.Model):
        """A row that a view in the database shows."""

        title = models.CharField(max_length=10)

        class Meta:
            app_label = "catalog"
            managed = False

        def __str__(self) -> str:
            return self.title


class _Hidden(serializers.Serializer[Book]):
    secret = serializers.CharField(write_only=True)


class _Endless(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["id"]

    def __init__(self, *args: Any, level: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.level = level

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "sequel": _Endless(level=self.level + 1)}


FOREIGN = serializer_for(_FromElsewhere, {"id": ..., "title": ...}, "RowSerializer")
GUESSED: list[Any] = [
    pytest.param(
        viewset_for(FOREIGN, _FromElsewhere),
        "gql_live.W111",
        "BookViewSet",
        "name in `realtime_depends_on` what they are made of",
        id="an unmanaged model",
    ),
    pytest.param(
        viewset_for(_Hidden),
        "gql_live.W102",
        "BookViewSet > _Hidden",
        "give it a readable field",
        id="a serializer that shows nothing",
    ),
    pytest.param(
        viewset_for(_Endless),
        "gql_live.W102",
        "BookViewSet" + 10 * " > _Endless > sequel" + " > _Endless",
        "declare the type of this field",
        id="a serializer that never ends",
    ),
    pytest.param(
        viewset_for(BOOK, get_serializer_class=_raises),
        "gql_live.W105",
        "BookViewSet",
        WORKS_WITHOUT,
        id="get_serializer_class raises beside a serializer_class",
    ),
]


@pytest.mark.parametrize(("view", "code", "place", "remedy"), GUESSED)
def test_a_view_that_is_built_by_a_guess_is_told_its_place_and_remedy(
    view: Any, code: str, place: str, remedy: str
) -> None:
    built = build(Registration(view, "guessed"), viewset_for(SHELF, Shelf, "ShelfViewSet"))
    assert {"guessed", "guesseds", "shelf"} < {name for _, name in built.root_fields}
    # The many types of the endless one want one name, too.
    [found] = [each for each in built.diagnostics if each.id != "gql_live.W104"]
    assert (found.id, found.level, found.place) == (code, "warning", place)
    assert remedy in found.remedy


@pytest.mark.parametrize(
    "told",
    [{"realtime_depends_on": {"*": ["catalog.Book"]}}, {"realtime_poll": 5.0}],
    ids=lambda told: next(iter(told)),
)
def test_rows_of_an_unmanaged_model_that_are_accounted_for_are_no_news(told: Any) -> None:
    assert messages(build(viewset_for(FOREIGN, _FromElsewhere, **told))) == []


def test_a_serializer_class_attribute_stands_in_for_a_method_that_raises() -> None:
    built = build(viewset_for(SHELF, Shelf, "ShelfViewSet", get_serializer_class=_raises))
    assert field_types(built, "Shelf") == {"id": "ID", "code": "String"}
    assert "`serializer_class` is assumed" in messages(built)[0]


def test_a_view_may_make_its_serializer_without_any_class() -> None:
    def get_serializer(self: Any, *args: Any, **kwargs: Any) -> Any:
        return BOOK(*args, **kwargs)

    built = build(viewset_for(None, get_serializer=get_serializer))
    assert field_types(built, "Book") == {"id": "ID!", "title": "String!"}
    assert messages(built) == []


def test_a_context_that_cannot_be_made_without_a_client_is_done_without() -> None:
    built = build(viewset_for(BOOK, get_serializer_context=_raises))
    assert field_types(built, "Book") == {"id": "ID!", "title": "String!"}
    assert messages(built) == []


def _by_kind(self: Any) -> Any:
    return SHELF if self.kwargs["kind"] == "shelf" else BOOK


def _by_shelf(self: Any, *args: Any, **kwargs: Any) -> Any:
    kwargs["context"] = {"shelf": int(self.kwargs["kind"])}
    return BOOK(*args, **kwargs)


@pytest.mark.parametrize(
    "attributes",
    [{"get_serializer_class": _by_kind}, {"get_serializer": _by_shelf}],
    ids=lambda attributes: next(iter(attributes)),
)
def test_a_view_that_needs_its_url_is_asked_with_a_made_up_one_and_promises_nothing(
    attributes: Any,
) -> None:
    built = build(viewset_for(None, **attributes, realtime_kwargs={"kind": str}))
    assert arguments(built, "query", "books")["kind"] == "String!"
    assert field_types(built, "Book") == {"id": "ID", "title": "String"}
    [found] = built.diagnostics
    assert found.id == "gql_live.W105"
    assert "it needs URL kwargs (KeyError: 'kind')" in found.message


def test_a_view_that_no_url_satisfies_is_told_what_it_said_first() -> None:
    def get_serializer_class(self: Any) -> Any:
        return {"books": BOOK}[self.kwargs["kind"]]

    view = viewset_for(None, get_serializer_class=get_serializer_class)
    built = build(type("BookViewSet", (view,), {"realtime_kwargs": {"kind": str}}))
    assert "raised KeyError: 'kind'" in messages(built)[0]


class _Versions(versioning.AcceptHeaderVersioning):
    default_version = "2.1"


def test_a_view_that_chooses_by_version_is_asked_for_its_default_one() -> None:
    def get_serializer_class(self: Any) -> Any:
        assert isinstance(self.request.versioning_scheme, _Versions)
        return SHELF if self.request.version < "2" else BOOK

    built = build(
        viewset_for(None, get_serializer_class=get_serializer_class, versioning_class=_Versions)
    )
    assert field_types(built, "Book") == {"id": "ID", "title": "String"}
    assert messages(built) == []
