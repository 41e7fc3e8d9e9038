"""Where the fixture views are mounted."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from tests.schema_builder.catalog.views import (
    AuthorViewSet,
    BookBySlugView,
    BookViewSet,
    NoteList,
    ShelfBooksView,
    ShelfViewSet,
)

router = DefaultRouter()
router.register("books", BookViewSet)
router.register("shelves", ShelfViewSet)
router.register("authors", AuthorViewSet)

urlpatterns = [
    path("api/", include(router.urls)),
    path("api/by-slug/<slug:slug>/", BookBySlugView.as_view(), name="book-by-slug"),
    path("api/shelves/<int:shelf_pk>/books/", ShelfBooksView.as_view(), name="shelf-books"),
    path("api/notes/", NoteList.as_view(), name="notes"),
]
