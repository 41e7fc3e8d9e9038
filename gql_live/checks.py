"""System checks: what ``manage.py check`` says of the settings, the channel layer, the schemas and
what views depend on.

gql_live.E001  ``GQL_LIVE`` is no dict, or has a key that means nothing
gql_live.E100  the registered views cannot be one schema
gql_live.E200  ``realtime_depends_on`` names what is not there
gql_live.I001  no channel layer reaches other processes, so their writes are not seen
gql_live.I200  fields of which only watching them tells what they read
gql_live.W200  a view depends on a model whose writes are not looked at
gql_live.W201  a database whose writes may not pass where they are seen
gql_live.W202  a view reads from another database than its rows are written to
gql_live.W1xx, gql_live.E1xx  what the schema builder had to assume or leave out (diagnostics.py)
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import connections
from django.db import router as database_router

from gql_live.compilers import passes_by
from gql_live.conf import DEFAULTS, configured
from gql_live.dependencies import audit
from gql_live.exceptions import ConfigurationError
from gql_live.publisher import cross_process_layer
from gql_live.routers import RealtimeRouter
from gql_live.schema_builder import Diagnostic, SchemaError
from gql_live.tracking import is_tracked, tables, unrelated

_LEVELS = {"info": checks.Info, "warning": checks.Warning, "error": checks.Error}


def realtime_routers() -> Iterator[tuple[str, RealtimeRouter]]:
    """The routers of every installed app's ``realtime`` module, with their import paths."""
    for app in apps.get_app_configs():
        module = sys.modules.get(f"{app.name}.realtime")
        for name, value in vars(module).items() if module else ():
            if isinstance(value, RealtimeRouter):
                yield f"{app.name}.realtime:{name}", value


@checks.register("gql_live")
def check_settings(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_options: Any,
) -> list[checks.CheckMessage]:
    """``GQL_LIVE`` has only keys that mean something."""
    try:
        unknown = sorted(set(configured()) - set(DEFAULTS))
    except ConfigurationError as error:
        return [checks.Error(str(error), id="gql_live.E001")]
    return [
        checks.Error(
            f"GQL_LIVE[{key!r}] is not a setting.",
            hint=f"Settings are {', '.join(sorted(DEFAULTS))}.",
            id="gql_live.E001",
        )
        for key in unknown
    ]


@checks.register("gql_live")
def check_channel_layer(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_options: Any,
) -> list[checks.CheckMessage]:
    """Writes of other processes arrive through a channel layer."""
    if cross_process_layer() is not None:
        return []
    return [
        checks.Info(
            "No channel layer reaches other processes: subscribers hear only of writes that the "
            "process they are connected to makes.",
            hint="With several processes, set CHANNEL_LAYERS to channels_redis (pip install "
            "'gql-live[redis]').",
            id="gql_live.I001",
        )
    ]


@checks.register("gql_live")
def check_schemas(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_options: Any,
) -> list[checks.CheckMessage]:
    """Every router's views are a schema in which nothing had to be guessed."""
    found: list[checks.CheckMessage] = []
    for path, router in realtime_routers():
        try:
            found += [_message(path, diagnostic) for diagnostic in router.diagnostics]
        except SchemaError as error:
            found.append(checks.Error(str(error), obj=path, id="gql_live.E100"))
    return found


@checks.register("gql_live")
def check_declarations(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_options: Any,
) -> list[checks.CheckMessage]:
    """What views say that their rows depend on is there."""
    return [
        checks.Error(message, obj=path, id="gql_live.E200")
        for path, view in _registered_views()
        for message in audit(view).wrong
    ]


@checks.register("gql_live", deploy=True)
def check_derivations(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_options: Any,
) -> list[checks.CheckMessage]:
    """What rows are made of can be derived. Only with ``--deploy``: where it cannot be, more is
    asked of the database, and nothing is missed.
    """
    return [
        checks.Info(
            f"[{view.__name__} > {serializer}] What these fields read cannot be derived: "
            f"{', '.join(fields)}. The tables that they ask are noted while rows are serialized; "
            "when a row of one changes, every row is serialized again.",
            hint="Say which rows they read, and only the rows that show those are serialized "
            f'again: realtime_depends_on = {{"{fields[0]}": ["lookup__path"]}} on '
            f"{view.__name__}; [] for a field that reads no other row.",
            obj=path,
            id="gql_live.I200",
        )
        for path, view in _registered_views()
        for serializer, fields in audit(view).opaque
    ]


@checks.register("gql_live")
def check_untracked(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_options: Any,
) -> list[checks.CheckMessage]:
    """What views depend on is looked at when it is written."""
    return [
        checks.Warning(
            f"[{view.__name__}] Its rows depend on {', '.join(missing)}, whose writes are not "
            "looked at: what they change is not told.",
            hint='Take it out of GQL_LIVE["UNTRACKED"], name it in realtime_depends_on, or say '
            "realtime_poll.",
            obj=path,
            id="gql_live.W200",
        )
        for path, view in _registered_views()
        if (missing := [each for each in sorted(audit(view).models) if not _is_looked_at(each)])
    ]


@checks.register("gql_live")
def check_databases(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_options: Any,
) -> list[checks.CheckMessage]:
    """Every database writes through the compilers that are wrapped."""
    models: dict[str, list[str]] = {}
    for model in (table.model for known in tables.values() for table in known):
        models.setdefault(database_router.db_for_write(model), []).append(model._meta.label)
    return [
        checks.Warning(
            f"The backend of the database {alias!r} executes writes in its own way: unless that "
            f"calls Django's, nothing is told of writes to {', '.join(sorted(written))}.",
            hint="Say gql_live.notify(…) after each write, or realtime_poll on the views.",
            obj=alias,
            id="gql_live.W201",
        )
        for alias, written in models.items()
        if passes_by(connections[alias])
    ]


@checks.register("gql_live")
def check_replicas(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_options: Any,
) -> list[checks.CheckMessage]:
    """Views read from where their rows are written: a replica may not have them yet."""
    found: list[checks.CheckMessage] = []
    for path, view in _registered_views():
        model = view.queryset.model
        read, written = database_router.db_for_read(model), database_router.db_for_write(model)
        if read != written and view.realtime_poll is None:
            found.append(
                checks.Warning(
                    f"[{view.__name__}] {model._meta.label} is written to {written!r} and read "
                    f"from {read!r}: a change may be looked at before it has arrived there.",
                    hint="Have a database router read it where it is written, or say realtime_poll "
                    "on the view.",
                    obj=path,
                    id="gql_live.W202",
                )
            )
    return found


def _is_looked_at(label: str) -> bool:
    model = apps.get_model(label)
    return is_tracked(model) or model._meta.db_table in unrelated


def _registered_views() -> Iterator[tuple[str, Any]]:
    for path, router in realtime_routers():
        with suppress(SchemaError):  # check_schemas says so
            yield from ((path, view) for view in router.gateway.views)


def _message(path: str, diagnostic: Diagnostic) -> checks.CheckMessage:
    return _LEVELS[diagnostic.level](
        f"[{diagnostic.place}] {diagnostic.message}",
        hint=diagnostic.remedy,
        obj=path,
        id=diagnostic.id,
    )
