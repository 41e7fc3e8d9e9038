"""What registering views does: every process that sets Django up tracks these."""

from gql_live.writes import remember, track_related
from tests.publish.library.models import Book, Loan

track_related(Book)
remember(Loan, "reader_id")
