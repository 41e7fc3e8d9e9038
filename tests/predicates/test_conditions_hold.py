"""A row that is visible meets every condition: nobody who sees it is ever missed."""

from typing import Any

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, event, given, settings

from gql_live.predicates import conditions_of
from gql_live.routing import routing_columns, routing_value
from tests.predicates.questions import BOOKS, QUERYSETS, library
from tests.schema_builder.catalog.models import Book


@pytest.mark.django_db
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=BOOKS, queryset=QUERYSETS)
def test_a_visible_row_meets_every_condition(
    rows: list[dict[str, Any]], queryset: QuerySet[Book]
) -> None:
    conditions = conditions_of(queryset)
    event(f"{len(conditions)} conditions")
    with library(rows) as books:
        held = {book.pk: book for book in books}
        for key in queryset.values_list("pk", flat=True):
            for each in conditions:
                column = routing_columns(Book)[each.column]
                assert routing_value(column, getattr(held[key], each.column)) in each.values
