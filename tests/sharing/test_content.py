"""What objects hold is equal where they tell the same, and only there."""

from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import QueryDict
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer

from gql_live.recording.content import OpaqueError, content
from tests.parity.cinema.models import Film
from tests.todo.models import List, Task

UTC_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def closure(held: Any) -> Any:
    return lambda: held


def user(**columns: Any) -> Any:
    return get_user_model()(**({"pk": 1, "date_joined": UTC_NOON} | columns))


def film(poster: str) -> Film:
    """A film whose poster was looked at."""
    made = Film(pk=1, title="Dune", poster=poster)
    assert made.poster == poster
    return made


def part(*names: str) -> Any:
    """A row of which some columns are loaded."""
    return List.from_db("default", names, [1] * len(names))


def related(text: str) -> Task:
    """A task whose list leads back to it."""
    task = Task(pk=1, text=text, list=List(pk=1, name="", owner=user()))
    task.list.newest = task  # type: ignore[attr-defined]  # put aside
    return task


def noted(mark: str) -> List:
    """A list of which somebody keeps something where it says where it is from."""
    made = List(pk=1)
    made._state.mark = mark  # type: ignore[attr-defined]
    return made


def along(text: str, **asked: Any) -> List:
    """A list with its task, fetched along."""
    tasks = Task.objects.filter(list=1, **asked)
    tasks._result_cache = [Task(pk=1, text=text)]
    made = List(pk=1)
    made._prefetched_objects_cache = {"tasks": tasks}  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(
    ("make", "other"),
    [
        (lambda: None, False),
        (lambda: 1, True),
        (lambda: 1, 1.0),
        (lambda: 0.0, -0.0),
        (lambda: "1", 1),
        (lambda: "a", b"a"),
        (lambda: Decimal("1.0"), Decimal("1.00")),
        (
            lambda: datetime(2026, 1, 1, 12, tzinfo=UTC),
            UTC_NOON.astimezone(timezone(timedelta(hours=1))),
        ),
        (lambda: date(2026, 1, 1), datetime(2026, 1, 1)),
        (lambda: timedelta(1), timedelta(2)),
        (lambda: UUID(int=1), UUID(int=2)),
        (lambda: [1, "a"], (1, "a")),
        (lambda: [1, 2], [2, 1]),
        (lambda: [1], [True]),
        (lambda: {1, 2}, {1}),
        (lambda: {"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (lambda: {"a": [1]}, {"a": [True]}),
        (lambda: QueryDict("a=1&a=2"), QueryDict("a=2")),
        (lambda: QueryDict("a=1"), {"a": ["1"]}),
        (lambda: List, Task),
        (lambda: Task.Priority.LOW, Task.Priority.HIGH),
        (lambda: Task.Priority.LOW, "low"),
        (lambda: closure, content),
        (lambda: closure([1]), closure([2])),
        (lambda: user(username="ada"), user(username="grace")),
        (user, AnonymousUser()),
        (user, SimpleLazyObject(user)),
        (lambda: SimpleLazyObject(user), SimpleLazyObject(lambda: user(pk=2))),
        (lambda: related("Read"), related("Write")),
        (lambda: related("Read").list, List(pk=1, name="", owner=user())),
        (lambda: film("one.png"), film("other.png")),
        (lambda: part("id", "name"), part("id")),
        (lambda: part("id"), List(pk=1)),
        (lambda: noted("a"), noted("b")),
        (lambda: along("Read"), along("Write")),
        (lambda: along("Read"), along("Read", done=True)),
        (lambda: SessionStore("a" * 8), SessionStore("b" * 8)),
        (JSONRenderer, PageNumberPagination()),
    ],
)
def test_the_same_is_equal_and_nothing_else(make: Any, other: Any) -> None:
    assert content(make()) == content(make())
    assert hash(content(make())) == hash(content(make()))
    assert content(make()) != content(other)


@pytest.mark.parametrize(
    "thing",
    [
        object(),
        SimpleNamespace(a=1),
        OrderedDict(a=1),
        mark_safe("a"),
        gettext_lazy("yes"),
        iter([]),
        print,
        [object()],
        {"a": {"b": object()}},
        closure(object()),
        JSONRenderer().render.__func__.__get__(object()),  # type: ignore[attr-defined]  # a method
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_what_nobody_knows_is_opaque(thing: Any) -> None:
    with pytest.raises(OpaqueError):
        content(thing)


def test_a_session_that_was_written_to_is_opaque() -> None:
    session = SessionStore()
    session["b"] = 1
    with pytest.raises(OpaqueError):
        content(session)


def test_known_objects_stand_for_themselves() -> None:
    one, other = object(), object()
    assert content([one], one) == content([other], other)
    assert content([one, other], one, other) != content([one, other], other, one)
