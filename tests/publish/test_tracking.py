"""Which tables are tracked: what relations connect, and what they must not."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AbstractUser, Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.sql.compiler import SQLDeleteCompiler, SQLInsertCompiler, SQLUpdateCompiler
from pytest_django import Settings
from rest_framework.authtoken.models import Token

from gql_live import tracking
from gql_live.compilers import unwrap_compilers, wrap_compilers
from gql_live.tracking import is_tracked, remember, tables, track, track_related, unrelated
from tests.publish.library.models import (
    Artwork,
    Book,
    Comic,
    Favourite,
    Genre,
    Label,
    Loan,
    Novel,
    Paperback,
    Reader,
    Saga,
    Shelf,
    Visit,
)

LIBRARY: list[type[models.Model]] = [
    Artwork,
    Book,
    Comic,
    Favourite,
    Genre,
    Label,
    Loan,
    Novel,
    Reader,
    Saga,
    Shelf,
    Book.genres.through,
    Book.sequels.through,
]


@pytest.fixture(autouse=True)
def _nothing_tracked(own_tracking: None) -> None:
    tracking._tables.clear()
    tracking._roots.clear()
    tracking._unrelated.clear()


def tracked() -> set[str]:
    return {table.label for known in tables.values() for table in known}


def labels(*tracked: type[models.Model]) -> set[str]:
    return {model._meta.label_lower for model in tracked}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Genre, [Genre]),
        (Paperback, [Book]),
        (Book, [Book]),
        (Saga, [Saga, Novel, Book]),
        (Comic, [Comic, Book, Artwork]),
    ],
)
def test_a_model_is_tracked_by_its_own_table_and_its_parents(
    model: type[models.Model], expected: list[type[models.Model]]
) -> None:
    track(model)
    track(model)
    assert tracked() == labels(*expected)
    assert is_tracked(model)
    assert not is_tracked(Visit)


@pytest.mark.parametrize("model", [*LIBRARY, Paperback], ids=lambda model: model.__name__)
def test_relations_of_every_sort_are_followed_from_either_side(model: type[models.Model]) -> None:
    track_related(model)
    assert tracked() >= labels(*LIBRARY)
    assert not is_tracked(Visit)


def test_what_relates_everything_or_is_a_secret_is_not_tracked() -> None:
    track_related(User)
    assert tracked() >= labels(User, Group, User.groups.through, Group.permissions.through)
    assert not tracked() & labels(Permission, ContentType, Session, Token)


def test_what_relates_everything_is_no_bridge() -> None:
    track_related(Label)
    assert is_tracked(Book)
    assert not is_tracked(Group)


def test_what_no_relation_leads_to_is_unrelated() -> None:
    track_related(Label)
    assert unrelated[Visit._meta.db_table] == "library.visit"
    assert Group._meta.db_table in unrelated
    left_alone: list[type[models.Model]] = [Permission, ContentType, Session, Token]
    assert not unrelated.keys() & {each._meta.db_table for each in (*LIBRARY, *left_alone)}
    track_related(Group)
    assert Group._meta.db_table not in unrelated


def test_what_somebody_registers_is_tracked_whatever_it_is() -> None:
    track_related(ContentType)
    assert is_tracked(ContentType)


@pytest.mark.parametrize("name", ["library.Loan", "library.loan"])
def test_what_a_project_names_is_not_tracked(settings: Settings, name: str) -> None:
    settings.GQL_LIVE = {"UNTRACKED": [name]}
    track_related(Book)
    assert tracked() & labels(*LIBRARY) == labels(*LIBRARY) - labels(Loan)
    assert Loan._meta.db_table not in unrelated


def test_what_a_project_names_is_not_looked_at_though_no_relation_leads_there(
    settings: Settings,
) -> None:
    settings.GQL_LIVE = {"UNTRACKED": ["library.Visit"]}
    track_related(Book)
    assert Visit._meta.db_table not in unrelated


def test_an_abstract_model_has_no_rows() -> None:
    with pytest.raises(TypeError, match="abstract"):
        track(AbstractUser)


@pytest.fixture
def _forget_late_models() -> Iterator[None]:
    yield
    for name in ("late", "later"):
        apps.all_models["library"].pop(name, None)
    apps.clear_cache()


@pytest.mark.usefixtures("_forget_late_models")
def test_a_model_that_is_made_late_is_tracked_if_it_is_related() -> None:
    track_related(Genre)

    late: Any = type("Late", (Visit,), {"__module__": Visit.__module__})
    later: Any = type(
        "Later",
        (models.Model,),
        {
            "__module__": Visit.__module__,
            "genre": models.ForeignKey(Genre, models.CASCADE, related_name="+"),
        },
    )
    assert not is_tracked(late)
    assert late._meta.db_table in unrelated
    assert is_tracked(later)


def test_remembering_tracks_and_keeps_what_is_remembered() -> None:
    remember(Loan, "reader_id")
    remember(Loan, "book_id")
    track(Loan)
    (table,) = tables[Loan._meta.db_table]
    assert table.remembered == {"reader_id", "book_id"}


def test_compilers_are_wrapped_once_and_left_as_they_were() -> None:
    def methods() -> list[Any]:
        return [
            vars(compiler).get("execute_sql")
            for compiler in (SQLInsertCompiler, SQLUpdateCompiler, SQLDeleteCompiler)
        ]

    wrapped = methods()
    wrap_compilers()
    assert methods() == wrapped
    unwrap_compilers()
    plain = methods()
    assert [method and method.__module__ for method in plain] == [
        "django.db.models.sql.compiler",
        "django.db.models.sql.compiler",
        None,
    ]
    unwrap_compilers()
    assert methods() == plain
    wrap_compilers()
    assert all(method.__wrapped__ for method in methods())
    assert methods() != plain
