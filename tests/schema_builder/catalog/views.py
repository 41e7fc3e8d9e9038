"""The fixture views; ``VIEWS`` are all of them, as they are registered."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, generics, pagination, viewsets

from gql_live import RealtimeMixin
from gql_live.schema_builder import Registration
from tests.schema_builder.catalog.models import Author, Book, Note, Shelf
from tests.schema_builder.catalog.serializers import (
    AuthorSerializer,
    BookListSerializer,
    BookSerializer,
    DeepBookSerializer,
    NoteSerializer,
    ShelfSerializer,
    SparseBookSerializer,
)


class TwoAPage(pagination.PageNumberPagination):
    """Pages of two."""

    page_size = 2
    page_size_query_param = "size"


class Limited(pagination.LimitOffsetPagination):
    """Two rows unless more are asked for."""

    default_limit = 2


class ById(pagination.CursorPagination):
    """Two rows after the last one seen."""

    page_size = 2
    ordering = "id"


class BookViewSet(RealtimeMixin, viewsets.ModelViewSet[Book]):
    """Books: filtered, searched, ordered, in portions, with two serializers."""

    queryset = Book.objects.order_by("id")
    filter_backends = [DjangoFilterBackend, filters.SearchFilter, filters.OrderingFilter]
    filterset_fields = {
        "status": ["exact"],
        "shelf": ["exact", "in"],
        "editors": ["exact"],
        "published_on": ["isnull", "year", "gte"],
        "copies": ["range"],
        "author__name": ["icontains"],
    }
    search_fields = ["title", "author__name"]
    ordering_fields = ["title", "price", "shelf__code"]
    pagination_class = Limited

    def get_serializer_class(self) -> Any:
        """Show less in the list."""
        return BookListSerializer if self.action == "list" else BookSerializer


class ShelfViewSet(RealtimeMixin, viewsets.ModelViewSet[Shelf]):
    """Shelves, page by page."""

    queryset = Shelf.objects.order_by("id")
    serializer_class = ShelfSerializer
    pagination_class = TwoAPage


class AuthorViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Author]):
    """Authors, all at once."""

    queryset = Author.objects.order_by("name")
    serializer_class = AuthorSerializer


class BookBySlugView(RealtimeMixin, generics.RetrieveAPIView[Book]):
    """A book by its slug."""

    queryset = Book.objects.all()
    serializer_class = DeepBookSerializer
    lookup_field = "slug"


class ShelfBooksView(RealtimeMixin, generics.ListAPIView[Book]):
    """The books of one shelf, with the fields that are asked for."""

    queryset = Book.objects.order_by("id")
    serializer_class = SparseBookSerializer

    def get_queryset(self) -> Any:
        """Give the shelf's."""
        return super().get_queryset().filter(shelf_id=self.kwargs["shelf_pk"])


class NoteList(RealtimeMixin, generics.ListAPIView[Note]):
    """Notes, one after the other."""

    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    pagination_class = ById


VIEWS = (
    Registration(BookViewSet),
    Registration(ShelfViewSet),
    Registration(AuthorViewSet),
    Registration(BookBySlugView, "bookBySlug"),
    Registration(ShelfBooksView, "shelfBook"),
    Registration(NoteList),
)
