"""``python -m tests.schema_builder.every_schema SEED LANGUAGE``: every router's schema, as JSON.

Also one of views that want the same names. ``SEED`` says in what order views are registered.
"""

import json
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import django
from django.utils import translation


def main(seed: str, language: str) -> None:
    """Print, for each set of views, the SDL, the response keys and the findings."""
    django.setup()
    # What needs the settings can be imported now.
    from gql_live.schema_builder import build_schema
    from tests.schema_builder.building import nothing

    found = {}
    with translation.override(language):
        for name, registrations in _registrations():
            shuffled = random.Random(seed).sample(registrations, len(registrations))
            built = build_schema(shuffled, resolve=nothing)
            said = [[each.id, str(each)] for each in built.diagnostics]
            found[name] = [built.type_defs, built.response_keys, said]
    print(json.dumps(found))  # noqa: T201  # the answer


def _registrations() -> Iterator[tuple[str, Sequence[Any]]]:
    from gql_live.checks import realtime_routers

    for path, router in realtime_routers():
        yield path, list(router._registrations)
    yield "clashing", list(_clashing())


def _clashing() -> Iterator[Any]:
    """Types, enums and changes of one name, from two apps and from one module."""
    from rest_framework import serializers

    from gql_live.schema_builder import Registration
    from tests.schema_builder.building import serializer_for, viewset_for
    from tests.schema_builder.catalog.models import Author, Book, Shelf

    models: list[Any] = [Book, Shelf, Author]
    fields = {Book: "title", Shelf: "code", Author: "name"}
    for number, (app, model) in enumerate(
        (app, model) for app in ("tests.todo", "tests.schema_builder.catalog") for model in models
    ):
        kind = serializers.ChoiceField([f"a{number}", "b c", "b-c"], source=fields[model])
        serializer = serializer_for(model, {"id": ..., "kind": kind}, "ItemSerializer")
        serializer.__module__ = f"{app}.serializers"
        view = viewset_for(serializer, model, f"View{number}", __module__=app)
        yield Registration(view, f"item{number}")
    change = serializer_for(Shelf, {"id": ...}, "ItemChangeSerializer")
    yield Registration(viewset_for(change, Shelf, "ChangeView"), "change")


if __name__ == "__main__":
    main(*sys.argv[1:])
