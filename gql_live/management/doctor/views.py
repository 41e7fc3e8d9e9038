"""What is registered: ``realtime`` modules, routers, their root fields, the models tracked."""

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import ERROR, WARNING
from rest_framework.generics import GenericAPIView

from gql_live.checks import check_schemas, realtime_routers
from gql_live.management.doctor.findings import Finding, broken, note, ok, warning
from gql_live.routers import RealtimeRouter
from gql_live.schema_builder import SchemaError
from gql_live.tracking import tables


def registered_views() -> list[type[GenericAPIView[Any]]]:
    """The views of every router whose views can be one schema."""
    views: dict[type[GenericAPIView[Any]], None] = {}
    for _, router in realtime_routers():
        try:
            views.update(dict.fromkeys(router.gateway.views))
        except SchemaError:
            continue  # examine_views says it
    return list(views)


def examine_views() -> Iterator[Finding]:
    """Every router of the installed apps' ``realtime`` modules."""
    modules = [
        name for app in apps.get_app_configs() if (name := f"{app.name}.realtime") in sys.modules
    ]
    yield ok("views.modules", f"realtime modules: {', '.join(modules) or 'none'}.")
    routers = dict(realtime_routers())
    if not routers:
        yield warning(
            "views.none",
            "No realtime module has a router: what other processes write (a worker, a shell) is "
            "not published.",
            "Make the RealtimeRouter in realtime.py of an installed app.",
        )
    for path, router in routers.items():
        yield from _examine(path, router)
    yield _tracked_models()
    yield from _remarks()


def _examine(path: str, router: RealtimeRouter) -> Iterator[Finding]:
    try:
        views = router.gateway.views
    except SchemaError as error:
        yield broken("views.schema", f"{path}: the views cannot be one schema: {error}")
        return
    names = ", ".join(view.__name__ for view in views) or "no view"
    root = router.schema.subscription_type
    fields = " ".join(root.fields) if root else ""
    yield ok("views.router", f"{path}: {names}; subscription {{ {fields} }}.")


def _tracked_models() -> Finding:
    """What the views show, and all that is related with it."""
    models = sorted({table.model._meta.label for known in tables.values() for table in known})
    return ok("views.tracked", f"Writes to {', '.join(models) or 'no model'} are published.")


def _remarks() -> Iterator[Finding]:
    """What the schema builder had to assume, counted: ``check`` says it in full."""
    messages = [each for each in check_schemas(None) if each.id != "gql_live.E100"]
    for each in messages:
        if each.level >= ERROR:
            yield broken("views.check", f"{each.obj}: {each.msg} ({each.id})", each.hint or "")
    guesses = Counter(each.obj for each in messages if WARNING <= each.level < ERROR)
    for path, number in guesses.items():
        yield warning(
            "views.guesses",
            f"{path}: the schema builder had to guess, or to leave something out: {number} times.",
            "manage.py check --tag gql_live",
        )
    remarks = sum(each.level < WARNING for each in messages)
    if remarks:
        said = f"The schema builder has more to say: {remarks} remarks."
        yield note("views.remarks", said, "manage.py check --tag gql_live")
