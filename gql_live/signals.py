"""From a write to a change: model signals, and ``notify``, which says the same by hand.

Signals are connected sender by sender, to the lineage of each watched model and nowhere else. One
receiver for all senders would slow down models that nobody watches: where a receiver listens,
Django deletes row by row instead of at once, and looks before it adds to a many-to-many relation.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache, wraps
from itertools import islice
from typing import Any, Final, ParamSpec

from django.apps import apps
from django.db import router, transaction
from django.db.models import ManyToManyField, ManyToManyRel, Model, QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save

from gql_live.changes import Change, ChangeKind, key_of
from gql_live.pubsub import publish

logger = logging.getLogger(__name__)

CHUNK: Final = 2000

P = ParamSpec("P")

_watched: set[type[Model]] = set()
_relations: dict[type[Model], "ManyToManyField[Any, Any]"] = {}  # by the model that links two rows


def watch(model: type[Model]) -> None:
    """Publish from now on what is written to the rows of ``model``. Once is enough.

    That is: saves and deletes of the model itself, its proxies, its parents and its children in
    multi-table inheritance, and changes of its many-to-many relations from either side. To be
    called when all models are loaded (``AppConfig.ready`` or later).
    """
    concrete = _concrete(model)
    if concrete in _watched:
        return
    _watched.add(concrete)
    _targets.cache_clear()
    for writer in _lineage(concrete):
        post_save.connect(_on_save, sender=writer)
        post_delete.connect(_on_delete, sender=writer)
    for relation in _relations_of(concrete):
        through: Any = relation.remote_field.through
        _relations[through] = relation
        m2m_changed.connect(_on_relation, sender=through)


def notify(rows: Model | QuerySet[Any]) -> None:
    """Say by hand that rows changed: after raw SQL, or a write by another service.

    ``rows`` is an instance, or a queryset that finds the rows as they are now (after the write).
    Inside a transaction it is said when that commits. Rows of a model that no registered view
    serves are passed over. Raises ``TypeError`` for anything else and ``ValueError`` for an
    instance without a primary key.
    """
    if isinstance(rows, Model):
        if rows.pk is None:
            raise ValueError(f"notify() needs a saved row: this {rows._meta.label} has no key")
        using = router.db_for_write(type(rows), instance=rows)
        _announce(type(rows), [rows.pk], ChangeKind.UPDATED, using)
    elif isinstance(rows, QuerySet):
        _notify_queryset(rows)
    else:
        raise TypeError(
            "notify() takes a model instance or a queryset (of a manager: .all()), "
            f"not {type(rows).__name__}"
        )


def _notify_queryset(rows: QuerySet[Any]) -> None:
    model: type[Model] = rows.model
    if not _targets(model):
        return
    using = rows.db
    if using == router.db_for_read(model):  # perhaps a replica, which never sees our commit
        using = router.db_for_write(model)
    keys: Iterator[Any] = rows.using(using).values_list("pk", flat=True).iterator(CHUNK)
    while chunk := list(islice(keys, CHUNK)):
        _announce(model, chunk, ChangeKind.UPDATED, using)


def _never_raises(handler: Callable[P, None]) -> Callable[P, None]:
    """Guard a signal handler: whatever goes wrong here, the write succeeds."""

    @wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            handler(*args, **kwargs)
        except Exception:
            logger.exception("gql_live: a change is not published: %s(%s)", handler, kwargs)

    return guarded


@_never_raises
def _on_save(sender: type[Model], instance: Model, created: bool, using: str, **_: Any) -> None:
    kind = ChangeKind.CREATED if created else ChangeKind.UPDATED
    _announce(sender, [instance.pk], kind, using)


@_never_raises
def _on_delete(sender: type[Model], instance: Model, using: str, **_: Any) -> None:
    _announce(sender, [instance.pk], ChangeKind.DELETED, using)


@_never_raises
def _on_relation(
    sender: type[Model],
    instance: Model,
    action: str,
    reverse: bool,
    model: type[Model],
    pk_set: set[Any] | None,
    using: str,
    **_: Any,
) -> None:
    """Announce both ends; after a clear nobody knows the far one, so it is read before that."""
    if action.startswith("post_"):
        _announce(type(instance), [instance.pk], ChangeKind.UPDATED, using)
    if not _targets(model):
        return
    relation = _relations[sender]
    names = [relation.m2m_field_name(), relation.m2m_reverse_field_name()]
    near, far = reversed(names) if reverse else names
    if action == "pre_clear":
        links = _every_row(sender, using).filter(**{near: instance})
        keys = list(links.values_list(f"{far}__pk", flat=True))
        _announce(model, keys, ChangeKind.UPDATED, using)
    elif pk_set and action.startswith("post_"):
        referred: Any = sender._meta.get_field(far)
        keys = _primary_keys(model, referred.target_field.name, pk_set, using)
        _announce(model, keys, ChangeKind.UPDATED, using)


def _announce(model: type[Model], keys: Collection[Any], kind: ChangeKind, using: str) -> None:
    """Publish, on commit, that rows of ``model`` with these primary keys were written.

    What was done to them was not done to their parents and children: those only look different now.
    """
    for target in _targets(model):
        seen = kind if target.watched is target.written else ChangeKind.UPDATED
        for key in target.keys(keys, using):
            _publish_on_commit(target.change(key, seen), using)


def _publish_on_commit(change: Change, using: str) -> None:
    # One hook per change: Django drops a hook together with the savepoint that registered it, so
    # a hook that others share would take their changes with it. A function and not a partial:
    # when a robust hook fails, Django logs its __qualname__.
    def publish_change() -> None:
        publish(change)

    transaction.on_commit(publish_change, using=using, robust=True)


@dataclass(frozen=True, slots=True)
class _Target:
    """A watched model in the lineage of a written one, and how its rows are found."""

    written: type[Model]
    watched: type[Model]

    def keys(self, keys: Collection[Any], using: str) -> Collection[Any]:
        """Return the keys of the watched rows, for those of the written ones."""
        if _shares_key(self.written, self.watched):
            return keys
        # Of two parents only the first lends its key to the child. The child knows both.
        child = max(
            self.written, self.watched, key=lambda model: len(model._meta.get_parent_list())
        )
        rows = _every_row(child, using).filter(**{f"{self.written._meta.pk.name}__in": keys})
        return rows.values_list(self.watched._meta.pk.name, flat=True)

    def change(self, key: Any, kind: ChangeKind) -> Change:
        """Name a watched row. Its key may have been written as text: ``Task(pk="1").save()``."""
        options = self.watched._meta
        return Change(options.label_lower, key_of(options.pk.to_python(key)), kind)


@cache
def _targets(model: type[Model]) -> tuple[_Target, ...]:
    """Return what is watched in the lineage of a model; nothing, mostly."""
    written = _concrete(model)
    return tuple(_Target(written, watched) for watched in _watched if _related(written, watched))


@cache
def _shares_key(one: type[Model], other: type[Model]) -> bool:
    """Whether the rows of two models of one lineage have the same key: the parent's."""
    if issubclass(other, one):
        one, other = other, one
    while one is not other:
        link = one._meta.pk.remote_field
        if link is None or not link.parent_link:
            return False
        one = _concrete(link.model)
    return True


def _related(one: type[Model], other: type[Model]) -> bool:
    return issubclass(one, other) or issubclass(other, one)


def _concrete(model: type[Model]) -> type[Model]:
    concrete = model._meta.concrete_model
    if concrete is None:
        raise TypeError(f"{model._meta.label} is abstract: it has no rows")
    return concrete


def _lineage(concrete: type[Model]) -> list[type[Model]]:
    """Return every model that is saved under its own name and writes such rows, proxies too."""
    models = apps.get_models(include_auto_created=True)
    return [model for model in models if _related(_concrete(model), concrete)]


def _relations_of(concrete: type[Model]) -> "Iterator[ManyToManyField[Any, Any]]":
    """Return the many-to-many relations that rows of a model stand at either end of."""
    for field in concrete._meta.get_fields(include_hidden=True):
        relation = field.field if isinstance(field, ManyToManyRel) else field
        if isinstance(relation, ManyToManyField):
            yield relation


def _primary_keys(model: type[Model], field: str, values: Collection[Any], using: str) -> list[Any]:
    """Turn what links refer to into primary keys; with ``to_field`` that is another column."""
    if field == model._meta.pk.name:
        return list(values)
    rows = _every_row(model, using).filter(**{f"{field}__in": values})
    return list(rows.values_list("pk", flat=True))


def _every_row(model: type[Model], using: str) -> QuerySet[Any]:
    """Return the rows of a model past its managers, which may hide some."""
    return QuerySet(model, using=using)
