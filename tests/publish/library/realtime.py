"""What a router does at registration: every process that sets Django up watches these."""

from gql_live.signals import watch
from tests.publish.library.models import Artwork, Book, Comic, Genre, Reader, Saga, Shelf

for model in (Shelf, Genre, Book, Saga, Artwork, Comic, Reader):
    watch(model)
