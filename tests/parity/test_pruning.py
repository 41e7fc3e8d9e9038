"""Fields that no operation selects are not computed, and what is selected is what it would be."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from graphql import GraphQLObjectType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gql_live.execution import encode
from gql_live.plan import GraphQLSelection, RowSelection
from gql_live.wanted import EVERYTHING
from tests.parity.asking import Asker
from tests.parity.cinema.models import Film
from tests.parity.cinema.realtime import router
from tests.parity.cinema.serializers import (
    FilmSerializer,
)
from tests.parity.cinema.views import FilmViewSet
from tests.parity.running import (
    evaluated,
    planned,
    query,
    routed,
    run_in_full,
    snapshot_of,
    tables_read,
)
from tests.parity.selections import DECLARED, selections

# --- queries ---


@pytest.mark.parametrize(
    ("selection", "tables"),
    [
        ("films { count }", {"film"}),
        ("films { results { id title facts } }", {"film"}),
        ("films { results { figures { is_long } } }", {"film"}),
        ("films { results { studio { name } } }", {"film", "studio"}),
        ("films { results { roles { character } } }", {"film", "role"}),
        ("films { results { roles { person { name } } } }", {"film", "role", "person"}),
        ("films { results { genres { id } } }", {"film", "link", "genre"}),
        ("films { results { stars } }", {"film", "review"}),
        ("films { results { lead } }", {"film", "role", "person"}),
        ("films { results { reviews } }", {"film", "review", "auth_user"}),
        ("film(id: 1) { title }", {"film"}),
        ("genres { name }", {"genre"}),
        ("people { results { name } }", {"person"}),
        ("cards { results { title } }", {"film"}),
        ("cards(limit: 1) { results { studio_name } }", {"film", "studio"}),
        ("stampedFilms { results { title } }", {"film", "studio", "link", "genre"}),
        ("stampedFilm(id: 1) { title }", {"film", "studio", "link", "genre"}),
        ("narrowFilms { title }", {"film"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_query_reads_no_table_for_what_it_does_not_select(
    askers: Iterable[Asker], selection: str, tables: set[str]
) -> None:
    film = Film.objects.latest("pk")
    with CaptureQueriesContext(connection) as captured:
        response = query(f"{{ {selection.replace('id: 1', f'id: {film.pk}')} }}")
    assert "errors" not in response
    assert tables_read(captured) == tables


@override_settings(GQL_LIVE={"CASE": "camel"})
def test_names_in_camel_case_are_found_in_the_row(askers: Iterable[Asker]) -> None:
    of = routed(FilmViewSet)
    with CaptureQueriesContext(connection) as captured:
        response = query("{ films(pageSize: 5) { results { figures { isLong } } } }", of)
    assert response["data"]["films"]["results"][0] == {"figures": {"isLong": None}}
    assert tables_read(captured) == {"film"}


def test_rows_cost_no_queries_of_their_own_for_what_is_not_selected(
    askers: Iterable[Asker],
    django_assert_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    with django_assert_num_queries(2):  # the count and the page
        response = query("{ films(page_size: 5) { results { id title figures { gross } } } }")
    assert len(response["data"]["films"]["results"]) == 5


# --- subscriptions ---


@pytest.mark.parametrize(
    ("selected", "tables"),
    [
        (["action id"], {"film"}),
        (["instance { title }"], {"film"}),
        (["instance { title }", "instances { studio { name } }"], {"film", "studio"}),
        (["instance { roles { character } }", "instance { stars }"], {"film", "role", "review"}),
    ],
    ids=[
        "nothing of the row",
        "what one selects",
        "rows and snapshots alike",
        "what either of two selects",
    ],
)
def test_a_change_reads_what_its_audience_selects_together(
    askers: Iterable[Asker], selected: list[str], tables: set[str]
) -> None:
    plans = [planned(f"subscription {{ films {{ {each} }} }}") for each in selected]
    with CaptureQueriesContext(connection) as captured:
        outcome = evaluated(plans, changed=Film.objects.order_by("-pk")[:1])
    assert all(len(payloads) == 1 for payloads in outcome.payloads.values())
    assert tables_read(captured) == tables


def test_who_joins_later_brings_its_own_needs(askers: Iterable[Asker]) -> None:
    first = planned("subscription { films { instance { title } } }")
    later = planned("subscription { films(snapshot: true) { instances { studio { name } } } }")
    outcome = evaluated([first], changed=Film.objects.all()[:1], joining=[later])
    assert '"name":"name-1"' in snapshot_of(outcome, later.selection).text
    after = evaluated([first, later], changed=Film.objects.all()[:1])
    assert '"title":"title-0"' in after.payloads[first.selection][0].text


def test_a_row_of_the_old_dialect_is_whole_whoever_listens_beside_it(
    askers: Iterable[Asker],
) -> None:
    narrow = planned("subscription { films { instance { title } } }")
    whole = replace(narrow, selection=RowSelection("cinema.Film", "pk"))
    outcome = evaluated([narrow, whole], changed=Film.objects.all()[:1])
    text = outcome.payloads[whole.selection][0].text
    assert all(f'"{name}":' in text for name in FilmSerializer.Meta.fields)


# --- what is selected is what it would be ---

PROPERTY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def object_type(name: str) -> GraphQLObjectType:
    """An object type of the cinema's schema."""
    found = router.schema.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


@PROPERTY
@given(data=st.data())
@pytest.mark.parametrize(
    "root", ["films(page_size: 5)", "cards(limit: 5)", "film(id: 1)", "people", "genres"]
)
def test_a_query_gives_the_same_bytes_pruned_and_whole(
    askers: Iterable[Asker], root: str, data: st.DataObject
) -> None:
    assert router.schema.query_type is not None
    returned = router.schema.query_type.fields[root.partition("(")[0]].type
    selection, fragments = data.draw(selections(object_type(str(returned).strip("[]!"))))
    root = root.replace("id: 1", f"id: {Film.objects.latest('pk').pk}")
    text = f"query {DECLARED} {{ {root} {selection} }} {fragments}"
    assert encode(query(text)) == encode(query(text, run=run_in_full))


@PROPERTY
@given(data=st.data())
def test_an_event_has_the_same_bytes_pruned_and_whole(
    askers: Iterable[Asker], data: st.DataObject
) -> None:
    """Several selections share rows that are evaluated once; each gets what it gets alone."""
    drawn = data.draw(st.lists(selections(object_type("FilmChange")), min_size=1, max_size=3))
    plans = [
        planned(f"subscription {DECLARED} {{ films(snapshot: {snapshot}) {of} }} {fragments}")
        for of, fragments in drawn
        for snapshot in ("true", "false")
    ]
    joining = plans[0].selection
    assert isinstance(joining, GraphQLSelection)
    outcome = evaluated(plans[1:], changed=Film.objects.all(), joining=plans[:1])
    for plan in plans:
        assert isinstance(plan.selection, GraphQLSelection)
        whole = replace(plan, selection=replace(plan.selection, wanted=EVERYTHING))
        alone = evaluated([whole], changed=Film.objects.all(), joining=[whole])
        if plan is plans[0]:
            assert snapshot_of(outcome, joining) == snapshot_of(alone, whole.selection)
        else:
            assert outcome.payloads[plan.selection] == alone.payloads[whole.selection]
