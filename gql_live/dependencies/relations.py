"""Relations between models, as hops: over attributes of instances and over lookups of querysets.

What is said of a model holds for its concrete one: a proxy has no rows of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignObjectRel, Model
from django.db.models.constants import LOOKUP_SEP

from gql_live.reach import Direction, Hop, Path

Hops = tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of a model's rows to those of ``model``: ``hops`` lead there.

    ``many``: to a list of rows, else to one. ``own``: the row itself holds the key of the other.
    """

    hops: Hops
    model: type[Model]
    many: bool
    own: bool


class UnknownPathError(ValueError):
    """A lookup path takes a ``step`` that is neither a relation nor a column of ``model``."""

    def __init__(self, model: type[Model], step: str) -> None:
        super().__init__(f"{model._meta.label} has no relation or column {step!r}")
        self.model = model
        self.step = step


def label(model: type[Model]) -> str:
    """The name by which paths and changes know a model."""
    concrete = model._meta.concrete_model or model
    return concrete._meta.label_lower


def path(root: type[Model], hops: Hops) -> Path:
    """The path from rows of ``root``."""
    return Path(label(root), hops)


def longest(ways: Iterable[Hops]) -> frozenset[Hops]:
    """Those of ``ways`` that no other one begins with: whoever walks them passes all the rest."""
    found = {way for way in ways if way}
    begun = {way[:length] for way in found for length in range(1, len(way))}
    return frozenset(found - begun)


def hop_of(join_field: Any) -> Hop | None:
    """The hop that a join takes over ``join_field``, a ``PathInfo``'s or a ``Join``'s; None for one
    over several columns, or of a kind that Django does not know.
    """
    reverse = isinstance(join_field, ForeignObjectRel)
    field: Any = join_field.field if reverse else join_field
    pairs: Any = getattr(field, "related_fields", ())
    if len(pairs) != 1:
        return None
    [(referring, referred)] = pairs
    if _is_generic(field):
        if reverse:
            return _generic_hop(field, referring.attname, referred.attname)
        # From its far side, the type is not looked at: that only makes more rows count.
        return Hop(label(field.model), Direction.FORWARD, referring.attname, referred.attname)
    if not issubclass(field.model, referring.model):
        return None  # a TaggableManager of django-taggit: it joins by a column of a third table
    model, direction = (
        (field.model, Direction.REVERSE)
        if reverse
        else (field.remote_field.model, Direction.FORWARD)
    )
    return Hop(label(model), direction, referring.attname, referred.attname)


def _is_generic(field: Any) -> bool:
    # By its attributes: the class can be imported only where contenttypes is installed.
    return hasattr(field, "content_type_field_name") and hasattr(field, "object_id_field_name")


def _generic_hop(field: Any, column: str, target: str) -> Hop:
    owner = field.model
    if getattr(field, "for_concrete_model", True):
        owner = owner._meta.concrete_model
    farther = field.remote_field.model
    type_column = farther._meta.get_field(field.content_type_field_name).attname
    return Hop(
        label(farther),
        Direction.REVERSE,
        column,
        target,
        type_column,
        owner._meta.label_lower,
    )


@cache
def parents(model: type[Model]) -> tuple[Hops, ...]:
    """The ways to the tables that a model shares with its parents in multi-table inheritance."""
    ways = (_to_parent(model, parent) for parent in model._meta.get_parent_list())
    return tuple(longest(way for way in ways if way))


def _to_parent(model: type[Model], parent: type[Model]) -> Hops | None:
    return _hops(model._meta.get_path_to_parent(parent))


def _hops(infos: Iterable[Any]) -> Hops | None:
    """The hops over a relation's ``PathInfo``s; None where one of them cannot be said."""
    hops = [hop_of(info.join_field) for info in infos]
    return None if None in hops else tuple(hops)  # type: ignore[arg-type]


# --- what is an attribute, what is a lookup ---


@cache
def columns(model: type[Model]) -> frozenset[str]:
    """The attributes of an instance that hold its own columns, those of parents too."""
    fields = model._meta.concrete_fields
    names = {field.name for field in fields if not field.is_relation}
    return frozenset({"pk", *names, *(field.attname for field in fields)})


@cache
def relation(model: type[Model], attribute: str) -> Relation | None:
    """The relation that an attribute of instances gives; None for anything else."""
    field = _relational_attributes(model).get(attribute)
    return None if field is None else _relation(model, field)


@cache
def _relational_attributes(model: type[Model]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for field in model._meta.get_fields():
        if isinstance(field, ForeignObjectRel):
            name: Any = field.get_accessor_name()
            if name and not field.hidden:
                found[name] = field
        elif field.is_relation:
            found[field.name] = field
    return MappingProxyType(found)


@cache
def looked_up(model: type[Model], step: str) -> Relation | None:
    """The relation that one step of a lookup takes; None where it names a column.

    Raises ``UnknownPathError`` for what is neither, and for a generic foreign key, which leads
    anywhere.
    """
    if step in columns(model):
        return None
    try:
        field: Any = model._meta.get_field(step)
    except FieldDoesNotExist:
        field = _relational_attributes(model).get(step)
    found = _relation(model, field) if field is not None else None
    if found is None:
        raise UnknownPathError(model, step)
    return found


def follow_lookup(model: type[Model], lookup: str) -> tuple[Hops, type[Model], tuple[str, ...]]:
    """The hops that a lookup path takes, the model where it ends, and the steps left over: a
    column of that, and transforms.

    Raises ``UnknownPathError``.
    """
    hops: Hops = ()
    steps = lookup.split(LOOKUP_SEP)
    for index, step in enumerate(steps):
        found = looked_up(model, step)
        if found is None:
            return hops, model, tuple(steps[index:])
        hops += found.hops
        model = found.model
    return hops, model, ()


def _relation(model: type[Model], field: Any) -> Relation | None:
    """As ``Query.names_to_path`` of Django walks: to the table that has the relation, then over
    it.
    """
    related = getattr(field, "related_model", None)
    if not field.is_relation or not isinstance(related, type):
        return None
    home = field.model._meta.concrete_model
    to_home = _hops(model._meta.get_path_to_parent(home)) if issubclass(model, home) else ()
    over = _hops(field.path_infos) if hasattr(field, "path_infos") else None
    if to_home is None or over is None:
        return None
    many = bool(field.one_to_many or field.many_to_many)
    return Relation((*to_home, *over), related, many, own=field.concrete and not many)
