"""Whatever is written, each row that shows something else, or is in or out now, is among those that
tracing finds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from gql_live.changes import Change, key_of
from gql_live.dependencies import content_reach, queryset_reach
from gql_live.reach import Path
from gql_live.tracing import Key, trace
from gql_live.wanted import EVERYTHING
from tests.dependencies.random_rows import (
    WORLDS,
    Models,
    changes_between,
    populate,
    rolled_back,
    stored,
    write,
)
from tests.parity.cinema.models import Film, Genre, Person, Review, Role, Studio
from tests.publish.library import models as library
from tests.schema_builder.catalog.models import Author, Book, Note

WRITES = 8

PK = serializers.PrimaryKeyRelatedField
SLUG = serializers.SlugRelatedField


def shows(of: type[models.Model], **fields: Any) -> Any:
    """A serializer class with these fields, under names that no source has."""
    fields = {f"the_{name}": field for name, field in fields.items()}
    meta = type("Meta", (), {"model": of, "fields": list(fields)})
    return type(f"{of.__name__}s", (serializers.ModelSerializer,), {"Meta": meta, **fields})


def value(source: str) -> Any:
    return serializers.CharField(source=source, read_only=True)


def keys(source: str) -> Any:
    return PK(source=source, many=True, read_only=True)


def slugs(column: str, source: str) -> Any:
    return SLUG(column, source=source, many=True, read_only=True)


def rows(nested: Any, source: str) -> Any:
    return nested(source=source, many=True, read_only=True)


Person_ = shows(Person, n=value("name"), roles=keys("roles"))
Role_ = shows(Role, c=value("character"), person=Person_(read_only=True))
Review_ = shows(Review, by=SLUG("username", source="author", read_only=True))
Shelf_ = shows(library.Shelf, n=value("name"), books=keys("books"))
Note_ = shows(Note, t=value("text"))
Child_ = shows(Genre, n=value("name"), parent=value("parent.name"))

SERIALIZERS: Mapping[str, Any] = {
    "over a reference": shows(Film, s=value("studio.name"), films=value("studio.films.count")),
    "nested": shows(Film, roles=rows(Role_, "roles")),
    "nested, by name": shows(Film, reviews=rows(Review_, "reviews")),
    "links": shows(Film, g=keys("genres")),
    "linked rows": shows(Film, g=slugs("name", "genres"), n=rows(Child_, "genres")),
    "the other end": shows(Genre, f=slugs("title", "films"), roles=keys("films")),
    "a tree": shows(Genre, up=value("parent.parent.name"), down=rows(Child_, "children")),
    "far away": shows(Studio, people=rows(shows(Film, r=rows(Role_, "roles")), "films")),
    "a grandchild": shows(
        library.Saga,
        title=value("title"),
        pages=value("pages"),
        shelf=Shelf_(read_only=True),
        g=slugs("name", "genres"),
        fans=slugs("card", "fans"),
        favourites=keys("favourite_set"),
    ),
    "two parents": shows(library.Comic, t=value("title"), c=value("code"), s=value("shelf.name")),
    "children": shows(library.Book, n=value("novel.pages"), v=value("novel.saga.volumes")),
    "another column": shows(library.Reader, f=slugs("title", "favourites")),
    "links of another column": shows(library.Book, fans=keys("fans"), cards=slugs("card", "fans")),
    "a link": shows(library.Favourite, card=value("reader.card"), s=value("book.shelf.name")),
    "the same model": shows(library.Book, s=slugs("title", "sequels")),
    "generic": shows(Book, notes=rows(Note_, "notes")),
    "one to one": shows(Book, t=value("sequel.title"), k=PK(source="sequel", read_only=True)),
    "by uuid": shows(Author, books=slugs("title", "book_set"), edited=keys("edited")),
}

films, roles, reviews, genres = Film.objects, Role.objects, Review.objects, Genre.objects
of_this_film = {"film": OuterRef("pk")}
reviewed = roles.filter(film__reviews__stars=1)
by_person_a = roles.filter(person__name="a")

QUERYSETS: Mapping[str, QuerySet[Any, Any]] = {
    "a reference": films.filter(studio__name="a"),
    "either": films.filter(Q(studio__name="a") | Q(roles__person__name="a")).distinct(),
    "no child": films.exclude(roles__character="a"),
    "no row of a child": films.exclude(roles__person__name="a"),
    "no linked row": films.exclude(genres__name="a"),
    "a count": films.annotate(n=Count("roles")),
    "a count of some": films.annotate(n=Count("roles", filter=Q(roles__person__name="a"))),
    "a column of another": films.annotate(n=F("studio__name")),
    "in": films.filter(studio__in=Studio.objects.filter(films__title="a")),
    "in its children": films.filter(pk__in=by_person_a.values("film")),
    "not referred to": Studio.objects.exclude(pk__in=films.values("studio")),
    "not in its children": films.exclude(pk__in=by_person_a.values("film")),
    "in, behind a join": films.filter(roles__person__in=reviewed.values("person")),
    "exists": films.filter(Exists(by_person_a.filter(**of_this_film))),
    "does not exist": films.filter(~Exists(by_person_a.filter(**of_this_film))),
    "exists beside": roles.filter(Exists(reviews.filter(film=OuterRef("film"), stars=1))),
    "the first": films.annotate(
        n=Subquery(roles.filter(**of_this_film).order_by("person__name", "pk").values("pk")[:1])
    ),
    "a tree": genres.filter(parent__parent__name="a"),
    "no child in a tree": genres.exclude(children__name="a"),
    "a grandparent": library.Saga.objects.filter(title="a", shelf__name="a"),
    "fans of a grandparent": library.Saga.objects.filter(fans__favourites__title="a"),
    "another column": library.Reader.objects.filter(favourites__title="a"),
    "a second parent": library.Comic.objects.filter(artwork_ptr__comic__title="a"),
    "generic": Book.objects.filter(notes__text="a"),
}


def querysets() -> Mapping[str, QuerySet[Any, Any]]:
    """Those, and one that asks for a content type when it is made."""
    return {**QUERYSETS, "not generic": Book.objects.exclude(notes__text="a")}


Shown = Mapping[str, Mapping[Any, Any]]


def shown(world: Models) -> Shown:
    """What each serializer shows and each queryset finds, by key."""
    watched: dict[str, dict[Any, Any]] = {}
    for name, serializer in SERIALIZERS.items():
        if serializer.Meta.model in world:
            every_row: Any = QuerySet(serializer.Meta.model)
            watched[f"show {name}"] = {row.pk: in_order(serializer(row).data) for row in every_row}
    for name, queryset in querysets().items():
        if queryset.model in world:
            watched[f"find {name}"] = {}
            for row in queryset.all():
                several = watched[f"find {name}"].setdefault(row.pk, [])
                several.append({**vars(row), "_state": None})
    return watched


def in_order(data: Any) -> Any:
    """Data whose lists are sorted: nobody said in which order the database gives their rows."""
    if isinstance(data, Mapping):
        return {name: in_order(each) for name, each in data.items()}
    return sorted(map(in_order, data), key=repr) if isinstance(data, list) else data


@dataclass(frozen=True)
class Derived:
    """What is derived for the rows of ``root``. A change of one of ``models`` concerns any."""

    root: str
    paths: Collection[Path]
    models: Collection[str] = ()

    def found(self, changes: Sequence[Change]) -> set[Key] | None:
        """The keys of the rows that changes concern; None: any."""
        if any(change.model in self.models for change in changes):
            return None
        keys = {each.pk for each in changes if each.model == self.root and each.pk is not None}
        for traced in trace(changes, self.paths).values():
            if traced is None:
                # Of a reader that is gone, nobody knows the card that links referred to.
                assert any(change.model == "library.reader" for change in changes)
                return None
            keys |= traced
        return keys


def derived() -> Mapping[str, Derived]:
    """What is derived for each."""
    found: dict[str, Derived] = {}
    for name, serializer in SERIALIZERS.items():
        content = content_reach(serializer(), EVERYTHING, {})
        found[f"show {name}"] = Derived(serializer.Meta.model._meta.label_lower, content.paths)
    for name, queryset in querysets().items():
        reach = queryset_reach(queryset)
        models = reach.membership | reach.content
        found[f"find {name}"] = Derived(queryset.model._meta.label_lower, reach.paths, models)
    return found


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
@settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=True))
def test_every_row_that_is_another_is_found(db: None, world: Models, chance: Random) -> None:
    reaches = derived()
    with rolled_back():
        populate(chance, world)
        tables, before = stored(world), shown(world)
        for _ in range(WRITES):
            write(chance, world)
            tables_now, now = stored(world), shown(world)
            changes = changes_between(tables, tables_now)
            for name in now:
                keys = {*before[name], *now[name]}
                others = {key for key in keys if before[name].get(key) != now[name].get(key)}
                concerned = reaches[name].found(changes)
                if concerned is not None:
                    assert set(map(key_of, others)) <= concerned, (name, changes)
            tables, before = tables_now, now
