"""Views of every kind: paginated in each way, filtered, nested, personal, with handlers of their
own.
"""

from typing import Any

from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import generics, pagination, permissions, viewsets
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request
from rest_framework.response import Response

from gql_live import RealtimeMixin
from tests.parity.cinema.models import Film, Genre, Person, Review, Studio
from tests.parity.cinema.serializers import (
    FilmCardSerializer,
    FilmSerializer,
    GenreSerializer,
    NarrowFilmSerializer,
    PersonSerializer,
    ReviewSerializer,
    StampedFilmSerializer,
    StudioSerializer,
    TitleSerializer,
)


class ByNumber(pagination.PageNumberPagination):
    """Pages of two."""

    page_size = 2
    page_size_query_param = "page_size"


class ByOffset(pagination.LimitOffsetPagination):
    """Two from anywhere."""

    default_limit = 2


class ByCursor(pagination.CursorPagination):
    """Two after these."""

    page_size = 2
    ordering = ("name", "pk")


class WithTitles(ByNumber):
    """Puts into the page what it makes of the rows."""

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        return Response({**response.data, "titles": [row["title"] for row in data]})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        paginated = super().get_paginated_response_schema(schema)
        titles = {"type": "array", "items": {"type": "string"}}
        paginated["properties"]["titles"] = titles
        return paginated


class FilmViewSet(RealtimeMixin, viewsets.ModelViewSet[Film]):
    """Films with all that is around them, by page number."""

    queryset = Film.objects.order_by("pk")
    serializer_class = FilmSerializer
    pagination_class = ByNumber
    filter_backends = [DjangoFilterBackend, SearchFilter, OrderingFilter]
    filterset_fields = {
        "status": ["exact", "in"],
        "studio": ["exact", "isnull"],
        "released": ["gte"],
        "minutes": ["exact", "lt"],
    }
    search_fields = ["title", "studio__name"]
    ordering_fields = ["title", "released"]


class FilmCardViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """Cards in the list, the whole film behind each; optional pages."""

    queryset = Film.objects.order_by("-pk")
    pagination_class = pagination.LimitOffsetPagination

    def get_serializer_class(self) -> Any:
        return FilmCardSerializer if self.action == "list" else FilmSerializer


class StampedFilmViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """Films whose serializer writes its rows itself."""

    queryset = Film.objects.order_by("pk")
    serializer_class = StampedFilmSerializer
    pagination_class = WithTitles


class NarrowFilmViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Film]):
    """Films with the fields that the client names."""

    queryset = Film.objects.order_by("pk")
    serializer_class = NarrowFilmSerializer


class KeptFilmList(RealtimeMixin, generics.ListAPIView[Film]):
    """The films in one's keeping; a handler of its own numbers them."""

    queryset = Film.objects.none()
    serializer_class = FilmCardSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self) -> QuerySet[Film]:
        return Film.objects.filter(keeper=self.request.user.pk).order_by("pk")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().list(request, *args, **kwargs)
        for number, row in enumerate(response.data, 1):
            row["title"] = f"{number}. {row['title']}"
        return response


class FirstFilm(RealtimeMixin, generics.RetrieveAPIView[Film]):
    """The one film that everybody means; its URL names none."""

    queryset = Film.objects.all()
    serializer_class = FilmCardSerializer

    def get_object(self) -> Film:
        return generics.get_object_or_404(Film.objects.order_by("pk")[:1])


class LastFilm(RealtimeMixin, generics.GenericAPIView[Film]):
    """A view that writes its own answer."""

    queryset = Film.objects.order_by("pk")
    serializer_class = FilmCardSerializer

    def get(self, request: Request, pk: int) -> Response:
        film = self.get_object()
        return Response({"id": film.pk, "title": film.title.upper()})


class TopFilmList(RealtimeMixin, generics.ListAPIView[Film]):
    """A queryset that is cut already."""

    queryset = Film.objects.none()
    serializer_class = FilmCardSerializer

    def get_queryset(self) -> QuerySet[Film]:
        return Film.objects.order_by("-gross", "pk")[:3]


class EdgeFilmList(RealtimeMixin, generics.ListAPIView[Film]):
    """A queryset made of two."""

    queryset = Film.objects.none()
    serializer_class = FilmCardSerializer

    def get_queryset(self) -> QuerySet[Film]:
        short, long = Film.objects.filter(minutes=None), Film.objects.filter(minutes__gte=3)
        return short.union(long).order_by("id")


class FilmPileList(RealtimeMixin, generics.ListAPIView[Film]):
    """No queryset, but films."""

    queryset = Film.objects.none()
    serializer_class = FilmCardSerializer

    def get_queryset(self) -> Any:
        return sorted(Film.objects.all(), key=lambda film: -film.pk)


class FilmTitleList(RealtimeMixin, generics.ListAPIView[Any]):
    """Rows that are dicts."""

    queryset = Film.objects.order_by("pk").values("id", "title")
    serializer_class = TitleSerializer


class StudioViewSet(RealtimeMixin, viewsets.ModelViewSet[Studio]):
    """Studios by slug, from an offset."""

    queryset = Studio.objects.order_by("pk")
    serializer_class = StudioSerializer
    pagination_class = ByOffset
    lookup_field = "slug"


class PersonViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Person]):
    """People, after a cursor."""

    queryset = Person.objects.order_by("pk")
    serializer_class = PersonSerializer
    pagination_class = ByCursor


class GenreList(RealtimeMixin, generics.ListCreateAPIView[Genre]):
    """All genres."""

    queryset = Genre.objects.order_by("pk")
    serializer_class = GenreSerializer


class GenreDetail(generics.RetrieveUpdateAPIView[Genre], RealtimeMixin):
    """One genre."""

    queryset = Genre.objects.all()
    serializer_class = GenreSerializer


class ReviewViewSet(RealtimeMixin, viewsets.ModelViewSet[Review]):
    """The reviews of a film that one may read."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_fields = ["stars", "author"]

    def get_queryset(self) -> QuerySet[Review]:
        readable = Q(public=True) | Q(author=self.request.user.pk)
        return Review.objects.filter(readable, film=self.kwargs["film_pk"]).order_by("pk")


class ReviewDesk(RealtimeMixin, generics.ListAPIView[Review]):
    """All reviews, for the staff."""

    queryset = Review.objects.order_by("pk")
    serializer_class = ReviewSerializer
    permission_classes = [permissions.IsAdminUser]
