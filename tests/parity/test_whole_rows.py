"""Whoever may read fields that no operation selects finds them: such rows stay whole."""

from collections.abc import Iterable
from typing import Any

import pytest
from ariadne import ObjectType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers, viewsets
from rest_framework.filters import BaseFilterBackend
from rest_framework.response import Response

from gql_live import RealtimeMixin
from tests.parity.asking import Asker
from tests.parity.cinema.models import Film
from tests.parity.cinema.serializers import (
    FilmCardSerializer,
    StudioSerializer,
    TitleSerializer,
)
from tests.parity.cinema.views import FilmViewSet, WithTitles
from tests.parity.running import query, routed, run_in_full, tables_read


class Counting(serializers.ModelSerializer[Film]):
    """Numbers its rows in one field as another one runs."""

    number = serializers.SerializerMethodField()
    same = serializers.SerializerMethodField()

    class Meta:
        model = Film
        fields = ["id", "number", "same"]

    def get_number(self, film: Film) -> int:
        self.numbered = film.pk * 2
        return self.numbered

    def get_same(self, film: Film) -> int:
        return self.numbered


class CountingViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """A view that says that its rows are to be whole."""

    queryset = Film.objects.order_by("pk")
    serializer_class = Counting
    realtime_full_rows = True


class TitlesOnly(serializers.ListSerializer[Any]):
    """Writes its own list out of whole rows."""

    def to_representation(self, data: Any) -> "list[TitledSerializer]":
        rows: Any = super().to_representation(data)
        for row in rows:
            row["title"] = f"{row['title']} ({row['status']})"
        return rows  # type: ignore[no-any-return]  # what its child writes, as the hint says


class TitledSerializer(FilmCardSerializer):
    """A card, in a list of the project's own."""

    class Meta(FilmCardSerializer.Meta):
        list_serializer_class = TitlesOnly


class TitledViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """A list serializer that reads what its child writes."""

    queryset = Film.objects.order_by("pk")
    serializer_class = TitledSerializer


class TotalledViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """A paginator that reads the rows."""

    queryset = Film.objects.order_by("pk")
    serializer_class = FilmCardSerializer
    pagination_class = WithTitles


class NumberedViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """A handler that reads the rows."""

    queryset = Film.objects.order_by("pk")
    serializer_class = FilmCardSerializer

    def list(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        response = super().list(request, *args, **kwargs)
        return Response([{**row, "title": f"{row['id']}. {row['title']}"} for row in response.data])


class ByShownField(BaseFilterBackend):
    """Turns the rows round where the view shows titles."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        return queryset.order_by("-pk" if "title" in view.get_serializer().fields else "pk")


class OrderedViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """A filter backend that asks what the view shows."""

    queryset = Film.objects.all()
    serializer_class = TitleSerializer
    filter_backends = [ByShownField]


class DataSerializer(FilmCardSerializer):
    """Reads its own data."""

    @property
    def data(self) -> Any:
        row = super().data
        return {**row, "title": f"{row['title']} ({row['status']})"}


class DataViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """A serializer that makes something of its data."""

    queryset = Film.objects.order_by("pk")
    serializer_class = DataSerializer


class OwnStudioSerializer(StudioSerializer):
    """A nested serializer that reads its own fields."""

    def to_representation(self, instance: Any) -> Any:
        row = super().to_representation(instance)
        return {**row, "name": f"{row['name']} ({row['slug']})"}


class OwnStudioFilmSerializer(FilmCardSerializer):
    """Nests a serializer that writes itself."""

    studio = OwnStudioSerializer()


class OwnStudioViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """Films whose studio writes itself."""

    queryset = Film.objects.order_by("pk")
    serializer_class = OwnStudioFilmSerializer


@pytest.mark.parametrize(
    ("view", "selection"),
    [
        (CountingViewSet, "films { same }"),
        (TitledViewSet, "films { title }"),
        (TotalledViewSet, "films { titles results { id } }"),
        (NumberedViewSet, "films { title }"),
        (OrderedViewSet, "films { id }"),
        (DataViewSet, "film(id: 1) { title }"),
        (OwnStudioViewSet, "films { studio { name } }"),
    ],
    ids=[
        "a view that asks for whole rows",
        "a list serializer that writes itself",
        "a paginator that reads the rows",
        "a handler that reads the rows",
        "a filter backend that asks what is shown",
        "a serializer that makes something of its data",
        "a nested serializer that writes itself",
    ],
)
def test_who_may_read_unselected_fields_finds_them(
    askers: Iterable[Asker], view: Any, selection: str
) -> None:
    film = Film.objects.exclude(studio=None).earliest("pk")
    text = f"{{ {selection.replace('id: 1', f'id: {film.pk}')} }}"
    of = routed(view)
    response = query(text, of)
    assert "errors" not in response
    assert response == query(text, of, run_in_full)


def test_a_nested_serializer_that_writes_itself_leaves_its_parent_prunable(
    askers: Iterable[Asker],
) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = query("{ films { studio { name } } }", routed(OwnStudioViewSet))
    assert response["data"]["films"][1]["studio"]["name"] == "name-1 (slug-1)"
    assert tables_read(captured) == {"film", "studio"}


def test_a_resolver_of_the_projects_finds_the_whole_row(askers: Iterable[Asker]) -> None:
    film = ObjectType("Film")
    film.set_field("shout", lambda row, _info: row["title"].upper())
    own = ["extend type Film { shout: String }"]
    of = routed(FilmViewSet, type_defs=own, bindables=[film])
    response = query("{ films { results { shout } } }", of)
    assert response["data"]["films"]["results"][0] == {"shout": "TITLE-0"}
