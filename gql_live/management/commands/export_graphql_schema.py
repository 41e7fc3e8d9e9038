"""``manage.py export_graphql_schema todolist.realtime:router``: the schema as SDL."""

import difflib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from gql_live.routers import RealtimeRouter
from gql_live.schema_builder import SchemaError


class Command(BaseCommand):
    """Print the schema, write it, or compare it with a file."""

    help = "Print a router's GraphQL schema as SDL, write it to a file, or compare it with one."
    requires_system_checks = ()  # it says itself what the checks would say of its router

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "router", help="where the router is: todolist.realtime:router", metavar="module:name"
        )
        parser.add_argument("--out", type=Path, metavar="FILE", help="write the SDL to this file")
        parser.add_argument(
            "--check",
            type=Path,
            metavar="FILE",
            help="compare the SDL with this file; print the difference and exit 1 if there is one",
        )
        parser.add_argument(
            "--fail-on-warn",
            action="store_true",
            help="exit 1 if anything had to be guessed or left out",
        )

    def handle(self, *_arguments: Any, **options: Any) -> None:
        router = _router(options["router"])
        try:
            sdl = router.type_defs.rstrip() + "\n"
        except SchemaError as error:
            raise CommandError(str(error)) from error
        for diagnostic in router.diagnostics:
            self.stderr.write(f"{diagnostic.level}: {diagnostic} ({diagnostic.id})")
        if options["check"]:
            _require_same(options["check"], sdl)
        elif options["out"]:
            options["out"].write_text(sdl)
        else:
            self.stdout.write(sdl, ending="")
        if options["fail_on_warn"] and any(d.level != "info" for d in router.diagnostics):
            raise CommandError("The schema has warnings, and --fail-on-warn was given.")


def _router(path: str) -> RealtimeRouter:
    try:
        router = import_string(path.replace(":", "."))
    except ImportError as error:
        raise CommandError(f"There is no router at {path!r}: {error}") from error
    if not isinstance(router, RealtimeRouter):
        raise CommandError(f"{path!r} is no RealtimeRouter but a {type(router).__name__}.")
    return router


def _require_same(file: Path, sdl: str) -> None:
    try:
        known = file.read_text()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
    if known != sdl:
        difference = difflib.unified_diff(
            known.splitlines(keepends=True), sdl.splitlines(keepends=True), str(file), "the schema"
        )
        raise CommandError("The schema has changed.\n" + "".join(difference))
