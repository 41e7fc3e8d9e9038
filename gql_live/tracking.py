"""Which tables' writes are published, and which of their columns a change tells of.

A table is that of a concrete model: proxies share it, and in multi-table inheritance a child and
its parents have one each.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from django.apps import apps
from django.db.models import Field, Model
from django.db.models.signals import class_prepared

from gql_live.changes import Change
from gql_live.conf import setting
from gql_live.routing import routing_columns

_EXEMPT: Final = frozenset(
    {
        "admin.logentry",
        "auth.permission",
        "authtoken.token",
        "contenttypes.contenttype",
        "sessions.session",
    }
)
"""What relates everything to everything, is written all the time, or has a key that is a secret:
changes travel. The end of a session or token is a change of its user (``identity``).
"""


Also: TypeAlias = Callable[[Sequence[Change], frozenset[str]], Sequence[Change]]


@dataclass(frozen=True)
class Table:
    """A table whose writes are published."""

    model: type[Model]
    remembered: frozenset[str] = frozenset()
    """Columns, by ``attname``, of which an UPDATE finds out what they held before."""
    also: Also | None = None
    """What else its changes mean; see ``derive``."""

    @cached_property
    def label(self) -> str:
        """How changes name it."""
        return self.model._meta.label_lower

    @cached_property
    def key(self) -> "Field[Any, Any]":
        """The primary key."""
        return self.model._meta.pk

    @cached_property
    def columns(self) -> "tuple[Field[Any, Any], ...]":
        """What a change tells of besides the key."""
        return tuple(routing_columns(self.model).values())

    @cached_property
    def fields(self) -> "tuple[Field[Any, Any], ...]":
        """The key, then the columns."""
        return (self.key, *self.columns)

    @cached_property
    def readable(self) -> bool:
        """Whether a write can say which rows it wrote.

        An unmanaged model may stand for a view, which need not return what is written to it, and a
        composite key is no column.
        """
        return self.model._meta.managed and bool(self.key.column)


_tables: dict[str, tuple[Table, ...]] = {}
_roots: dict[type[Model], None] = {}

tables: Final[Mapping[str, tuple[Table, ...]]] = MappingProxyType(_tables)
"""What is tracked, by ``db_table``. Several where models share a table, as unmanaged ones may."""

_unrelated: dict[str, str] = {}

unrelated: Final[Mapping[str, str]] = MappingProxyType(_unrelated)
"""The tables of installed models that no relation connects with a registered one, by ``db_table``,
with the name that changes have for them. A permission or a method field may read them, and then
depends on all of their rows: that one was written is all that anybody asks of them.
"""


def track(model: type[Model]) -> None:
    """Publish from now on what is written to the tables of ``model``: its own and its parents'."""
    concrete = concrete_model(model)
    for each in (concrete, *concrete._meta.get_parent_list()):
        if _table_of(each) is None:
            name = each._meta.db_table
            _tables[name] = (*_tables.get(name, ()), Table(each))


def track_related(model: type[Model]) -> None:
    """Track ``model`` and every model that relations of any sort connect it with, over others, too.

    But not ``GQL_LIVE["UNTRACKED"]``, sessions, permissions, content types and the admin's log.
    What no relation connects with it, or only they, is ``unrelated`` from now on. To be called when
    all models are loaded; what comes later is seen to.
    """
    _roots[concrete_model(model)] = None
    _track_roots()


def remember(model: type[Model], column: str) -> None:
    """Have every UPDATE of ``column`` (an ``attname``) tell what it held before, too.

    On PostgreSQL that is asked within the same statement; on SQLite it costs two more, in a
    transaction. A column that routes nothing (``routing_columns``) is not told of in any case.
    """
    table = _tracked(model)
    _exchange(table, replace(table, remembered=table.remembered | {column}))


def derive(model: type[Model], also: Also) -> None:
    """Publish with the changes of ``model``'s own table what ``also`` makes of them.

    It gets those of one statement and the columns, by ``attname``, that an UPDATE has written.
    """
    table = _tracked(model)
    _exchange(table, replace(table, also=also))


def is_tracked(model: type[Model]) -> bool:
    """Whether what is written to the table of ``model`` is published."""
    return _table_of(concrete_model(model)) is not None


def key_in(model: type[Model], ancestor: type[Model]) -> str:
    """The attribute of a row of ``model`` that holds its key in the table of ``ancestor``.

    Both are concrete. Of two parents only the first lends its key to the child.
    """
    name = model._meta.pk.attname
    for parent in model._meta.get_base_chain(ancestor):
        link: Any = model._meta.parents[parent]
        if not link.primary_key:
            name = link.attname
        model = parent
    return name


def concrete_model(model: type[Model]) -> type[Model]:
    """The model whose table ``model`` has. Raises ``TypeError`` for an abstract one."""
    concrete = model._meta.concrete_model
    if concrete is None or concrete._meta.abstract:
        raise TypeError(f"{model._meta.label} is abstract: it has no rows")
    return concrete


@cache
def written_by_database(model: type[Model]) -> frozenset[type[Model]]:
    """Models whose rows the database itself deletes or changes when one of ``model`` is deleted.

    That is ``DB_CASCADE`` and its like, since Django 6.1. To be called when all models are loaded.
    """
    found: dict[type[Model], None] = {}
    seeking = [model]
    for each in seeking:
        for relation in each._meta.get_fields(include_hidden=True):
            actor = getattr(relation, "on_delete", None)
            related = relation.related_model
            if relation.auto_created and related and hasattr(actor, "on_delete_sql"):
                related = concrete_model(related)
                if related not in found:
                    found[related] = None
                    seeking.append(related)
    return frozenset(found)


def _table_of(concrete: type[Model]) -> Table | None:
    known = _tables.get(concrete._meta.db_table, ())
    return next((table for table in known if table.model is concrete), None)


def _tracked(model: type[Model]) -> Table:
    track(model)
    table = _table_of(concrete_model(model))
    assert table is not None
    return table


def _exchange(table: Table, other: Table) -> None:
    name = table.model._meta.db_table
    _tables[name] = tuple(other if each is table else each for each in _tables[name])


def _track_roots() -> None:
    exempt = _EXEMPT | {label.lower() for label in setting("UNTRACKED")}
    found = dict(_roots)
    seeking = list(found)
    for each in seeking:
        track(each)
        for related in _related(each):
            if related not in found and related._meta.label_lower not in exempt:
                found[related] = None
                seeking.append(related)
    _unrelated.clear()
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        if not (options.proxy or options.db_table in _tables or options.label_lower in exempt):
            _unrelated[options.db_table] = options.label_lower


def _related(model: type[Model]) -> Iterator[type[Model]]:
    """What one relation leads to from a model, in either direction."""
    for field in model._meta.get_fields(include_hidden=True):
        between = (getattr(side, "through", None) for side in (field, field.remote_field))
        related: Any
        for related in (field.related_model, *between):
            if hasattr(related, "_meta") and not related._meta.swapped:
                yield concrete_model(related)


def _on_model(sender: type[Model], **_: Any) -> None:
    """A model that is made late (in somebody's ``ready()``, by a test) may be related, too."""
    options = sender._meta
    if _roots and options.apps is apps and apps.models_ready:
        apps.lazy_model_operation(_on_registered_model, (options.app_label, options.model_name))


def _on_registered_model(_: type[Model]) -> None:
    apps.clear_cache()  # as Django does a moment later: what is related to a model is remembered
    written_by_database.cache_clear()
    _track_roots()


class_prepared.connect(_on_model, dispatch_uid="gql_live.tracking")
