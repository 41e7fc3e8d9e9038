"""Routes of drf-nested-routers and drf-extensions: what their kwargs are compared with."""

from typing import Any

import pytest
from django.urls import include, path, re_path
from rest_framework import routers
from rest_framework_nested.routers import NestedSimpleRouter

from gql_live.schema_builder import Options
from tests.schema_builder.building import (
    arguments,
    build,
    serializer_for,
    urlconf,
    viewset_for,
)
from tests.schema_builder.catalog.models import Book, Shelf

NESTED: list[Any] = [
    pytest.param("shelf", {}, {}, "shelf_pk: ID! BigInt!", id="a key"),
    pytest.param(
        "shelf", {"lookup_field": "code"}, {}, "shelf_code: String! String!", id="another column"
    ),
    pytest.param(
        "shelf", {"lookup_url_kwarg": "number"}, {}, "shelf_number: ID! ID!", id="a name of its own"
    ),
    pytest.param(
        "place",
        {},
        {"parent_lookup_kwargs": {"place_pk": "shelf__pk"}},
        "place_pk: ID! BigInt!",
        id="a column that the view names",
    ),
    pytest.param("nobody", {}, {}, "nobody_pk: ID! ID!", id="a key of nothing known"),
    pytest.param(
        "shelf", {"lookup_value_regex": "[0-9]+"}, {}, "shelf_pk: ID! BigInt!", id="a key of digits"
    ),
]


@pytest.mark.parametrize(("lookup", "parent", "child", "sdl"), NESTED)
def test_nested_routes_are_typed_by_the_parents_column(
    lookup: str, parent: Any, child: Any, sdl: str
) -> None:
    shelf = serializer_for(Shelf, {"id": ..., "code": ...}, "ShelfSerializer")
    shelves = viewset_for(shelf, Shelf, "ShelfViewSet", **parent)
    books = viewset_for(serializer_for(Book, {"id": ...}), **child)
    router = routers.SimpleRouter()
    router.register("shelves", shelves)
    nested = NestedSimpleRouter(router, "shelves", lookup=lookup)
    nested.register("books", books)
    mounted = urlconf(path("", include(router.urls)), path("", include(nested.urls)))
    found = []
    for options in (Options(), Options(pk="native")):
        built = build(shelves, books, options=options, mounted=mounted)
        name, found_type = next(iter(arguments(built, "query", "books").items()))
        found.append(found_type)
    assert f"{name}: {' '.join(found)}" == sdl


@pytest.mark.parametrize(
    ("route", "sdl"),
    [
        ("(?P<parent_lookup_shelf>[^/.]+)", "ID!"),
        ("(?P<parent_lookup_shelf__code>[^/.]+)", "String!"),
        ("(?P<parent_lookup_author__born>[^/.]+)", "ID!"),
    ],
)
def test_routes_of_drf_extensions_say_their_column(route: str, sdl: str) -> None:
    books = viewset_for(serializer_for(Book, {"id": ...}))
    mounted = urlconf(re_path(f"^{route}/$", books.as_view({"get": "list"})))
    built = build(books, mounted=mounted)
    assert next(iter(arguments(built, "query", "books").values())) == sdl
