"""Changes, written shortly: a model, a key, and what its columns are said to have held."""

from typing import Any

from django.db.models import Model

from gql_live.changes import Change, ChangeKind


def created(model: type[Model], pk: int | str, **values: Any) -> Change:
    """A row that is there now, with these values."""
    return _change(model, pk, ChangeKind.CREATED, values)


def deleted(model: type[Model], pk: int | str, **values: Any) -> Change:
    """A row that was there, with these values."""
    return _change(model, pk, ChangeKind.DELETED, values)


def updated(model: type[Model], pk: int | str, moved: str = "", **values: Any) -> Change:
    """A row that was written. A value before and after are a tuple; of the columns named in
    ``moved`` only the new value is known.
    """
    return _change(model, pk, ChangeKind.UPDATED, values, moved)


def any_row(model: type[Model]) -> Change:
    """Rows that nobody can name."""
    return Change.of_any(model._meta.label_lower)


def in_order(changes: list[Change]) -> list[Change]:
    """The changes sorted: neither of one statement's rows nor of two transactions is one first."""

    def place(change: Change) -> tuple[str, ...]:
        values = sorted(change.values.items())
        return change.model, str(change.pk), change.kind, repr(values)

    return sorted(changes, key=place)


def _change(
    model: type[Model], pk: int | str, kind: ChangeKind, values: dict[str, Any], moved: str = ""
) -> Change:
    held = {
        column: value if isinstance(value, tuple) else (value,) for column, value in values.items()
    }
    return Change(model._meta.label_lower, pk, kind, held, frozenset(moved.split()))
