"""From changed rows back to the rows that show them: tables over real rows."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from gql_live import tracing
from gql_live.changes import Change, ChangeKind, Value, key_of
from gql_live.dependencies import columns_of
from gql_live.dependencies.relations import follow_lookup, path
from gql_live.reach import Direction, Hop, Path
from gql_live.tracing import trace, values_of
from tests.convergence.tracker.models import Chore, Project, Team
from tests.parity.cinema.models import Film, Genre, Person, Review, Role, Studio
from tests.publish.library import models as library
from tests.schema_builder.catalog import models as catalog

CREATED, UPDATED, DELETED = ChangeKind.CREATED, ChangeKind.UPDATED, ChangeKind.DELETED
GONE = 10**6
"""A key that no row has."""


def way(model: Any, lookup: str) -> Path:
    return path(model, follow_lookup(model, lookup)[0])


def changed(row: Any, kind: ChangeKind = UPDATED, **values: tuple[Value, ...]) -> Change:
    return Change(row._meta.label_lower, key_of(row.pk), kind, values)


def traced(model: Any, lookup: str, *changes: Change) -> Any:
    [keys] = trace(changes, [way(model, lookup)]).values()
    return keys


@contextmanager
def queries() -> Iterator[list[str]]:
    """The queries that run within."""
    asked: list[str] = []

    def note(execute: Any, sql: str, *arguments: Any) -> Any:
        asked.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        yield asked


@dataclass
class Rows:
    """Two studios with two films each, a person with roles in the first three of them, and a branch
    of genres whose leaf is the fourth one's.
    """

    a: Studio
    b: Studio
    films: list[Film]
    person: Person
    roles: list[Role]
    branch: list[Genre]
    link: Any

    @property
    def keys(self) -> list[int]:
        return [film.pk for film in self.films]


@pytest.fixture
def rows(db: None) -> Rows:
    """Such rows."""
    keeper = User.objects.create_user("u")
    a, b = (Studio.objects.create(name=name, slug=name) for name in "ab")
    common: Mapping[str, Any] = {"budget": 1, "added": timezone.now(), "keeper": keeper}
    films = [Film.objects.create(studio=studio, **common) for studio in (a, a, b, b)]
    person = Person.objects.create(name="p")
    roles = [film.roles.create(person=person, character="c") for film in films[:3]]
    trunk = Genre.objects.create(name="trunk")
    branch = Genre.objects.create(name="branch", parent=trunk)
    leaf = films[3].genres.create(name="leaf", parent=branch)
    link = Film.genres.through.objects.get()
    return Rows(a, b, films, person, roles, [trunk, branch, leaf], link)


# --- one hop ---


def test_a_change_of_a_referred_row_concerns_those_that_refer_to_it(rows: Rows) -> None:
    assert traced(Film, "studio", changed(rows.a)) == set(rows.keys[:2])
    assert traced(Film, "studio", changed(rows.a), changed(rows.b)) == set(rows.keys)


def test_a_change_of_a_child_concerns_its_old_parent_and_its_new_one(rows: Rows) -> None:
    role, old, new = rows.roles[0], *rows.keys[:2]
    assert traced(Film, "roles", changed(role, CREATED, film_id=(new,))) == {new}
    assert traced(Film, "roles", changed(role, UPDATED, film_id=(old, new))) == {old, new}
    assert traced(Film, "roles", changed(role, DELETED, film_id=(old, None))) == {old}
    assert traced(Film, "roles", changed(role, UPDATED, film_id=(None,))) == set()


def test_where_the_old_parent_is_not_known_it_may_be_any(rows: Rows) -> None:
    role, parent = rows.roles[0], rows.keys[0]
    moved = Change("cinema.role", role.pk, UPDATED, {"film_id": (parent,)}, frozenset({"film_id"}))
    assert traced(Film, "roles", changed(role)) is None
    assert traced(Film, "roles", moved) is None
    assert traced(Film, "roles", changed(role, film_id=(parent,)), moved) is None


def test_where_nobody_can_name_the_row_it_may_be_any(rows: Rows) -> None:
    assert traced(Film, "studio", Change("cinema.studio", None, UPDATED)) is None
    assert traced(Film, "roles__person", Change("cinema.role", None, UPDATED)) is None


def test_changes_that_are_not_on_a_path_concern_nobody(rows: Rows) -> None:
    changes = [changed(rows.person), changed(rows.films[0]), Change("auth.user", None, UPDATED)]
    with queries() as asked:
        assert traced(Film, "studio", *changes) == set()
    assert asked == []


# --- many hops ---


LED_BACK: dict[str, tuple[str, Callable[[Rows], Change], list[int]]] = {
    "the far end": ("roles__person", lambda rows: changed(rows.person), [0, 1, 2]),
    "on the way": (
        "roles__person",
        lambda rows: changed(rows.roles[1], film_id=(rows.keys[1],)),
        [1],
    ),
    "a linked row": ("genres", lambda rows: changed(rows.branch[2]), [3]),
    "another of its model": ("genres", lambda rows: changed(rows.branch[1]), []),
    "a link": ("genres", lambda rows: changed(rows.link, film_id=(rows.keys[3],)), [3]),
    "behind a link": ("genres__parent", lambda rows: changed(rows.branch[1]), [3]),
    "before the end": ("genres__parent", lambda rows: changed(rows.branch[2]), [3]),
    "a row of the root's model": (
        "studio__films",
        lambda rows: changed(rows.films[0], studio_id=(rows.a.pk,)),
        [0, 1],
    ),
    "one that moved": (
        "studio__films",
        lambda rows: changed(rows.films[0], studio_id=(rows.a.pk, rows.b.pk)),
        [0, 1, 2, 3],
    ),
    "behind the root's model": (
        "studio__films__roles",
        lambda rows: changed(rows.roles[2], film_id=(rows.keys[2],)),
        [2, 3],
    ),
    "one that nobody shows": (
        "roles__person",
        lambda rows: Change("cinema.person", str(UUID(int=1)), UPDATED),
        [],
    ),
    "one that is gone": ("studio", lambda rows: Change("cinema.studio", GONE, DELETED), []),
}


@pytest.mark.parametrize(("lookup", "change", "concerned"), LED_BACK.values(), ids=LED_BACK)
def test_a_change_anywhere_on_a_path_is_led_back(
    rows: Rows, lookup: str, change: Callable[[Any], Change], concerned: list[int]
) -> None:
    assert traced(Film, lookup, change(rows)) == {rows.keys[n] for n in concerned}


def test_a_tree_is_walked_as_deep_as_the_path_goes(rows: Rows) -> None:
    trunk, branch, leaf = rows.branch
    up, down = "parent__parent", "children__children"
    assert traced(Genre, up, changed(trunk)) == {branch.pk, leaf.pk}
    assert traced(Genre, up, changed(branch)) == {leaf.pk}
    assert traced(Genre, down, changed(leaf, parent_id=(branch.pk,))) == {branch.pk, trunk.pk}
    assert traced(Genre, down, changed(branch, parent_id=(trunk.pk,))) == {trunk.pk}
    gone = Change("cinema.genre", GONE, DELETED, {"parent_id": (leaf.pk,)})
    assert traced(Genre, down, gone) == {leaf.pk, branch.pk}


def test_every_path_has_its_own_answer(rows: Rows) -> None:
    changes = [changed(rows.b), changed(rows.person), Change("auth.user", None, UPDATED)]
    answers: dict[Path, Any] = {
        way(Film, "studio"): set(rows.keys[2:]),
        way(Film, "roles__person"): set(rows.keys[:3]),
        way(Role, "person"): {role.pk for role in rows.roles},
        way(Film, "keeper"): None,
    }
    assert trace(changes, answers) == answers


# --- columns and keys of other sorts ---


@pytest.fixture
def reader(db: None) -> library.Reader:
    """A reader, whom a favourite refers to by the card."""
    shelf = library.Shelf.objects.create(name="s")
    saga = library.Saga.objects.create(title="t", shelf=shelf)
    reader = library.Reader.objects.create(card="c")
    library.Favourite.objects.create(reader=reader, book=saga)
    return reader


def test_a_column_other_than_the_key_is_looked_up(reader: library.Reader) -> None:
    [favourite] = library.Favourite.objects.all()
    change = changed(reader)
    assert traced(library.Favourite, "reader", change) == {favourite.pk}
    assert traced(library.Book, "fans", change) == {favourite.book_id}
    lent = Change("library.loan", GONE, DELETED, {"reader_id": (str(reader.pk),)})
    assert traced(library.Favourite, "reader__loan", lent) == {favourite.pk}
    moved = Change("library.favourite", GONE, DELETED, {"reader_id": ("c", "nobody's")})
    assert traced(library.Reader, "favourites", moved) == {str(reader.pk)}


def test_where_a_row_is_gone_with_the_value_that_was_referred_to_it_may_be_any(
    reader: library.Reader,
) -> None:
    gone = Change("library.reader", str(UUID(int=1)), DELETED)
    assert traced(library.Favourite, "reader", gone) is None
    told = Change("library.reader", str(UUID(int=1)), DELETED, {"card": ("c",)})
    assert traced(library.Favourite, "reader", told) == {library.Favourite.objects.get().pk}
    renamed = Change(
        "library.reader", str(reader.pk), UPDATED, {"card": ("d",)}, frozenset({"card"})
    )
    assert traced(library.Favourite, "reader", renamed) is None


def test_parents_and_children_share_their_key(reader: library.Reader) -> None:
    [saga] = library.Saga.objects.all()
    book = Change("library.book", saga.pk, UPDATED)
    with queries() as asked:
        assert traced(library.Saga, "novel_ptr__book_ptr", book) == {saga.pk}
        novel = Change("library.novel", saga.pk, CREATED)
        assert traced(library.Book, "novel", novel) == {saga.pk}
    assert asked == []
    assert traced(library.Saga, "shelf", changed(saga.shelf)) == {saga.pk}


@pytest.fixture
def books(db: None) -> list[catalog.Book]:
    """A book and its sequel, by one author, on the last of two shelves."""
    _, shelf = (catalog.Shelf.objects.create(code=code) for code in "ab")
    author = catalog.Author.objects.create(name="a")
    common: Any = {"isbn": 1, "price": 1, "size": "2x", "shelf": shelf, "author": author}
    book = catalog.Book.objects.create(slug="t", **common)
    return [book, catalog.Book.objects.create(slug="u", sequel_to=book, **common)]


def test_a_generic_relation_obeys_the_content_type(books: list[catalog.Book]) -> None:
    key = books[0].pk
    of_book, of_shelf = (
        ContentType.objects.get_for_model(model).pk for model in (catalog.Book, catalog.Shelf)
    )

    def note(**values: tuple[Value, ...]) -> Any:
        return traced(catalog.Book, "notes", Change("catalog.note", 1, UPDATED, values))

    assert note(object_id=(key,), content_type_id=(of_book,)) == {key}
    assert note(object_id=(key,), content_type_id=(of_shelf,)) == set()
    assert note(object_id=(key,), content_type_id=(of_shelf, of_book)) == {key}
    assert note(object_id=(key,)) == {key}
    assert note(content_type_id=(of_book,)) is None


def test_a_generic_relation_on_the_way_obeys_the_content_type(books: list[catalog.Book]) -> None:
    book, sequel = books
    catalog.Note.objects.create(subject=book, text="")
    catalog.Note.objects.create(subject=catalog.Shelf(pk=sequel.pk), text="")
    to_type = Hop("contenttypes.contenttype", Direction.FORWARD, "content_type_id", "id")
    behind = Path("catalog.book", (*way(catalog.Book, "notes").hops, to_type))
    [keys] = trace([changed(each) for each in ContentType.objects.all()], [behind]).values()
    assert keys == {book.pk}


def test_keys_of_other_sorts_travel_as_text(books: list[catalog.Book]) -> None:
    book, sequel = books
    told = Change("catalog.book", sequel.pk, UPDATED, {"sequel_to_id": (book.pk,)})
    assert traced(catalog.Book, "sequel", told) == {book.pk}
    assert traced(catalog.Book, "author", changed(book.author)) == {book.pk, sequel.pk}
    by = Change("catalog.book", book.pk, UPDATED, {"author_id": (str(book.author_id),)})
    assert traced(catalog.Author, "book", by) == {str(book.author_id)}


def test_keys_that_were_told_as_text_are_those_of_their_table(reader: library.Reader) -> None:
    """Of a generic relation, whose column refers to rows of any sort."""
    of_book = ContentType.objects.get_for_model(library.Book).pk
    told: Mapping[str, tuple[Value, ...]] = {"object_id": ("7",), "content_type_id": (of_book,)}
    assert traced(library.Book, "labels", Change("library.label", 1, UPDATED, told)) == {7}


class Replicas:
    """A router that has rows read elsewhere than they are written."""

    def db_for_read(self, model: Any, **_: Any) -> str:
        return "replica"


def test_what_was_committed_is_asked_where_it_was_written(rows: Rows) -> None:
    with override_settings(DATABASE_ROUTERS=[Replicas()]):
        assert traced(Film, "studio", changed(rows.a)) == {film.pk for film in rows.films[:2]}
        assert values_of("cinema.film", [rows.films[0].pk], ["studio_id"])


def test_a_row_that_a_manager_hides_is_found(db: None) -> None:
    """Another manager of the project may show it."""
    user = User.objects.create_user("u")
    project = Project.objects.create(name="p", slug="p", team=Team.objects.create(name="t"))
    done = Chore.objects.create(project=project, assignee=user, done=True)
    assert not Chore.objects.exists()
    chores = Path("tracker.chore", way(Chore, "assignee").hops)
    assert trace([changed(user)], [chores]) == {chores: {done.pk}}


def test_a_key_that_no_column_can_hold_is_any_row(db: None) -> None:
    assert traced(catalog.Book, "author", Change("catalog.author", "no uuid", UPDATED)) is None


# --- how much it asks ---


def test_a_hop_asks_one_query_whatever_the_number_of_changes(rows: Rows) -> None:
    changes = [changed(rows.a), changed(rows.b)]
    with queries() as asked:
        assert traced(Role, "film__studio", *changes) == {role.pk for role in rows.roles}
    assert len(asked) == 2


def test_paths_that_begin_alike_are_walked_once(rows: Rows) -> None:
    roles_of_people = way(Film, "roles__person__roles")
    people = Path("cinema.film", roles_of_people.hops[:2])
    with queries() as alone:
        trace([changed(rows.person)], [people])
    with queries() as together:
        trace([changed(rows.person)], [people, roles_of_people])
    assert len(together) == len(alone) == 2


def test_rows_of_two_tables_that_refer_alike_are_not_taken_for_each_other(rows: Rows) -> None:
    film = rows.films[0]
    review = film.reviews.create(pk=GONE, author=film.keeper, stars=1)
    of_role, of_review = way(Role, "film"), way(Review, "film")
    assert of_role.hops == of_review.hops
    keys = trace([changed(film)], [of_role, of_review])
    assert keys == {of_role: {rows.roles[0].pk}, of_review: {review.pk}}


def test_many_changes_are_looked_up_in_chunks(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "CHUNK", 2)
    changes = [
        Change("cinema.studio", key, UPDATED) for key in (GONE, rows.a.pk, GONE + 1, rows.b.pk)
    ]
    with queries() as asked:
        assert traced(Film, "studio", *changes) == set(rows.keys)
    assert len(asked) == 2
    assert set(values_of("cinema.film", rows.keys, ["studio_id"])) == set(rows.keys)


def test_more_rows_than_can_be_handled_are_any_row(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "MOST", 2)
    assert traced(Film, "studio", changed(rows.a)) == set(rows.keys[:2])
    with queries() as asked:
        assert traced(Film, "studio", changed(rows.a), changed(rows.b)) is None
    assert "LIMIT 3" in asked[0]
    assert traced(Film, "roles__person", changed(rows.person)) is None


# --- what rows hold ---


def test_values_are_those_of_routing_columns_now(rows: Rows) -> None:
    role = rows.roles[0]
    columns = ["film_id", "person_id"]
    held = {"film_id": rows.keys[0], "person_id": str(rows.person.pk)}
    assert values_of("cinema.role", [role.pk, GONE], columns) == {role.pk: held}
    assert values_of("cinema.person", [str(rows.person.pk)], []) == {str(rows.person.pk): {}}
    assert values_of("cinema.film", [], ["studio_id"]) == {}


def test_a_reverse_hop_needs_the_column_s_old_value() -> None:
    columns = {
        (model._meta.label_lower, name) for model, name in columns_of(way(Film, "roles__person"))
    }
    assert columns == {("cinema.role", "film_id")}
    assert set(columns_of(way(Film, "studio"))) == set()
    assert set(columns_of(way(library.Book, "fans"))) == {
        (library.Favourite, "book_id"),
        (library.Reader, "card"),
    }
    assert set(columns_of(way(catalog.Book, "notes"))) == {
        (catalog.Note, "object_id"),
        (catalog.Note, "content_type_id"),
    }
    assert set(columns_of(way(library.Book, "novel"))) == set()
