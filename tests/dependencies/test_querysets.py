"""What is derived from a queryset: whose rows it is filtered, annotated and loaded by."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.expressions import RawSQL
from django.db.models.query import ModelIterable

from gql_live.dependencies import QuerysetReach, queryset_reach
from tests.dependencies.museum import Museum
from tests.dependencies.notation import said
from tests.parity.cinema.models import Film, Genre, Review, Role, Studio
from tests.publish.library.models import Comic, Favourite, Novel, Reader, Saga
from tests.schema_builder.catalog.models import Book, Note
from tests.todo.models import Task
from tests.todo.views import lists_of

USER = User(pk=7)

films, roles, reviews, tasks = Film.objects, Role.objects, Review.objects, Task.objects
people = roles.filter(person__name="x")
of_this_film = {"film": OuterRef("pk")}
of_the_same_film = {"film": OuterRef("film")}
reviewed = roles.filter(Exists(reviews.filter(**of_the_same_film)))
about_both = roles.filter(Exists(reviews.filter(film=OuterRef(OuterRef("pk")))))
counted = roles.filter(**of_this_film).values("film").annotate(n=Count("pk")).values("n")

STUDIO = "cinema.film >studio_id cinema.studio"
ROLES = "cinema.film <film_id cinema.role"
PEOPLE = f"{ROLES} >person_id cinema.person"
REVIEWS = "cinema.film <film_id cinema.review"
GENRES = "cinema.film <film_id cinema.film_genres >genre_id cinema.genre"
BOOK_OF_SAGA = "library.saga >novel_ptr_id library.novel >book_ptr_id library.book"


def with_all_related(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """What ``select_related()`` makes where no relation is named, of which Django 6.1 warns."""
    rows.query.select_related = True
    return rows


# --- rows that lead back ---

JOINS: dict[str, tuple[QuerySet[Any, Any], list[str]]] = {
    "nothing": (films.all(), []),
    "no rows": (films.none(), []),
    "own columns": (films.filter(title="x", studio=3, studio_id__in=[1]), []),
    "an order": (films.order_by("studio__name"), []),
    "a reference": (films.filter(studio__name="x"), [STUDIO]),
    "two ways": (
        films.filter(Q(studio__name="x") | Q(roles__person__name="y")).distinct(),
        [PEOPLE, STUDIO],
    ),
    "links": (films.filter(genres=3), ["cinema.film <film_id cinema.film_genres"]),
    "linked rows": (films.filter(genres__name="x"), [GENRES]),
    "rows of linked rows": (
        films.filter(genres__parent__name="x"),
        [f"{GENRES} >parent_id cinema.genre"],
    ),
    "not a referred row": (films.exclude(studio__name="x"), [STUDIO]),
    "no child": (films.exclude(roles__character="x"), [ROLES]),
    "no row of a child": (films.exclude(roles__person__name="x"), [PEOPLE]),
    "a count": (films.annotate(n=Count("roles")), [ROLES]),
    "a count of some": (
        films.annotate(n=Count("roles", filter=Q(roles__person__name="x"))),
        [PEOPLE],
    ),
    "a column of another row": (films.annotate(n=F("studio__name")), [STUDIO]),
    "a value of another row": (films.values("studio__name"), [STUDIO]),
    "a case": (films.annotate(n=Case(When(studio__name="x", then=1), default=0)), [STUDIO]),
    "a filtered relation": (
        films.annotate(
            extras=FilteredRelation("roles", condition=Q(roles__character="x")),
        ).filter(extras__person__name="y"),
        [PEOPLE],
    ),
    "a union": (
        films.filter(studio__name="x").union(films.filter(roles__character="y")),
        [ROLES, STUDIO],
    ),
    "owned or shared": (lists_of(USER), ["todo.list <list_id todo.list_members"]),
    "a generic relation": (
        Book.objects.filter(notes__text="x"),
        ["catalog.book <object_id:catalog.book catalog.note"],
    ),
    "a column of a grandparent": (Saga.objects.filter(title="x"), [BOOK_OF_SAGA]),
    "links of a grandparent": (
        Saga.objects.filter(fans__card="x"),
        [f"{BOOK_OF_SAGA} <book_id library.favourite"],
    ),
    "links to another column": (
        Reader.objects.filter(favourites__title="x"),
        ["library.reader <reader_id=card library.favourite >book_id library.book"],
    ),
}

SUBQUERIES: dict[str, tuple[QuerySet[Any, Any], list[str]]] = {
    "rows of visible rows": (
        tasks.filter(list__in=lists_of(USER)),
        ["todo.task >list_id todo.list <list_id todo.list_members"],
    ),
    "rows that are referred to": (films.filter(pk__in=people.values("film")), [PEOPLE]),
    "rows that are not": (films.exclude(pk__in=roles.values("film_id")), [ROLES]),
    "in two steps": (
        films.filter(studio__in=Studio.objects.filter(pk__in=films.values("studio"))),
        [f"{STUDIO} <studio_id cinema.film"],
    ),
    "compared behind a join": (
        films.filter(roles__person__in=roles.values("person")),
        [f"{ROLES} <person_id=person_id cinema.role"],
    ),
    "children": (
        Novel.objects.filter(pk__in=Saga.objects.all()),
        ["library.novel >book_ptr_id library.saga"],
    ),
    "one exists": (films.filter(Exists(people.filter(**of_this_film))), [PEOPLE]),
    "none exists": (films.filter(~Exists(roles.filter(**of_this_film))), [ROLES]),
    "one exists beside": (
        roles.filter(Exists(reviews.filter(**of_the_same_film))),
        ["cinema.role <film_id=film_id cinema.review"],
    ),
    "one exists for one that exists": (
        films.filter(Exists(reviewed.filter(**of_this_film))),
        [f"{ROLES} <film_id=film_id cinema.review"],
    ),
    "one exists for the row outside": (
        films.filter(Exists(about_both.filter(**of_this_film))),
        [REVIEWS, ROLES],
    ),
    "the first in an order": (
        films.annotate(
            lead=Subquery(roles.filter(**of_this_film).order_by("person__name").values("pk")[:1])
        ),
        [PEOPLE],
    ),
    "a count of its own": (films.annotate(n=Subquery(counted)), [ROLES]),
    "the row itself": (
        films.filter(Exists(films.filter(pk=OuterRef("pk"), studio__name="x"))),
        ["cinema.film >id cinema.film >studio_id cinema.studio"],
    ),
}


@pytest.mark.parametrize(("queryset", "paths"), JOINS.values(), ids=JOINS)
def test_a_join_leads_back(queryset: QuerySet[Any], paths: list[str]) -> None:
    assert queryset_reach(queryset) == QuerysetReach(paths=queryset_reach(queryset).paths)
    assert said(queryset_reach(queryset).paths) == paths


@pytest.mark.parametrize(("queryset", "paths"), SUBQUERIES.values(), ids=SUBQUERIES)
def test_a_subquery_that_belongs_to_a_row_leads_back(
    queryset: QuerySet[Any], paths: list[str]
) -> None:
    assert queryset_reach(queryset) == QuerysetReach(paths=queryset_reach(queryset).paths)
    assert said(queryset_reach(queryset).paths) == paths


@pytest.mark.parametrize("queryset", [row[0] for row in JOINS.values()], ids=JOINS)
def test_compiling_a_queryset_changes_nothing(queryset: QuerySet[Any], db: None) -> None:
    queryset = queryset.all()
    before = queryset_reach(queryset)
    list(queryset)
    assert queryset_reach(queryset) == before


# --- rows any of which counts ---

LINKED = "select film_id from cinema_role where id > %s"

ANY_ROW: dict[str, tuple[QuerySet[Any, Any], set[str], set[str]]] = {
    "one of the most": (
        films.filter(studio__in=Studio.objects.order_by("name")[:3]),
        {"cinema.studio"},
        set(),
    ),
    "compared by size": (
        films.filter(minutes__gt=Subquery(reviews.values("stars")[:1])),
        {"cinema.review"},
        set(),
    ),
    "compared with many": (
        films.filter(studio__in=films.filter(roles__character="x").values("studio").distinct()[:2]),
        {"cinema.film", "cinema.role"},
        set(),
    ),
    "grouped": (
        films.filter(
            pk__in=roles.values("person").annotate(n=Count("pk")).filter(n=1).values("film")
        ),
        {"cinema.role"},
        set(),
    ),
    "one of a union": (
        films.filter(pk__in=films.filter(title="x").union(films.filter(roles=1)).values("pk")),
        {"cinema.film", "cinema.role"},
        set(),
    ),
    "anything exists": (films.filter(Exists(roles.all())), {"cinema.role"}, set()),
    "or exists": (
        films.filter(Exists(roles.filter(Q(film=OuterRef("pk")) | Q(person__name="x")))),
        {"cinema.person", "cinema.role"},
        set(),
    ),
    "one exists behind a join": (
        films.filter(Exists(roles.filter(person__roles__film=OuterRef("pk")))),
        {"cinema.person", "cinema.role"},
        set(),
    ),
    "none of what may be null": (
        Studio.objects.exclude(pk__in=films.values("studio")),
        {"cinema.film"},
        set(),
    ),
    "one of some values": (
        films.filter(minutes__in=[1, Subquery(reviews.values("stars")[:1])]),
        {"cinema.review"},
        set(),
    ),
    "the first by a subquery": (
        films.order_by(Subquery(reviews.filter(**of_this_film).values("stars")[:1]))[:3],
        {"cinema.film", "cinema.review"},
        set(),
    ),
    "shown": (
        films.annotate(n=Subquery(Genre.objects.values("name")[:1])),
        {"cinema.genre"},
        {"cinema.genre"},
    ),
    "raw": (films.filter(pk__in=RawSQL(LINKED, [1])), {"cinema.role"}, set()),
    "raw and shown": (
        films.annotate(n=RawSQL("select count(*) from cinema_role", [])),
        {"cinema.role"},
        {"cinema.role"},
    ),
    "extra": (films.extra(where=[f"id in ({LINKED})"], params=[1]), {"cinema.role"}, set()),
    "extra and shown": (
        films.extra(select={"n": "select count(*) from cinema_role"}, tables=["cinema_studio"]),
        {"cinema.role", "cinema.studio"},
        {"cinema.role", "cinema.studio"},
    ),
    "the first": (films.order_by("-gross")[:3], {"cinema.film"}, set()),
    "the first in an order": (
        films.filter(roles__character="x").order_by("studio__name")[:3],
        {"cinema.film", "cinema.role", "cinema.studio"},
        set(),
    ),
    "one of each": (films.distinct("studio").order_by("studio"), {"cinema.film"}, set()),
    "ranks": (films.annotate(n=Window(Count("pk"))), {"cinema.film"}, {"cinema.film"}),
    "groups": (
        films.values("studio").annotate(n=Count("roles")),
        {"cinema.film", "cinema.role"},
        {"cinema.film", "cinema.role"},
    ),
    "the first of a union": (
        films.filter(title="x")[:1].union(films.filter(title="y")),
        {"cinema.film"},
        set(),
    ),
}


@pytest.mark.parametrize(("queryset", "membership", "content"), ANY_ROW.values(), ids=ANY_ROW)
def test_where_nothing_leads_back_any_row_counts(
    queryset: QuerySet[Any], membership: set[str], content: set[str]
) -> None:
    reach = queryset_reach(queryset)
    assert reach.membership == membership
    assert reach.content == content


# --- rows that are loaded beside ---

FILM = "cinema.role >film_id cinema.film"
COMIC = "library.favourite >book_id library.book <book_ptr_id library.comic"

AS_CAST: Any = [Prefetch("roles", roles.all(), to_attr="cast"), "cast__person"]

LOADED: dict[str, tuple[QuerySet[Any, Any], list[str]]] = {
    "joined": (roles.select_related("film__studio"), [f"{FILM} >studio_id cinema.studio"]),
    "joined, whatever is never null": (
        with_all_related(roles.all()),
        [f"{FILM} >keeper_id auth.user", "cinema.role >person_id cinema.person"],
    ),
    "joined backwards": (
        Book.objects.select_related("sequel__author"),
        ["catalog.book <sequel_to_id catalog.book >author_id catalog.author"],
    ),
    "joined child": (
        Favourite.objects.select_related("book__comic"),
        [f"{COMIC} >artwork_ptr_id library.artwork", f"{COMIC} >book_ptr_id library.book"],
    ),
    "looked up": (
        films.prefetch_related("genres__children", "roles"),
        [f"{GENRES} <parent_id cinema.genre", ROLES],
    ),
    "looked up child": (
        Favourite.objects.prefetch_related("book__comic"),
        [f"{COMIC} >artwork_ptr_id library.artwork", f"{COMIC} >book_ptr_id library.book"],
    ),
    "looked up generically": (
        Book.objects.prefetch_related("notes"),
        ["catalog.book <object_id:catalog.book catalog.note"],
    ),
    "chosen": (
        films.prefetch_related(
            Prefetch("roles", roles.filter(character="x").select_related("person")),
        ),
        [PEOPLE],
    ),
    "chosen under another name": (
        films.prefetch_related(*AS_CAST),
        [PEOPLE],
    ),
    "chosen in turn": (
        films.prefetch_related(Prefetch("roles", roles.prefetch_related("person__roles"))),
        [f"{PEOPLE} <person_id cinema.role"],
    ),
}


@pytest.mark.parametrize(("queryset", "paths"), LOADED.values(), ids=LOADED)
def test_what_is_loaded_beside_rows_is_told_apart(
    queryset: QuerySet[Any], paths: list[str]
) -> None:
    reach = queryset_reach(queryset)
    assert said(reach.prefetched) == paths
    assert QuerysetReach(prefetched=reach.prefetched) == reach


def test_what_a_prefetch_is_chosen_and_ordered_by_counts_in_any_case() -> None:
    active = reviews.filter(author__is_active=True, film__studio__in=Studio.objects.all()[:1])
    reach = queryset_reach(films.prefetch_related(Prefetch("reviews", active)))
    assert said(reach.paths) == [
        f"{REVIEWS} >author_id auth.user",
        f"{REVIEWS} >film_id cinema.film",
    ]
    assert reach.membership == set()
    assert reach.content == {"cinema.studio"}
    by_name = Prefetch("roles", roles.order_by("person__name")[:2])
    assert said(queryset_reach(films.prefetch_related(by_name)).paths) == [PEOPLE]
    ranked = Prefetch("roles", roles.annotate(n=Window(Count("pk"))))
    assert queryset_reach(films.prefetch_related(ranked)).content == {"cinema.role"}


class EachByItsOwn(ModelIterable):  # type: ignore[type-arg]  # it takes none at run time
    pass


def by_its_own() -> QuerySet[Any]:
    queryset: Any = films.all()
    queryset._iterable_class = EachByItsOwn
    return queryset  # type: ignore[no-any-return]


class Slow(QuerySet[Film]):
    def _fetch_all(self) -> None:
        super()._fetch_all()


@pytest.mark.parametrize(
    "queryset",
    [Note.objects.prefetch_related("subject"), by_its_own(), Slow(Film)],
    ids=["a generic reference", "rows of their own kind", "a queryset of its own kind"],
)
def test_what_no_derivation_says_has_to_be_watched(queryset: QuerySet[Any]) -> None:
    assert queryset_reach(queryset).unfollowed


def test_rows_of_two_columns_count_as_any_row(museum: Museum) -> None:
    reach = queryset_reach(QuerySet(museum.Place).filter(visit__x=1))
    assert reach.membership == {"cinema.studio"}  # by the table's name
    assert reach.paths == set()


def test_an_order_that_has_no_end_ends(museum: Museum) -> None:
    assert queryset_reach(QuerySet(museum.Link)[:1]).membership == {"dependencies.link"}


def test_loading_that_has_no_end_ends(museum: Museum) -> None:
    [path] = queryset_reach(with_all_related(QuerySet(museum.Link))).prefetched
    assert path.models == ("dependencies.link",) * 5  # as deep as Django goes


def test_a_manager_chooses_what_is_looked_up_unless_a_queryset_does(museum: Museum) -> None:
    rooms: Any = QuerySet(museum.Room)
    [path] = queryset_reach(rooms.prefetch_related("works")).paths
    assert path.models[-1] == "dependencies.artist"
    every_work: Any = Prefetch("works", QuerySet(museum.Work))
    assert queryset_reach(rooms.prefetch_related(every_work)).paths == set()


def test_values_and_expressions_read_nothing() -> None:
    queryset = films.alias(n=Value(1)).filter(n=1, gross__gt=F("budget"), pk__in=[1, 2])
    assert queryset_reach(queryset) == QuerysetReach()


def test_a_comic_is_reached_over_the_parent_that_has_the_column() -> None:
    reach = queryset_reach(Comic.objects.filter(shelf__name="x"))
    assert said(reach.paths) == [
        "library.comic >book_ptr_id library.book >shelf_id library.shelf",
    ]
