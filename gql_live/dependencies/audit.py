"""What can be said of a view beforehand: what it declares wrongly, and where derivation stops."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gql_live.dependencies.asking import ask
from gql_live.dependencies.content import content_reach
from gql_live.dependencies.declared import declared_reach
from gql_live.dependencies.observing import WHOLE, found_field
from gql_live.dependencies.querysets import added_names, queryset_reach
from gql_live.exceptions import ConfigurationError
from gql_live.reach import Path
from gql_live.schema_builder.overriding import overrides
from gql_live.schema_builder.probe import no_queries
from gql_live.wanted import EVERYTHING


@dataclass(frozen=True, slots=True)
class Audit:
    """``wrong``: what is declared wrongly, each with its remedy. ``opaque``: by serializer, the
    fields of which only watching them tells what they read. ``models``: those whose rows count, as
    far as it can be said beforehand.
    """

    wrong: tuple[str, ...]
    opaque: tuple[tuple[str, tuple[str, ...]], ...]
    models: frozenset[str] = frozenset()


def audit(view_class: Any) -> Audit:
    """What ``realtime_depends_on`` and the serializers of a view say. Asks no query."""
    with no_queries():
        serializers = _serializers(view_class)
    model, declared = view_class.queryset.model, view_class.realtime_depends_on
    wrong, valid = [], {}
    for name, said in declared.items():
        try:
            declared_reach(view_class.__name__, model, name, said)
        except ConfigurationError as error:
            wrong.append(str(error))
        else:
            valid[name] = said
    if serializers and not _is_dynamic(view_class, serializers):
        wrong += _unknown_fields(view_class, list(serializers))
    opaque: dict[str, dict[str, None]] = {}
    models = _filtering(view_class)
    for serializer, given in serializers.items():
        with suppress(Exception):  # a project's serializer may do anything
            found = content_reach(serializer, EVERYTHING, valid, model, given)
            fields = dict.fromkeys(sorted(found.opaque))
            opaque.setdefault(type(serializer).__name__, {}).update(fields)
            models |= _on(found.paths) | found.content
    named = ((name, tuple(fields)) for name, fields in opaque.items() if fields)
    return Audit(tuple(wrong), tuple(named), frozenset(models))


def _filtering(view_class: Any) -> set[str]:
    """The models by which a view chooses its rows, as far as it says so."""
    found: set[str] = set()
    for view in ask(view_class):
        with suppress(Exception), no_queries():  # a project's view may do anything
            reach = queryset_reach(view.get_queryset())
            found |= _on(reach.paths) | reach.membership | reach.content
    return found


def _on(paths: Iterable[Path]) -> set[str]:
    return {model for path in paths for model in path.models}


def _serializers(view_class: Any) -> dict[Any, frozenset[str]]:
    """One of each class that the view uses, as far as it says so, with the names of what its
    queryset adds to each row.
    """
    found: dict[type, tuple[Any, frozenset[str]]] = {}
    for view in ask(view_class):
        given = frozenset[str]()
        with suppress(Exception):  # a project's view may do anything
            given = added_names(view.get_queryset())
        with suppress(Exception):
            serializer = view.get_serializer()
            _, before = found.get(type(serializer), (None, frozenset()))
            found[type(serializer)] = serializer, before | given
    return dict(found.values())


def _is_dynamic(view_class: Any, serializers: Iterable[Any]) -> bool:
    """Whether there may be fields that nobody knows of beforehand."""
    return overrides(view_class, "get_serializer_class", "get_serializer") or any(
        overrides(type(each), "get_fields", "fields", "__init__") for each in serializers
    )


def _unknown_fields(view_class: Any, serializers: list[Any]) -> Iterator[str]:
    for name in view_class.realtime_depends_on:
        if name != WHOLE and not any(found_field(each, name) for each in serializers):
            yield (
                f"{view_class.__name__}.realtime_depends_on names {name!r}, which is no field of "
                f"{type(serializers[0]).__name__}: name a field, with dots where it is nested, or "
                f'"*" for the whole row.'
            )
