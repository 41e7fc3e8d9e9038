"""Random rows of the fixture apps, random writes to them, and what those changed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction

from gql_live.changes import Change, ChangeKind, key_of
from gql_live.routing import routing_columns, routing_value
from tests.parity.cinema.models import Film, Genre, Person, Review, Role, Studio
from tests.publish.library import models as library
from tests.schema_builder.catalog.models import Author, Book, Note, Shelf

Stored = Mapping[Any, Mapping[str, Any]]

ROWS = 3
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

Models = Sequence[type[models.Model]]

WORLDS: Mapping[str, Models] = {
    "cinema": (
        User,
        Studio,
        Genre,
        Person,
        Film,
        Film.genres.through,
        Role,
        Review,
    ),
    "library": (
        library.Shelf,
        library.Genre,
        library.Book,
        library.Book.genres.through,
        library.Book.sequels.through,
        library.Novel,
        library.Saga,
        library.Artwork,
        library.Comic,
        library.Reader,
        library.Favourite,
    ),
    "catalog": (
        Shelf,
        Author,
        Book,
        Book.editors.through,
        Note,
    ),
}
"""Models that refer to each other, parents before children."""

NEEDED: Mapping[type[models.Model], Mapping[str, Any]] = {
    Film: {"budget": 1, "added": NOON},
    Review: {"stars": 1},
    Book: {"isbn": 1, "price": 1, "size": "2x", "created_at": NOON},
}


@contextmanager
def rolled_back() -> Iterator[None]:
    """One example's writes, which the next one does not see."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def populate(chance: Random, world: Models) -> None:
    """Make some rows of each model, which refer to each other at random."""
    for model in world:
        for number in range(ROWS):
            with suppress(IntegrityError), transaction.atomic():
                create(chance, model, number)


def create(chance: Random, model: type[models.Model], number: int) -> Any:
    """Make a row and give its key; None where there is nothing that it could refer to."""
    values = dict(NEEDED.get(model, {}))
    for field in model._meta.local_concrete_fields:
        if isinstance(field, models.OneToOneField) and field.remote_field.parent_link:
            values[field.attname] = create(chance, field.related_model, number)
        elif not isinstance(field, models.AutoField):
            values.update(_value(chance, field, number))
    row = model(**values)
    references = (each for each in model._meta.local_concrete_fields if each.is_relation)
    if any(values[each.attname] is None and not each.null for each in references):
        return None
    row.save_base(raw=True, force_insert=True)  # of a child, what its own table has
    return row.pk


def write(chance: Random, world: Models) -> None:
    """Do something to some row; nothing where the database does not allow it."""
    with suppress(IntegrityError), transaction.atomic():
        model = chance.choice(world)
        keys = list(models.QuerySet(model).order_by("pk").values_list("pk", flat=True))
        fields = [
            field
            for field in model._meta.local_concrete_fields
            if not field.primary_key and field.attname != "card"  # which others refer to
        ]
        references = [field for field in fields if field.is_relation]
        kind = chance.choice(("move", "move", "update", "create", "delete"))
        if kind == "create" or not keys:
            create(chance, model, ROWS)
            return
        row: Any = models.QuerySet(model).filter(pk=chance.choice(keys))
        if kind == "delete":
            row.delete()
        elif fields:
            field = chance.choice((kind == "move" and references) or fields)
            row.update(**_value(chance, field, ROWS))


def stored(world: Models) -> dict[type[models.Model], Stored]:
    """Every row, table by table."""
    return {
        model: {
            row[model._meta.pk.attname]: row
            for row in models.QuerySet(model).values(
                *(field.attname for field in model._meta.local_concrete_fields)
            )
        }
        for model in world
    }


def changes_between(
    before: Mapping[type[models.Model], Stored], after: Mapping[type[models.Model], Stored]
) -> list[Change]:
    """The changes of everything that is not as it was, with all that there is to say of them."""
    return [
        _change(model, key, before[model].get(key), after[model].get(key))
        for model in before
        for key in {**before[model], **after[model]}
        if before[model].get(key) != after[model].get(key)
    ]


def _change(model: type[models.Model], key: Any, *states: Mapping[str, Any] | None) -> Change:
    before, after = states
    kind = (
        ChangeKind.CREATED
        if before is None
        else ChangeKind.DELETED
        if after is None
        else ChangeKind.UPDATED
    )
    values = {
        column: tuple({routing_value(field, row[column]): None for row in states if row})
        for column, field in routing_columns(model).items()
    }
    return Change(model._meta.label_lower, key_of(key), kind, values)


def _value(chance: Random, field: Any, number: int) -> dict[str, Any]:
    """A value for a field, or nothing for one that is as well as it is."""
    value: Any
    if isinstance(field, models.ForeignKey):
        value = _referred(chance, field)
    elif isinstance(field, models.UUIDField):
        value = UUID(int=chance.getrandbits(64))
    elif isinstance(field, models.BooleanField):
        value = chance.choice((True, False))
    elif isinstance(field, models.CharField | models.TextField) and not field.choices:
        value = chance.choice("ab")
        if field.unique:
            value = f"{value}{number}{chance.getrandbits(40)}"[: field.max_length]
    elif field.primary_key:
        value = chance.getrandbits(40)
    elif field.name == "object_id":
        value = chance.choice(
            [0, *models.QuerySet(Book).values_list("pk", flat=True).order_by("pk")]
        )
    elif field.name in {"minutes", "pages", "volumes", "stars"}:
        value = chance.randint(1, 4)
    else:
        return {}
    return {field.attname: value}


def _referred(chance: Random, field: Any) -> Any:
    """What a reference may hold; None where there is nothing, too."""
    if field.related_model is ContentType:
        return ContentType.objects.get_for_model(chance.choice((Book, Book, Shelf))).pk
    others: Any = models.QuerySet(field.related_model).order_by("pk")
    choices = list(others.values_list(field.target_field.attname, flat=True))
    if field.null or not choices:
        choices.append(None)
    return chance.choice(choices)
