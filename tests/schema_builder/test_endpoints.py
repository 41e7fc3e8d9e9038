"""Registered views and the URLconf to endpoints, and GraphQL arguments back to URL kwargs."""

import decimal
import uuid
from typing import Any

import pytest
from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter
from django.views.decorators.cache import cache_page
from rest_framework import generics, mixins, routers, versioning, viewsets

from gql_live.schema_builder import (
    BuiltSchema,
    Endpoint,
    Options,
    Registration,
    SchemaError,
    UnroutableError,
)
from gql_live.schema_builder.routes import group_source
from tests.schema_builder.building import (
    arguments,
    build,
    messages,
    serializer_for,
    urlconf,
    viewset_for,
)
from tests.schema_builder.catalog.models import Author, Book, Shelf

BOOK = serializer_for(Book, {"id": ..., "title": ...})
AUTHOR = serializer_for(Author, {"id": ...}, "AuthorSerializer")


class BookViewSet(viewsets.ModelViewSet[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK


class BookList(generics.ListAPIView[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK


class BookDetail(generics.RetrieveUpdateAPIView[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK


class BookListAndDetail(mixins.ListModelMixin, mixins.RetrieveModelMixin, generics.GenericAPIView):  # type: ignore[type-arg]
    queryset = Book.objects.all()
    serializer_class = BOOK

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.retrieve(request) if "pk" in kwargs else self.list(request)


class RealtimeOnly(generics.GenericAPIView[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK


class OnlyCreates(generics.CreateAPIView[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK


class OnlyCreatesViewSet(mixins.CreateModelMixin, viewsets.GenericViewSet[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK


class OwnGet(RealtimeOnly):
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any: ...


class BySlug(viewsets.ReadOnlyModelViewSet[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK
    lookup_field = "slug"
    lookup_value_regex = "[a-z-]+"


class Me(generics.RetrieveAPIView[Author]):
    queryset = Author.objects.all()
    serializer_class = AUTHOR


class OnShelf(viewsets.ReadOnlyModelViewSet[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK
    realtime_kwargs = {"shelf_pk": int, "edition": str, "rate": decimal.Decimal}


def routed(viewset: Any, prefix: str = "books", basename: str = "book", **kwargs: Any) -> Any:
    router = routers.DefaultRouter(**kwargs)
    router.register(prefix, viewset, basename=basename)
    return router.urls


def endpoint(built: BuiltSchema, name: str) -> Endpoint:
    return built.root_fields["query", name].endpoint


def names(built: BuiltSchema) -> set[str]:
    return {name for _operation, name in built.root_fields}


@pytest.mark.parametrize(
    ("view", "mounted", "offered"),
    [
        pytest.param(
            BookViewSet, [path("", include(routed(BookViewSet)))], {"book", "books"}, id="viewset"
        ),
        pytest.param(BookViewSet, [], {"book", "books"}, id="viewset mounted nowhere"),
        pytest.param(
            BookViewSet,
            [path("b/", BookViewSet.as_view({"get": "list", "post": "create"}))],
            {"books"},
            id="viewset of which only the list is mounted",
        ),
        pytest.param(
            BookViewSet,
            [path("b/", BookViewSet.as_view({"post": "create"}))],
            set(),
            id="viewset of which nothing that reads is mounted",
        ),
        pytest.param(BookList, [path("b/", BookList.as_view())], {"books"}, id="list view"),
        pytest.param(BookList, [], {"books"}, id="list view mounted nowhere"),
        pytest.param(
            BookDetail, [path("b/<int:pk>/", BookDetail.as_view())], {"book"}, id="detail view"
        ),
        pytest.param(BookDetail, [], {"book"}, id="detail view mounted nowhere"),
        pytest.param(
            BookListAndDetail,
            [path("b/", BookListAndDetail.as_view()), path("b/<pk>/", BookListAndDetail.as_view())],
            {"book", "books"},
            id="one view for both, told apart by the URL",
        ),
        pytest.param(RealtimeOnly, [], {"book", "books"}, id="view without any handler"),
        pytest.param(
            OnlyCreates,
            [path("shelves/<int:shelf_pk>/", OnlyCreates.as_view())],
            {"book", "books"},
            id="view that REST only writes with",
        ),
        pytest.param(
            OnlyCreatesViewSet,
            [path("b/", OnlyCreatesViewSet.as_view({"post": "create"}))],
            {"book", "books"},
            id="viewset that REST only writes with",
        ),
        pytest.param(
            OwnGet, [path("b/<pk>/", OwnGet.as_view())], {"book"}, id="get() with a lookup"
        ),
        pytest.param(
            OwnGet, [path("b/", OwnGet.as_view())], {"books"}, id="get() without a lookup"
        ),
        pytest.param(OwnGet, [], {"books"}, id="get() mounted nowhere"),
        pytest.param(
            BookList,
            [path("b/", cache_page(60)(BookList.as_view()))],
            {"books"},
            id="view in a decorator",
        ),
    ],
)
def test_a_view_offers_what_it_can_answer(view: Any, mounted: list[Any], offered: set[str]) -> None:
    assert names(build(view, mounted=urlconf(*mounted))) == offered


def test_an_endpoint_says_how_its_view_is_mounted() -> None:
    api = include((routed(BookViewSet), "api"), namespace="v1")
    built = build(BookViewSet, mounted=urlconf(path("api/", api)))
    found = endpoint(built, "books")
    assert found.name == f"{__name__}.BookViewSet.list"
    assert found.url_name == "v1:book-list"
    assert found.action_map == {"get": "list", "post": "create"}
    assert found.initkwargs == {"suffix": "List", "basename": "book", "detail": False}
    assert (found.model, found.lookup_field, found.lookup_kwarg) == (Book, "pk", None)
    assert endpoint(built, "book").lookup_kwarg == "pk"


def test_a_plain_view_has_no_action_map() -> None:
    built = build(BookDetail, mounted=urlconf(path("<int:pk>/", BookDetail.as_view())))
    found = endpoint(built, "book")
    assert (found.action_map, found.url_name, found.lookup_kwarg) == (None, None, "pk")


def test_the_lookup_argument_is_called_id_or_as_the_view_calls_it() -> None:
    built = build(
        Registration(BookViewSet, "novel"),
        BySlug,
        mounted=urlconf(path("", include(routed(BySlug)))),
    )
    assert arguments(built, "query", "book")["slug"] == "ID!"
    assert arguments(built, "query", "novel")["id"] == "ID!"


def test_a_view_of_one_object_without_a_lookup_in_its_url_takes_none() -> None:
    built = build(Me, mounted=urlconf(path("me/", Me.as_view())))
    assert arguments(built, "query", "author") == {"query_params": "QueryParams"}
    assert endpoint(built, "author").lookup_kwarg is None
    assert built.root_fields["query", "author"].view_input({}).kwargs == ()


class _RomanConverter(StringConverter):
    regex = "[ivx]+"

    def to_python(self, value: str) -> str:
        return value.upper()


register_converter(_RomanConverter, "roman")

ROUTES: list[Any] = [
    pytest.param(path("<int:pk>/", BookDetail.as_view()), "12", {"pk": 12}, id="int"),
    pytest.param(path("<int:pk>/", BookDetail.as_view()), "-1", None, id="int refuses a sign"),
    pytest.param(path("<int:pk>/", BookDetail.as_view()), "x", None, id="int refuses text"),
    pytest.param(path("<pk>/", BookDetail.as_view()), "x.y", {"pk": "x.y"}, id="str"),
    pytest.param(path("<pk>/", BookDetail.as_view()), "x/y", None, id="str refuses a slash"),
    pytest.param(path("<pk>/", BookDetail.as_view()), "", None, id="str refuses nothing"),
    pytest.param(
        path("<uuid:pk>/", BookDetail.as_view()),
        "00000000-0000-0000-0000-000000000005",
        {"pk": uuid.UUID(int=5)},
        id="uuid",
    ),
    pytest.param(path("<uuid:pk>/", BookDetail.as_view()), "5", None, id="uuid refuses a number"),
    pytest.param(path("<roman:pk>/", BookDetail.as_view()), "xi", {"pk": "XI"}, id="own converter"),
    pytest.param(
        re_path(r"^(?P<pk>\d{2})/$", BookDetail.as_view()),
        "12",
        {"pk": "12"},
        id="regex gives text",
    ),
    pytest.param(
        re_path(r"^(?P<pk>\d{2})/$", BookDetail.as_view()), "123", None, id="regex refuses"
    ),
    pytest.param(
        re_path(r"^(?P<pk>(a|b)[)\]]?)/$", BookDetail.as_view()),
        "b)",
        {"pk": "b)"},
        id="regex with brackets in it",
    ),
    pytest.param(path("", include(routed(BookViewSet))), "a.b", None, id="router refuses a dot"),
    pytest.param(
        path("<int:pk>/", BookDetail.as_view(), {"edition": "first"}),
        "1",
        {"pk": 1, "edition": "first"},
        id="a constant of the URLconf",
    ),
]


@pytest.mark.parametrize(("route", "value", "kwargs"), ROUTES)
def test_a_value_goes_through_the_url(
    route: Any, value: str, kwargs: dict[str, Any] | None
) -> None:
    view = BookViewSet if not hasattr(route, "callback") else BookDetail
    root_field = build(view, mounted=urlconf(route)).root_fields["subscription", "book"]
    if kwargs is None:
        with pytest.raises(UnroutableError) as caught:
            root_field.view_input({"id": value})
        assert (caught.value.argument, caught.value.value) == ("id", value)
    else:
        assert dict(root_field.view_input({"id": value}).kwargs) == kwargs


@pytest.mark.parametrize(
    ("route", "argument"),
    [
        ("<int:shelf>/", ("shelf", "ID!")),
        ("<int:shelf_pk>/", ("shelf_pk", "ID!")),
        ("<int:year>/", ("year", "Int!")),
        ("<slug:kind>/", ("kind", "String!")),
        ("<uuid:batch>/", ("batch", "UUID!")),
    ],
)
def test_what_the_url_takes_is_a_required_argument(route: str, argument: tuple[str, str]) -> None:
    built = build(BookList, mounted=urlconf(path(route, BookList.as_view())))
    taken = arguments(built, "subscription", "books")
    assert taken[argument[0]] == argument[1]


@pytest.mark.parametrize(
    ("regex", "sdl"),
    [(r"(?P<number>\d+)/", "Int!"), ("(?P<title>.+)/", "String!"), ("(?P<x>.+)/", "ID!")],
)
def test_a_regex_kwarg_is_typed_by_what_is_known_of_it(regex: str, sdl: str) -> None:
    built = build(BookList, mounted=urlconf(re_path(regex, BookList.as_view())))
    assert next(iter(arguments(built, "query", "books").values())) == sdl


def test_nested_routes_give_the_kwargs_of_every_level() -> None:
    inner = path("<int:shelf_pk>/", include(routed(BookViewSet)))
    built = build(BookViewSet, mounted=urlconf(path("<slug:site>/", include([inner]))))
    assert [*arguments(built, "query", "book")] == ["site", "shelf_pk", "id", "query_params"]
    given = {"site": "a", "shelf_pk": "3", "id": "7"}
    kwargs = built.root_fields["query", "book"].view_input(given).kwargs
    assert kwargs == (("pk", "7"), ("shelf_pk", 3), ("site", "a"))


def test_a_view_mounted_nowhere_declares_its_kwargs() -> None:
    built = build(OnShelf)
    assert arguments(built, "query", "books") == {
        "shelf_pk": "ID!",
        "edition": "String!",
        "rate": "String!",
        "query_params": "QueryParams",
    }
    kwargs = built.root_fields["query", "book"].view_input(
        {"shelf_pk": "3", "edition": "2nd", "rate": "1.5", "id": "x"}
    )
    assert dict(kwargs.kwargs) == {
        "shelf_pk": 3,
        "edition": "2nd",
        "rate": decimal.Decimal("1.5"),
        "pk": "x",
    }


@pytest.mark.parametrize(("name", "value"), [("shelf_pk", "x"), ("edition", ""), ("rate", "much")])
def test_a_value_that_a_declared_kwarg_does_not_take_has_no_url(name: str, value: str) -> None:
    given = {"shelf_pk": "3", "edition": "2nd", "rate": "1", name: value}
    with pytest.raises(UnroutableError, match=name):
        build(OnShelf).root_fields["query", "books"].view_input(given)


def test_a_router_may_route_by_converters() -> None:
    class ByPath(BookViewSet):
        lookup_value_converter = "int"

    built = build(ByPath, mounted=urlconf(*routed(ByPath, use_regex_path=False)))
    assert built.root_fields["query", "book"].view_input({"id": "7"}).kwargs == (("pk", 7),)


def test_a_view_that_rest_only_writes_with_takes_the_kwargs_of_its_url() -> None:
    route = path("shelves/<int:shelf_pk>/", OnlyCreates.as_view())
    built = build(OnlyCreates, mounted=urlconf(route))
    assert next(iter(arguments(built, "subscription", "books"))) == "shelf_pk"
    given = built.root_fields["subscription", "book"].view_input({"shelf_pk": "1", "id": "2"})
    assert dict(given.kwargs) == {"shelf_pk": 1, "pk": "2"}


def test_of_several_urls_the_one_that_asks_for_least_is_used() -> None:
    patterns = [path("<int:shelf_pk>/", include(routed(BookViewSet))), *routed(BookViewSet)]
    built = build(BookViewSet, mounted=urlconf(*patterns))
    assert "shelf_pk" not in arguments(built, "query", "books")
    assert any("mounted at several URLs" in message for message in messages(built))


@pytest.mark.parametrize(
    ("route", "told"),
    [
        (r"^(\d+)/$", ["gql_live.W109"]),
        (r"^(?P<pk>(a|b))/$", []),
        (r"^(?:all)/$", []),
    ],
    ids=["a group without a name", "within one that has a name", "a group that takes nothing"],
)
def test_a_url_whose_values_have_no_names_is_reported(route: str, told: list[str]) -> None:
    built = build(BookDetail, mounted=urlconf(re_path(route, BookDetail.as_view())))
    assert [each.id for each in built.diagnostics] == told


def test_the_version_in_the_url_is_not_asked_for() -> None:
    class Versioned(BookList):
        versioning_class = type(
            "V",
            (versioning.URLPathVersioning,),
            {"default_version": "v2", "allowed_versions": ["v2"]},
        )

    built = build(Versioned, mounted=urlconf(path("<version>/", Versioned.as_view())))
    assert arguments(built, "query", "books") == {"query_params": "QueryParams"}
    assert built.root_fields["query", "books"].view_input({}).kwargs == (("version", "v2"),)


def test_native_keys_type_the_lookup() -> None:
    built = build(BookViewSet, BySlugAuthor, options=Options(pk="native"))
    assert arguments(built, "query", "book")["id"] == "BigInt!"
    assert arguments(built, "query", "author")["id"] == "UUID!"


BySlugAuthor = viewset_for(AUTHOR, Author, "AuthorViewSet")


def test_two_views_of_one_model_need_names() -> None:
    with pytest.raises(SchemaError) as caught:
        build(BookViewSet, BySlug)
    assert str(caught.value) == (
        f"[{__name__}.BookViewSet and {__name__}.BySlug] both give the root field 'book';"
        " name one of them: register(view, name=...)"
    )
    built = build(BookViewSet, Registration(BySlug, "slugged_book"))
    assert names(built) == {"book", "books", "sluggedBook", "sluggedBooks"}


def test_a_plural_that_is_the_singular_gets_a_suffix() -> None:
    class Sheep(Shelf):
        class Meta:
            app_label = "catalog"
            proxy = True
            verbose_name_plural = "sheep"

    serializer = serializer_for(Sheep, {"id": ...}, "SheepSerializer")
    assert names(build(viewset_for(serializer, Sheep))) == {"sheep", "sheepList"}


def test_the_plural_is_the_models_own() -> None:
    serializer = serializer_for(Shelf, {"id": ...}, "ShelfSerializer")
    assert names(build(viewset_for(serializer, Shelf))) == {"shelf", "shelves"}


@pytest.mark.parametrize(
    ("pattern", "source"),
    [
        (r"^(?P<pk>\d+)/$", r"\d+"),
        (r"^(?P<pk>(?:a|(b))c)/$", r"(?:a|(b))c"),
        (r"(?P<pk>[^()]+)", r"[^()]+"),
        (r"(?P<pk>\))", r"\)"),
        (r"(?P<pk>[])]+)x", r"[])]+"),
        (r"(?P<other>.)(?P<pk>[^])]+)x", r"[^])]+"),
    ],
)
def test_a_groups_source_is_found_in_its_pattern(pattern: str, source: str) -> None:
    assert group_source(pattern, "pk") == source
