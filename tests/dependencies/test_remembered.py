"""Which columns of other tables lead back to a view's rows, said before anybody asks."""

from typing import Any

import pytest
from django.db.models import Count, QuerySet
from django_filters import FilterSet, NumberFilter
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from gql_live import RealtimeMixin
from gql_live.dependencies import remembered
from tests.parity.cinema import views as cinema
from tests.parity.cinema.models import Film, Genre, Studio
from tests.parity.cinema.serializers import FilmCardSerializer, FilmSerializer, StudioSerializer
from tests.schema_builder.catalog import views as catalog
from tests.todo import views as todo


class StudioList(RealtimeMixin, ListAPIView[Studio]):
    queryset = Studio.objects.all()
    serializer_class = StudioSerializer


class BySearch(StudioList):
    search_fields = ["^films__title", "nothing", "name"]


class ByFilter(StudioList):
    filterset_fields = {"films__title": ["exact"]}


class Films(FilterSet):  # type: ignore[misc]  # django-filter has no types
    film = NumberFilter("films__minutes")


class ByFilterSet(StudioList):
    filterset_class = Films


class ByCount(StudioList):
    def get_queryset(self) -> QuerySet[Studio]:
        return Studio.objects.annotate(n=Count("films"))


class ByKwargs(StudioList):
    def get_queryset(self) -> QuerySet[Studio]:
        return Studio.objects.filter(films=self.kwargs["film"], films__keeper=self.request.user.pk)


class Declared(StudioList):
    realtime_depends_on = {"name": ["films__roles"]}


class DeclaredWrongly(StudioList):
    realtime_depends_on = {"name": ["rolls"]}
    search_fields = ["films__title"]


class ByWhoAsks(StudioList):
    queryset: Any = Film.objects.all()

    def get_serializer_class(self) -> Any:
        return FilmSerializer if self.request.user.is_staff else FilmCardSerializer


class AsksTheDatabase(StudioList):
    search_fields = ["films__title"]

    def get_queryset(self) -> QuerySet[Studio]:
        return Studio.objects.filter(pk__in=list(Genre.objects.values_list("pk", flat=True)))


class Raises(StudioList):
    search_fields = ["films__title"]

    def get_serializer(self, *_arguments: Any, **_named: Any) -> Any:
        raise SystemError


class TreeSerializer(serializers.ModelSerializer[Genre]):
    class Meta:
        model = Genre
        fields = ["id"]

    def get_fields(self) -> Any:
        return {**super().get_fields(), "children": TreeSerializer(many=True)}


class Tree(StudioList):
    queryset: Any = Genre.objects.all()
    serializer_class: Any = TreeSerializer


FILMS = {("cinema.Film", "studio_id")}
LINKS = ("cinema.Film_genres", "film_id")
ROUND_A_FILM = {LINKS, ("cinema.Review", "film_id"), ("cinema.Role", "film_id")}


@pytest.mark.parametrize(
    ("view", "columns"),
    [
        (StudioList, set()),
        (BySearch, FILMS),
        (ByFilter, FILMS),
        (ByFilterSet, FILMS),
        (ByCount, FILMS),
        (ByKwargs, FILMS),
        (Declared, FILMS | {("cinema.Role", "film_id")}),
        (DeclaredWrongly, FILMS),
        (ByWhoAsks, ROUND_A_FILM),
        (AsksTheDatabase, FILMS),
        (Raises, FILMS),
        (Tree, {("cinema.Genre", "parent_id")}),
        (cinema.FilmViewSet, ROUND_A_FILM),
        (cinema.FilmCardViewSet, ROUND_A_FILM),
        (cinema.NarrowFilmViewSet, {LINKS}),
        (todo.TaskViewSet, {("todo.List_members", "list_id")}),
        (todo.ListViewSet, {("todo.List_members", "list_id")}),
        (catalog.ShelfViewSet, {("catalog.Book", "shelf_id")}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_view_says_what_leads_back_to_its_rows(view: Any, columns: set[tuple[str, str]]) -> None:
    """Without a query: these tests may not ask the database."""
    assert {(model._meta.label, column) for model, column in remembered(view)} == columns
