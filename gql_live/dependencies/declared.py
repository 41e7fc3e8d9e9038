"""What a view says by itself of its rows: ``realtime_depends_on``."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db.models import Model

from gql_live.dependencies.relations import Hops, UnknownPathError, follow_lookup, label
from gql_live.exceptions import ConfigurationError


@dataclass(frozen=True, slots=True)
class Declared:
    """Ways from a row to others, and models any row of which counts."""

    ways: frozenset[Hops]
    content: frozenset[str]


def declared_models(view_class: Any) -> set[type[Model]]:
    """The models whose rows a view says that its own depend on. What makes no sense is passed over:
    a check says so.
    """
    model = view_class.queryset.model
    labels: set[str] = set()
    for name, said in view_class.realtime_depends_on.items():
        with suppress(ConfigurationError):
            declared = declared_reach(view_class.__name__, model, name, said)
            labels |= declared.content | {hop.model for way in declared.ways for hop in way}
    return {apps.get_model(each) for each in labels}


def declared_reach(view: str, model: type[Model], name: str, said: Sequence[Any]) -> Declared:
    """What ``view`` says that ``name``, a field or ``"*"``, of its rows of ``model`` depends on.

    Raises ``ConfigurationError`` naming the view and the remedy for what is no lookup path from
    ``model`` and no model.
    """
    if isinstance(said, str) or not isinstance(said, Sequence):
        raise ConfigurationError(
            f"{view}.realtime_depends_on[{name!r}] is {said!r}: give a list of lookup paths or "
            f'models, for example ["owner__groups", "app.Model"].'
        )
    return _declared_reach(view, model, name, tuple(said))


@lru_cache(maxsize=1024)
def _declared_reach(view: str, model: type[Model], name: str, said: tuple[Any, ...]) -> Declared:
    ways: set[Hops] = set()
    content: set[str] = set()
    for each in said:
        if isinstance(each, type) and issubclass(each, Model):
            content.add(label(each))
        elif isinstance(each, str) and "." in each:
            content.add(label(_model(view, name, each)))
        elif isinstance(each, str):
            ways.add(_way(view, model, name, each))
        else:
            raise _error(view, name, each, "give a lookup path or a model")
    return Declared(frozenset(ways), frozenset(content))


def _model(view: str, name: str, said: str) -> type[Model]:
    try:
        return apps.get_model(said)
    except (LookupError, ValueError) as error:
        raise _error(view, name, said, 'name an installed model, as "app.Model"') from error


def _way(view: str, model: type[Model], name: str, said: str) -> Hops:
    try:
        hops, reached, rest = follow_lookup(model, said)
    except UnknownPathError as error:
        raise _error(
            view, name, said, f"{error}; give a lookup path from {model._meta.label}, or a model"
        ) from error
    if len(rest) > 1:
        raise _error(
            view, name, said, f"{rest[0]!r} of {reached._meta.label} is a column: end there"
        )
    return hops


def _error(view: str, name: str, said: object, remedy: str) -> ConfigurationError:
    return ConfigurationError(f"{view}.realtime_depends_on[{name!r}] names {said!r}: {remedy}.")
