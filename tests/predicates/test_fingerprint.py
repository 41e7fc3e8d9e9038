"""Which querysets ask the same."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    FloatField,
    Func,
    IntegerField,
    Prefetch,
    Q,
    QuerySet,
    Value,
    Window,
)
from django.db.models.functions import Lower, RowNumber, Upper
from pytest_django import DjangoAssertNumQueries

from gql_live.predicates import fingerprint
from tests.convergence.tracker.models import Tag
from tests.parity.cinema.models import Film, Review, Role
from tests.publish.library.models import Book as Volume
from tests.publish.library.models import Novel, Paperback
from tests.schema_builder.catalog.models import Book
from tests.todo.models import List, Task

Ask = Callable[[Any], QuerySet[Any]]

tasks, films, tags = Task.objects.all(), Film.objects.all(), Tag.objects.all()


class Marked(QuerySet[Task]):
    """It carries what Django knows nothing of."""

    mark: Any

    def marked(self, mark: Any) -> "Marked":
        marked = self.all()
        marked.mark = mark
        return marked


class Times(Func):
    """A key, multiplied by Python as it comes: by how much, the SQL does not tell."""

    function = "ABS"
    output_field = IntegerField()

    def __init__(self, *, by: int) -> None:
        super().__init__(F("pk"))
        self.by = by

    @property
    def convert_value(self) -> Any:
        return lambda value, *_: value * self.by


# The type checker's plugin cannot read a subclass of Prefetch.
Followed: Any = type("Followed", (Prefetch,), {"__doc__": "Nobody knows what it fetches."})


def whole(expression: Any, field: Any) -> "ExpressionWrapper[Any]":
    return ExpressionWrapper(expression, output_field=field)


def reviews_by(key: int) -> QuerySet[Review]:
    return Review.objects.filter(author=key)


def named(name: str) -> QuerySet[Task]:
    owner = User(pk=1, username=name, date_joined=datetime(2030, 1, 1, tzinfo=UTC))
    return List(pk=1, name="home", owner=owner).tasks.all()


QUESTIONS: dict[str, tuple[Ask, Any, Any]] = {
    "what it is filtered by": (lambda key: tasks.filter(list=key), 1, 2),
    "several": (lambda keys: tasks.filter(list__in=keys), [1, 2], [1, 3]),
    "how many": (lambda keys: tasks.filter(list__in=keys), [1, 2], [1, 2, 3]),
    "the order": (tasks.order_by, "text", "-text"),
    "which order comes first": (
        lambda names: tasks.order_by(*names),
        ["text", "pk"],
        ["pk", "text"],
    ),
    "the order of the model or none": (lambda way: getattr(tags, way)(), "all", "order_by"),
    "an order that is turned around": (
        lambda way: getattr(tasks.order_by("text"), way)(),
        "all",
        "reverse",
    ),
    "an order by an expression": (
        tasks.order_by,
        Lower("text"),
        Upper("text"),
    ),
    "an order by what has no column": (
        lambda expression: tasks.alias(x=expression).order_by("x"),
        Lower("text"),
        Upper("text"),
    ),
    "an order by a filtered relation": (
        lambda key: films.annotate(
            x=FilteredRelation("reviews", condition=Q(reviews__author=key))
        ).order_by("x__text"),
        1,
        2,
    ),
    "an order by other SQL": (
        lambda sql: tasks.extra(select={"x": sql}, order_by=["x"]),
        "1",
        "2",
    ),
    "the order of a slice": (lambda name: tasks.order_by(name)[:3], "text", "-text"),
    "the order of each row once": (lambda name: tasks.distinct().order_by(name), "text", "-text"),
    "a slice": (lambda end: tasks.all()[:end], 3, 4),
    "a truth is no number": (lambda value: tasks.annotate(x=Value(value)), True, 1),
    "a number is no other number": (
        lambda value: tasks.annotate(x=Value(value, output_field=DecimalField())),
        Decimal("1.0"),
        Decimal("1.00"),
    ),
    "inside JSON": (lambda value: films.filter(facts__colour=value), ["red"], ["blue"]),
    "the columns": (tasks.only, "text", "done"),
    "related rows along": (films.select_related, "studio", "keeper"),
    "the model": (lambda model: model.objects.all(), Volume, Paperback),
    "values": (lambda way: getattr(tasks, way)("text"), "values", "values_list"),
    "what values are called": (tasks.values, "list", "list_id"),
    "what Python makes of a column": (
        lambda field: tasks.annotate(x=whole(F("pk"), field)),
        IntegerField(),
        FloatField(),
    ),
    "how Python makes it": (
        lambda digits: tasks.annotate(
            x=whole(F("pk"), DecimalField(max_digits=9, decimal_places=digits))
        ),
        1,
        2,
    ),
    "rows fetched along": (films.prefetch_related, "roles", "genres"),
    "which rows are fetched along": (
        lambda key: films.prefetch_related(Prefetch("reviews", reviews_by(key))),
        1,
        2,
    ),
    "where they are put": (
        lambda name: films.prefetch_related(Prefetch("reviews", reviews_by(1), to_attr=name)),
        "mine",
        "own",
    ),
    "deep down": (
        lambda key: films.prefetch_related(
            Prefetch(
                "roles",
                Role.objects.prefetch_related(
                    Prefetch("film__reviews", reviews_by(key), to_attr="said")
                ),
            )
        ),
        1,
        2,
    ),
    "an attribute of the project's": (lambda mark: Marked(Task).marked(mark), 1, 2),
    "the row it hangs on": (lambda key: List(pk=key).tasks.all(), 1, 2),
    "what is loaded of the row it hangs on": (named, "ann", "bob"),
}


@pytest.mark.parametrize(("ask", "one", "other"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_the_same_asked_twice_is_one_question_and_anything_else_another(
    ask: Ask, one: Any, other: Any
) -> None:
    asked = fingerprint(ask(one))
    assert asked == fingerprint(ask(one))
    assert hash(asked) == hash(fingerprint(ask(one)))
    assert asked != fingerprint(ask(other))
    assert not asked.private


NOBODY_ELSES: dict[str, Callable[[], QuerySet[Any]]] = {
    "an attribute that cannot be compared": lambda: Marked(Task).marked({"by": []}),
    "a prefetch of the project's making": lambda: films.prefetch_related(Followed("roles")),
    "a value that Python makes in a way of the project's": lambda: tasks.annotate(x=Times(by=2)),
    "a private question among what is fetched along": lambda: List.objects.prefetch_related(
        Prefetch("tasks", Marked(Task).marked([]))
    ),
}


@pytest.mark.parametrize("ask", NOBODY_ELSES.values(), ids=NOBODY_ELSES.keys())
def test_what_cannot_be_compared_is_nobody_elses(ask: Callable[[], QuerySet[Any]]) -> None:
    asked = fingerprint(ask())
    assert asked.private
    assert asked != fingerprint(ask())


@pytest.mark.django_db
def test_rows_that_are_here_already_are_nobody_elses() -> None:
    fetched = tasks.all()
    assert not list(fetched)
    assert fingerprint(fetched).private


@pytest.mark.parametrize("ask", [tasks.none, lambda: films.filter(pk__in=[])])
def test_querysets_without_rows_ask_nothing(ask: Callable[[], QuerySet[Any]]) -> None:
    asked = fingerprint(ask())
    assert asked == fingerprint(Book.objects.none())
    assert not asked.sql


def test_a_database_of_another_name_is_another_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings, "replica", connections.settings[DEFAULT_DB_ALIAS])
    assert fingerprint(tasks.using("replica")).using == "replica"
    assert fingerprint(tasks.using("replica")) != fingerprint(tasks)


@pytest.mark.parametrize(
    "ask",
    [
        tasks.filter(list=1, done=True).order_by("text"),
        tasks.all(),
        tasks.annotate(x=Value(3)).filter(list__owner=2).distinct(),
        films.annotate(n=Count("roles")).filter(n__gt=1, studio=2),
        Novel.objects.filter(title="x"),
    ],
)
def test_a_question_is_narrowed_to_one_row_in_the_words_that_django_would_use(
    ask: QuerySet[Any],
) -> None:
    asked = fingerprint(ask)
    assert asked.narrowed is not None
    arguments = list(asked.arguments)
    arguments.insert(asked.narrowed.place, 17)
    narrowed = fingerprint(ask.filter(pk=17))
    assert arguments == list(narrowed.arguments)
    assert asked.narrowed.sql.replace("(%s)", "%s") == narrowed.sql.replace("(%s)", "%s")


@pytest.mark.parametrize(
    "ask",
    [
        tasks.order_by("text")[:3],
        tasks.filter(list=1).union(tasks.filter(list=2)),
        tasks.annotate(place=Window(RowNumber())).filter(place=1),
        tasks.none(),
    ],
)
def test_a_question_whose_answer_depends_on_other_rows_is_not_narrowed(
    ask: QuerySet[Any],
) -> None:
    assert fingerprint(ask).narrowed is None


@pytest.mark.django_db
def test_no_query_is_run(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        for ask, one, _ in QUESTIONS.values():
            fingerprint(ask(one))
