"""Which changes follow from which write, and what they tell."""

from collections.abc import Callable

import pytest
from django.contrib.contenttypes.models import ContentType

from gql_live.changes import Change
from tests.publish.conftest import Published
from tests.publish.expected import in_order
from tests.publish.library.models import Book
from tests.publish.relation_writes import ASYNC, GENERIC, INHERITANCE, RELATIONS
from tests.publish.row_writes import BULK, DELETES, SAVES, UPDATES
from tests.publish.stock import Library, fetch, stock

pytestmark = pytest.mark.django_db(transaction=True)

CASES = [*SAVES, *DELETES, *UPDATES, *BULK, *INHERITANCE, *RELATIONS, *GENERIC, *ASYNC]


def named(changes: list[Change]) -> list[Change]:
    """The changes with what only the database knows given a name: types, and new keys."""
    book = ContentType.objects.get_for_model(Book).pk
    kept = []
    for change in changes:
        values = dict(change.values)
        if values.get("content_type_id") == (book,):
            values["content_type_id"] = ("BOOK",)
        new = (
            change.model in {"library.book_genres", "library.favourite"}
            and change.kind == "created"
        )
        kept.append(
            Change(change.model, 1 if new else change.pk, change.kind, values, change.moved)
        )
    return kept


@pytest.mark.parametrize(
    ("write", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_a_write_publishes(
    published: Published, write: Callable[[Library], object], expected: list[Change]
) -> None:
    stock()
    library = fetch()
    published.take()
    write(library)
    assert in_order(named(published.take())) == in_order(expected)
