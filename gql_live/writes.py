"""What is written, published: which models, and ``notify``, which says by hand what is not seen.

That is raw SQL, triggers, and other programs. All that the ORM writes is seen (``compilers``).
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import router, transaction
from django.db.models import Model, QuerySet

from gql_live import tracking
from gql_live.changes import NAMED_ROWS, Change, ChangeKind, key_of
from gql_live.commits import publish_on_commit
from gql_live.compilers import wrap_compilers


def track(model: type[Model]) -> None:
    """Publish from now on what is written to the tables of ``model``: its own and its parents'."""
    wrap_compilers()
    tracking.track(model)


def track_related(model: type[Model]) -> None:
    """Track ``model`` and all that is related with it, directly or over others (``tracking``).

    To be called when all models are loaded (``AppConfig.ready`` or later).
    """
    wrap_compilers()
    tracking.track_related(model)


def remember(model: type[Model], column: str) -> None:
    """Have every UPDATE of ``column`` (an ``attname``) tell what it held before, too."""
    wrap_compilers()
    tracking.remember(model, column)


def notify(rows: Model | QuerySet[Any]) -> None:
    """Say by hand that rows changed: after raw SQL, or a write by another service.

    ``rows`` is an instance, or a queryset that finds the rows as they are now (after the write).
    Inside a transaction it is said when that commits. Rows of a model that no registered view can
    depend on are passed over. Raises ``TypeError`` for anything else and ``ValueError`` for
    an instance without a primary key.
    """
    if isinstance(rows, Model):
        if rows.pk is None:
            raise ValueError(f"notify() needs a saved row: this {rows._meta.label} has no key")
        names = _key_names(type(rows))
        keys = [getattr(rows, name) for name in names.values()]
        using = router.db_for_write(type(rows), instance=rows)
        _announce(names, [keys], using)
        _announce_unrelated(type(rows), using)
    elif isinstance(rows, QuerySet):
        _notify_queryset(rows)
    else:
        raise TypeError(
            "notify() takes a model instance or a queryset (of a manager: .all()), "
            f"not {type(rows).__name__}"
        )


def _notify_queryset(rows: QuerySet[Any]) -> None:
    using = rows.db
    if using == router.db_for_read(rows.model):  # perhaps a replica, which never sees our commit
        using = router.db_for_write(rows.model)
    _announce_unrelated(rows.model, using)
    names = _key_names(rows.model)
    if not names:
        return
    found = rows.using(using).values_list(*names.values()).iterator(NAMED_ROWS)
    _announce(names, list(islice(found, NAMED_ROWS + 1)), using)


def _announce(
    models: Iterable[type[Model]], rows: Sequence[Sequence[Any]], using: str | None
) -> None:
    """Publish changes of rows with these keys, one for each of the models."""
    for model, *keys in zip(models, *rows, strict=True):
        label, pk = model._meta.label_lower, model._meta.pk
        if len(keys) > NAMED_ROWS or None in keys or not pk.column:
            changes = [Change.of_any(label)]
        else:
            named = [key_of(pk.to_python(key)) for key in keys]
            changes = [Change(label, key, ChangeKind.UPDATED) for key in named]
        publish_on_commit(changes, transaction.get_connection(using))


def _announce_unrelated(model: type[Model], using: str | None) -> None:
    """Publish that any row may have changed of those tables that no relation connects with a
    registered model.
    """
    places = [each._meta.db_table for each in _lineage(model)]
    labels = [tracking.unrelated[place] for place in places if place in tracking.unrelated]
    changes = [Change.of_any(label) for label in labels]
    publish_on_commit(changes, transaction.get_connection(using))


def _key_names(model: type[Model]) -> dict[type[Model], str]:
    """The tracked tables in which a row of ``model`` lies, and what holds its key there."""
    lineage = _lineage(model)
    return {
        each: tracking.key_in(lineage[0], each) for each in lineage if tracking.is_tracked(each)
    }


def _lineage(model: type[Model]) -> Sequence[type[Model]]:
    """The models in whose tables a row of ``model`` lies, its own first."""
    concrete = tracking.concrete_model(model)
    return concrete, *concrete._meta.get_parent_list()
