"""What a router does at registration: every process that sets Django up tracks these."""

from gql_live.writes import track_related
from tests.publish.library.models import Book

track_related(Book)
