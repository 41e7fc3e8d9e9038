"""Which models are read while something runs: what no derivation says, the SQL does.

A query is heard of where Django executes it, on the connections of the thread that runs it.
"""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cache, lru_cache, wraps
from typing import Any, Final

from django.apps import apps
from django.db import connections

from gql_live.schema_builder.overriding import overrides

WHOLE: Final = "*"
"""In the place of a field: all that a serializer does."""

_LONGEST_KEPT: Final = 10_000  # characters of SQL
_NAME: Final = re.compile(r'"([^"]+)"|`([^`]+)`|\[([^\]]+)\]|([^\W\d][\w$]*)')


@contextmanager
def observed_tables(seen: set[str] | None = None) -> Iterator[set[str]]:
    """Collect in ``seen``, by ``label_lower``, the models whose tables are named in SQL that runs
    within on this thread.
    """
    found: set[str] = set() if seen is None else seen

    def hear(execute: Callable[..., Any], sql: Any, *arguments: Any) -> Any:
        found.update(models_in_sql(sql if isinstance(sql, str) else str(sql)))
        return execute(sql, *arguments)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(hear))
        yield found


def observe_opaque(
    serializer: Any, opaque: Collection[str], seen: set[str]
) -> AbstractContextManager[Any]:
    """Collect in ``seen`` the models that the ``opaque`` fields of a serializer read from now on.

    They are wrapped on this one instance. ``opaque`` are names of fields, with dots where they are
    nested, as ``content_reach`` gives them; a field that the serializer does not have is skipped.
    Its ``data`` is to be read within what is returned: a serializer may make that in its own way.
    """
    for name in opaque:
        while not _observe(found_field(serializer, name), seen):
            # A field that lets nobody wrap it: hear all of the serializer that it is in.
            name = name.rpartition(".")[0] or WHOLE  # noqa: PLW2901
    if WHOLE in opaque and overrides(type(serializer), "data"):
        return observed_tables(seen)
    return nullcontext()


def found_field(serializer: Any, name: str) -> Any:
    """The field of that name, with dots where it is nested; None where there is none."""
    if name == WHOLE:
        return serializer
    field = serializer
    for part in name.split("."):
        field = getattr(field, "child", field)  # of a ListSerializer
        field = getattr(field, "fields", {}).get(part)
    return field


def _observe(field: Any, seen: set[str]) -> bool:
    """Wrap what a field reads with. Whether it is, where there is a field."""
    wrapped = True
    for name in ("get_attribute", "to_representation") if field is not None else ():
        observed = _observed(getattr(field, name), seen)
        setattr(field, name, observed)
        wrapped &= getattr(field, name) is observed
    return wrapped


def _observed(method: Callable[..., Any], seen: set[str]) -> Callable[..., Any]:
    @wraps(method)
    def observed(*arguments: Any) -> Any:
        with observed_tables(seen):
            return method(*arguments)

    return observed


def models_in_sql(sql: str) -> frozenset[str]:
    """The installed models, by ``label_lower``, whose tables are named in a text of SQL.

    A word that only looks like a table's name counts too.
    """
    return _models_in_sql(sql) if len(sql) > _LONGEST_KEPT else _kept_models_in_sql(sql)


def _models_in_sql(sql: str) -> frozenset[str]:
    by_table = _models_by_table()
    names = {"".join(groups).lower() for groups in _NAME.findall(sql)}
    return frozenset(model for name in names for model in by_table.get(name, ()))


_kept_models_in_sql = lru_cache(maxsize=1024)(_models_in_sql)


@cache
def _models_by_table() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy:
            # Some write '"schema"."table"' for a table of another schema.
            [*_, table] = _NAME.findall(model._meta.db_table) or [(model._meta.db_table,)]
            found.setdefault("".join(table).lower(), []).append(model._meta.label_lower)
    return found
