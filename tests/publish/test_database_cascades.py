"""What the database itself deletes or changes, since Django 6.1: nobody names those rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from gql_live.tracking import track
from tests.publish.conftest import Published
from tests.publish.expected import any_row, deleted, in_order
from tests.publish.library.models import Visit

DB_CASCADE: Any = getattr(models, "DB_CASCADE", None)
DB_SET_NULL: Any = getattr(models, "DB_SET_NULL", None)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_tracking"),
    pytest.mark.skipif(DB_CASCADE is None, reason="before Django 6.1 Django cascades"),
]


@pytest.fixture
def chain() -> Iterator[list[Any]]:
    """Three models: the second falls with the first, and the third then refers to nothing."""

    def model(name: str, **fields: Any) -> Any:
        return type(name, (models.Model,), {"__module__": Visit.__module__, **fields})

    first = model("First")
    second = model("Second", first=models.ForeignKey(first, DB_CASCADE))
    third = model("Third", second=models.ForeignKey(second, DB_SET_NULL, null=True))
    made = [first, second, third]
    with connection.schema_editor() as editor:
        for each in made:
            editor.create_model(each)
    yield made
    with connection.schema_editor() as editor:
        for each in reversed(made):
            editor.delete_model(each)
    for each in made:
        del apps.all_models["library"][each._meta.model_name]
    apps.clear_cache()


def test_rows_that_the_database_deletes_or_changes_are_any_row(
    chain: list[Any], published: Published
) -> None:
    first, second, third = chain
    for each in chain:
        track(each)
    row = first.objects.create(pk=1)
    other = second.objects.create(pk=2, first=row)
    third.objects.create(pk=3, second=other)
    published.take()
    row.delete()
    assert not second.objects.exists()
    assert third.objects.get().second_id is None
    assert in_order(published.take()) == in_order(
        [deleted(first, 1), any_row(second), any_row(third)]
    )
    first.objects.filter(pk=99).delete()
    assert published.take() == []
