"""What is read is heard of: the models whose tables SQL names, and the fields that ask for it."""

from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone
from rest_framework import serializers

from gql_live.dependencies import models_in_sql, observe_opaque, observed_tables
from gql_live.pruning import want
from gql_live.wanted import EVERYTHING, Wanted
from tests.parity.cinema.models import Film, Genre, Person, Studio
from tests.parity.cinema.serializers import FilmSerializer, GenreSerializer, RoleSerializer

RecursiveField = pytest.importorskip("rest_framework_recursive.fields").RecursiveField


@pytest.mark.parametrize(
    ("sql", "models"),
    [
        ('SELECT "cinema_film"."id" FROM "cinema_film"', {"cinema.film"}),
        ("select * from cinema_film f, CINEMA_ROLE r", {"cinema.film", "cinema.role"}),
        ("SELECT 1 FROM `cinema_film` JOIN [cinema_role]", {"cinema.film", "cinema.role"}),
        ('SELECT 1 FROM "public"."cinema_film"', {"cinema.film"}),
        ("INSERT INTO todo_list_members VALUES (%s)", {"todo.list_members"}),
        ("SELECT cinema_films, my_cinema_film, cinema_film2 FROM x", set()),
        ("SELECT 'cinema_film'", {"cinema.film"}),
        ("", set()),
        ('SELECT "cinema_film"' + " " * 20_000, {"cinema.film"}),
    ],
    ids=[
        "quoted",
        "bare",
        "quoted otherwise",
        "in a schema",
        "links",
        "lookalikes",
        "text",
        "nothing",
        "long",
    ],
)
def test_tables_are_known_by_their_names(sql: str, models: set[str]) -> None:
    assert models_in_sql(sql) == models


def test_what_runs_within_is_heard_of_and_nothing_else(db: None) -> None:
    seen = {"todo.list"}
    Film.objects.count()
    with observed_tables(seen) as heard:
        list(Genre.objects.iterator())
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from cinema_role")
        with observed_tables() as inner:
            Person.objects.exists()
    Studio.objects.count()
    assert heard is seen
    assert seen == {"todo.list", "cinema.genre", "cinema.role", "cinema.person"}
    assert inner == {"cinema.person"}
    assert [each.execute_wrappers for each in connections.all()] == [[]]


def test_a_query_that_fails_is_heard_of_and_fails(db: None) -> None:
    with (
        observed_tables() as seen,
        pytest.raises(ValueError, match="no"),
        connection.execute_wrapper(_refuse),
    ):
        Film.objects.count()
    assert seen == {"cinema.film"}


def _refuse(*_: Any) -> Any:
    raise ValueError("no")


# --- fields ---


@pytest.fixture
def film(db: None, django_user_model: Any) -> Film:
    """A film with a studio, a role and a genre that has a parent."""
    film = Film.objects.create(
        title="x",
        budget=1,
        added=timezone.now(),
        studio=Studio.objects.create(name="s", slug="s"),
        keeper=django_user_model.objects.create_user("keeper"),
    )
    film.roles.create(person=Person.objects.create(name="p"), character="c")
    film.genres.create(name="g", parent=Genre.objects.create(name="parent"))
    return Film.objects.get()


class Loud(RoleSerializer):
    def to_representation(self, instance: Any) -> Any:
        return {**super().to_representation(instance), "studio": instance.film.studio.name}


class Counted(RoleSerializer):
    @property
    def data(self) -> Any:
        return {**super().data, "genres": Genre.objects.count()}


class ChainSerializer(serializers.ModelSerializer[Genre]):
    parent = RecursiveField()

    class Meta:
        model = Genre
        fields = ["id", "parent"]


@pytest.mark.parametrize(
    ("serializer_class", "opaque", "models"),
    [
        (FilmSerializer, [], set()),
        (FilmSerializer, ["title"], set()),
        (FilmSerializer, ["nothing", "roles.nothing.x"], set()),
        (FilmSerializer, ["stars"], {"cinema.review"}),
        (FilmSerializer, ["roles.person.role_count"], {"cinema.role"}),
        (FilmSerializer, ["roles"], {"cinema.role", "cinema.person"}),
        (FilmSerializer, ["stars", "genres.path"], {"cinema.review", "cinema.genre"}),
        (RoleSerializer, ["*"], {"cinema.person", "cinema.role"}),
        (Loud, ["person"], {"cinema.person", "cinema.role"}),
        (Loud, ["*"], {"cinema.person", "cinema.role", "cinema.film", "cinema.studio"}),
        (ChainSerializer, ["parent"], {"cinema.genre"}),
    ],
    ids=[
        "none",
        "a column",
        "one that is not there",
        "a method",
        "one that is nested",
        "nested rows",
        "two",
        "all",
        "a relation",
        "its own rows",
        "one that cannot be wrapped",
    ],
)
@pytest.mark.parametrize("many", [False, True], ids=["one row", "many rows"])
def test_an_opaque_field_is_heard_of(
    film: Film, rf: Any, serializer_class: Any, opaque: list[str], models: set[str], many: bool
) -> None:
    def serializer() -> Any:
        row = serializer_class.Meta.model._default_manager.order_by("-pk")[0]
        given = [row] if many else row
        return serializer_class(given, many=many, context={"request": rf.get("/")})

    seen: set[str] = set()
    observed = serializer()
    with observe_opaque(observed, opaque, seen):
        data = observed.data
    assert seen == models
    assert data == serializer().data


def test_data_that_a_serializer_makes_itself_is_heard_of_within(film: Film) -> None:
    seen: set[str] = set()
    serializer = Counted(film.roles.get())
    with observe_opaque(serializer, ["*"], seen):
        assert serializer.data["genres"] == 2
    assert seen == {"cinema.person", "cinema.role", "cinema.genre"}


def test_another_instance_of_the_serializer_is_not_heard(film: Film, rf: Any) -> None:
    seen: set[str] = set()
    observe_opaque(GenreSerializer(), ["path"], seen)
    assert GenreSerializer(film.genres.get()).data["path"] == "parent/g"
    assert seen == set()


def test_a_pruned_serializer_is_heard(film: Film) -> None:
    class View:
        def get_serializer(self, *arguments: Any, **named: Any) -> Any:
            return FilmSerializer(*arguments, **named)

    view = View()
    want(view, Wanted({"stars": EVERYTHING, "roles": Wanted({"id": EVERYTHING})}))
    seen: set[str] = set()
    serializer = view.get_serializer([film], many=True)
    with observe_opaque(serializer, ["stars", "lead", "roles.person.role_count"], seen):
        assert set(serializer.data[0]) == {"stars", "roles"}
    assert seen == {"cinema.review"}
