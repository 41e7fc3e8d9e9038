"""What can be said of a view beforehand, and what ``manage.py check`` says of it."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.checks import INFO, CheckMessage, run_checks
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import Count, Value
from django.db.models.sql.compiler import SQLInsertCompiler
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from gql_live import RealtimeMixin, RealtimeRouter, tracking
from gql_live.conf import configured
from gql_live.dependencies import audit
from gql_live.tracking import is_tracked, track_related
from tests.parity.cinema.models import Film, Review
from tests.parity.cinema.serializers import (
    FilmCardSerializer,
    FilmSerializer,
    NarrowFilmSerializer,
    StampedFilmSerializer,
)
from tests.parity.cinema.views import FilmCardViewSet, FilmViewSet
from tests.todo.models import Task
from tests.todo.views import TaskViewSet


def view_of(serializer: Any, **declared: Any) -> Any:
    attributes = {
        "queryset": Film.objects.all(),
        "serializer_class": serializer,
        "realtime_depends_on": {name.replace("0", "."): said for name, said in declared.items()},
    }
    return type("FilmView", (RealtimeMixin, ListAPIView), attributes)


class Chooses(RealtimeMixin, ListAPIView[Film]):
    queryset = Film.objects.all()
    realtime_depends_on = {"starz": ["reviews"]}

    def get_serializer_class(self) -> Any:
        return FilmSerializer


class CountedSerializer(serializers.ModelSerializer[Film]):
    role_count = serializers.IntegerField()
    genre_count = serializers.IntegerField()

    class Meta:
        model = Film
        fields = ["role_count", "genre_count"]


class Counts(RealtimeMixin, ListAPIView[Film]):
    queryset = Film.objects.all()
    serializer_class = CountedSerializer

    def get_queryset(self) -> Any:
        return (
            super().get_queryset().annotate(role_count=Count("roles")).alias(genre_count=Value(1))
        )


class Refuses(Chooses):
    def get_serializer_class(self) -> Any:
        raise LookupError


NO_FIELD = "which is no field of FilmSerializer: name a field"


@pytest.mark.parametrize(
    ("view", "wrong"),
    [
        (view_of(FilmSerializer), []),
        (view_of(FilmSerializer, stars=["reviews"], roles0person=[], **{"*": ["keeper"]}), []),
        (view_of(FilmSerializer, starz=["reviews"]), ["names 'starz', " + NO_FIELD]),
        (view_of(FilmSerializer, roles0stars=[]), ["names 'roles.stars', " + NO_FIELD]),
        (
            view_of(FilmSerializer, stars=["revues"], lead="roles", **{"*": ["cinema.Rolle"]}),
            ["no relation or column 'revues'", "give a list", "name an installed model"],
        ),
        (view_of(NarrowFilmSerializer, starz=[]), []),
        (Chooses, []),
        (Refuses, []),
    ],
    ids=[
        "nothing",
        "all is there",
        "no such field",
        "no such nested field",
        "what leads nowhere",
        "fields that depend on who asks",
        "a serializer that does",
        "a view that says nothing",
    ],
)
def test_what_is_declared_wrongly_is_found(view: Any, wrong: Sequence[str]) -> None:
    found = audit(view).wrong
    assert len(found) == len(wrong)
    for message, part in zip(found, wrong, strict=True):
        assert part in message
        assert message.startswith("FilmView.realtime_depends_on")


OPAQUE = ("figures.is_long", "genres.path", "lead", "reviews", "reviews.mine")
AND_MORE = ("roles.person.role_count", "stars")


@pytest.mark.parametrize(
    ("view", "opaque"),
    [
        (TaskViewSet, {}),
        (view_of(FilmCardSerializer), {}),
        (view_of(StampedFilmSerializer), {"StampedFilmSerializer": ("*",)}),
        (FilmViewSet, {"FilmSerializer": OPAQUE + AND_MORE}),
        (FilmCardViewSet, {"FilmSerializer": OPAQUE + AND_MORE}),
        (
            view_of(FilmSerializer, stars=["reviews"], roles=[], lead=["rolls"]),
            {"FilmSerializer": OPAQUE},
        ),
        (Refuses, {}),
    ],
    ids=[
        "columns",
        "relations",
        "a whole row",
        "many",
        "in one action",
        "but what is said",
        "none",
    ],
)
def test_where_derivation_stops_is_found(view: Any, opaque: dict[str, Any]) -> None:
    assert dict(audit(view).opaque) == opaque


# --- checks ---


@pytest.fixture
def wrongly_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the registered views declares what is not there."""
    monkeypatch.setattr(FilmViewSet, "realtime_depends_on", {"stars": ["revues"]})


def said(*, deploy: bool = False) -> list[CheckMessage]:
    messages = run_checks(tags=["gql_live"], include_deployment_checks=deploy)
    return [each for each in messages if each.id in {"gql_live.E200", "gql_live.I200"}]


def test_a_wrong_declaration_is_an_error(wrongly_declared: None) -> None:
    [error] = said()
    assert (error.id, error.obj) == ("gql_live.E200", "tests.parity.cinema.realtime:router")
    assert error.msg.startswith("FilmViewSet.realtime_depends_on['stars'] names 'revues': ")


def test_what_is_watched_is_told_where_somebody_looks_at_a_deployment() -> None:
    assert said() == []
    assert {each.level for each in said(deploy=True)} == {INFO}
    told = {each.msg.partition("]")[0]: each for each in said(deploy=True)}
    genres = told["[GenreList > GenreSerializer"]
    assert genres.id == "gql_live.I200"
    assert "cannot be derived: path." in genres.msg
    assert 'realtime_depends_on = {"path": ["lookup__path"]} on GenreList' in (genres.hint or "")
    assert not [name for name in told if "TaskViewSet" in name]


@pytest.fixture
def left_alone(own_tracking: None, settings: Any) -> None:
    """Reviews are not looked at when they are written."""
    settings.GQL_LIVE = {**configured(), "UNTRACKED": ["cinema.Review"]}
    tracking._tables.clear()
    tracking._roots.clear()
    track_related(Film)


def warned(number: str) -> list[CheckMessage]:
    return [each for each in run_checks(tags=["gql_live"]) if each.id == f"gql_live.{number}"]


def test_every_view_depends_on_what_is_looked_at() -> None:
    assert warned("W200") == []


def test_a_view_that_depends_on_what_is_not_looked_at_is_named(left_alone: None) -> None:
    named = {each.msg.partition("]")[0]: each for each in warned("W200")}
    assert "cinema.review, whose writes are not looked at" in named["[FilmViewSet"].msg
    assert "UNTRACKED" in (named["[FilmViewSet"].hint or "")
    assert "[TaskViewSet" not in named


def test_what_a_view_names_is_looked_at_whatever_the_settings_say(left_alone: None) -> None:
    view = view_of(FilmSerializer, stars=["reviews"], **{"*": ["sessions.Session"]})
    RealtimeRouter().register(view)
    assert is_tracked(Review)
    assert is_tracked(Session)


def test_a_database_that_writes_in_its_own_way_is_named_with_its_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert warned("W201") == []

    class Compiler(SQLInsertCompiler):
        def execute_sql(self, *_: Any, **__: Any) -> Any:
            """As a backend of a database that speaks no SQL."""

    def compiler(operations: Any, name: str) -> Any:
        return (
            Compiler
            if name == "SQLInsertCompiler"
            else BaseDatabaseOperations.compiler(operations, name)
        )

    monkeypatch.setattr(type(connection.ops), "compiler", compiler)
    [warning] = warned("W201")
    assert warning.obj == "default"
    assert "cinema.Film, " in warning.msg


class Replicated:
    """Reads tasks from a copy."""

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        return "replica" if model is Task else None


def test_a_view_that_reads_from_a_replica_is_named(settings: Any) -> None:
    assert warned("W202") == []
    settings.DATABASE_ROUTERS = [Replicated()]
    [warning] = warned("W202")
    assert "todo.Task is written to 'default' and read from 'replica'" in warning.msg
