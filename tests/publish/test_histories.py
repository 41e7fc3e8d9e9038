"""Whatever is written: each row that has changed is published, with what its columns held."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from gql_live.changes import Change, Value, coalesce, key_of
from gql_live.routing import routing_columns, routing_value
from tests.publish.conftest import Published
from tests.publish.history_writes import MODELS, WRITES
from tests.publish.stock import stock, undo

pytestmark = pytest.mark.django_db(transaction=True)

Row = Mapping[str, Any]
Stored = dict[str, dict[int | str, Row]]

number = st.integers(0, 5)
write = st.tuples(st.sampled_from(WRITES), number, number)
step = st.recursive(
    write,
    lambda steps: st.tuples(st.sampled_from(["block", "undone"]), st.lists(steps, max_size=4)),
)
"""A write, or a block of them; an undone one is rolled back."""


def run(this: Any) -> None:
    match this:
        case ("block", steps):
            with transaction.atomic():
                run_all(steps)
        case ("undone", steps):
            undo(lambda: run_all(steps))
        case (do, first, second):
            do(first, second)


def run_all(steps: list[Any]) -> None:
    for this in steps:
        run(this)


def stored() -> Stored:
    """Every row of every table, by its key."""
    return {model._meta.label_lower: rows_of(model) for model in MODELS}


def rows_of(model: type[Model]) -> dict[int | str, Row]:
    columns = [field.attname for field in model._meta.local_concrete_fields]
    key = model._meta.pk.attname
    return {key_of(row[key]): row for row in model._base_manager.values(*columns)}


def stock_anew() -> None:
    # In a transaction, at whose end references are looked at.
    with transaction.atomic(), connection.cursor() as cursor:
        for model in MODELS:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        stock()
        for reset in connection.ops.sequence_reset_sql(no_style(), MODELS):
            cursor.execute(reset)


def check(before: Stored, after: Stored, changes: list[Change]) -> None:
    told = {(change.model, change.pk): change for change in coalesce(changes)}
    for model in MODELS:
        label = model._meta.label_lower
        for pk in before[label].keys() | after[label].keys():
            was, is_ = before[label].get(pk), after[label].get(pk)
            change = told.get((label, pk))
            if was != is_:
                assert change or (label, None) in told, f"{label} {pk}: {was} became {is_}"
            if change:
                check_values(model, change, was, is_)


def check_values(model: type[Model], change: Change, was: Row | None, is_: Row | None) -> None:
    for column, held in change.values.items():
        if was is not None and column not in change.moved:
            assert routed(model, column, was) in held, change
        if is_ is not None:
            assert routed(model, column, is_) in held, change


def routed(model: type[Model], column: str, row: Row) -> Value:
    return routing_value(routing_columns(model)[column], row[column])


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(step, max_size=12))
def test_whatever_is_written_is_published(published: Published, steps: list[Any]) -> None:
    stock_anew()
    published.take()
    for this in steps:
        before = stored()
        run(this)
        changes = published.take()
        note(f"{this}: {changes}")
        check(before, stored(), changes)
