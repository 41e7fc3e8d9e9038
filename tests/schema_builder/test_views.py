"""What views say of themselves: what holds for every client, and views that say nothing."""

from typing import Any

import pytest
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_page
from djangorestframework_camel_case.render import (
    CamelCaseBrowsableAPIRenderer,
    CamelCaseJSONRenderer,
)
from rest_framework import viewsets
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from gql_live.schema_builder import Options
from tests.schema_builder.building import (
    build,
    execute,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.schema_builder.catalog.models import Book, Shelf

SHELF = serializer_for(Shelf, {"id": ..., "code": ...}, "ShelfSerializer")
BOOK = serializer_for(Book, {"id": ..., "title": ...})


class BookForViewSet(viewsets.ReadOnlyModelViewSet[Book]):
    queryset = Book.objects.all()

    def get_serializer_class(self) -> Any:
        return BOOK if self.request.user.is_superuser else SHELF


def test_a_view_that_chooses_by_client_promises_nothing() -> None:
    built = build(BookForViewSet)
    everybody = field_types(built, "AnyBook")
    assert everybody["title"] == "String"
    assert everybody["code"] == "String"
    assert not any("!" in sdl for sdl in everybody.values())


def test_rows_that_are_no_instances_promise_nothing() -> None:
    rows = Book.objects.values("id")
    built = build(viewset_for(BOOK, queryset=rows), resolve=lambda *_: [{"id": 1}])
    assert field_types(built, "Book") == {"id": "ID", "title": "String"}
    assert execute(built, "{ books { id title } }") == {"books": [{"id": "1", "title": None}]}


class _OwnCase(CamelCaseBrowsableAPIRenderer):  # type: ignore[misc]  # untyped
    """A renderer that a project makes of the package's."""


@pytest.mark.parametrize(
    ("renderer", "case", "told"),
    [
        pytest.param(JSONRenderer, "snake", [], id="names as they are"),
        pytest.param(CamelCaseJSONRenderer, "snake", ["gql_live.I101"], id="names of its own"),
        pytest.param(_OwnCase, "snake", ["gql_live.I101"], id="names of its own, inherited"),
        pytest.param(CamelCaseJSONRenderer, "camel", [], id="the same names"),
    ],
)
def test_names_that_rest_spells_otherwise_are_told_once(
    renderer: Any, case: Any, told: list[str]
) -> None:
    books = viewset_for(BOOK, renderer_classes=[renderer])
    shelves = viewset_for(SHELF, Shelf, "ShelfViewSet", renderer_classes=[renderer])
    built = build(books, shelves, options=Options(case=case))
    assert [each.id for each in built.diagnostics] == told


class _Own(viewsets.ReadOnlyModelViewSet[Book]):
    queryset = Book.objects.all()
    serializer_class = BOOK


class _Rewritten(_Own):
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response({"items": super().list(request).data})


class _Delegating(_Own):
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @method_decorator(cache_page(60))
    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)


@method_decorator(cache_page(60), name="list")
class _Decorated(_Own):
    pass


class _ReadsKwargs(_Own):
    def get_serializer_class(self) -> Any:
        return {None: BOOK}[self.kwargs.get("kind")]


class _ReadsMethod(_Own):
    def get_serializer_class(self) -> Any:
        return BOOK if self.request.method == "GET" else SHELF


class _ReadsForContext(_Own):
    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}


@pytest.mark.parametrize(
    ("view", "promises"),
    [
        pytest.param(_Own, True, id="stock"),
        pytest.param(_Rewritten, False, id="writes its answer itself"),
        pytest.param(_Delegating, True, id="only delegates"),
        pytest.param(_Decorated, True, id="is decorated"),
        pytest.param(_ReadsKwargs, False, id="chooses by URL"),
        pytest.param(_ReadsMethod, True, id="chooses by method"),
        pytest.param(_ReadsForContext, True, id="reads the client for its context"),
    ],
)
def test_a_view_promises_non_null_where_its_serializer_is_sure(view: Any, promises: bool) -> None:
    title = field_types(build(view), "Book")["title"]
    assert title == ("String!" if promises else "String")


@pytest.mark.parametrize(
    ("view", "told"),
    [
        pytest.param(_Own, [], id="stock"),
        pytest.param(_Delegating, [], id="only delegates"),
        pytest.param(_Decorated, [], id="is decorated"),
        pytest.param(_Rewritten, ["gql_live.W110"], id="writes its answer itself"),
    ],
)
def test_a_handler_of_the_views_own_is_told_for_changes_do_not_pass_through_it(
    view: Any, told: list[str]
) -> None:
    built = build(view)
    assert [each.id for each in built.diagnostics] == told
    assert all("its list() is its own" in message for message in messages(built))
