"""A way through the fields of a serializer, to the rows that each of them shows.

Where a field hands a row to code of the project's, derivation stops: such fields are opaque, and
only watching them tells what they read.
"""

import functools
import inspect
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Model
from rest_framework import serializers
from rest_framework.fields import SerializerMethodField
from rest_framework.relations import (
    HyperlinkedIdentityField,
    HyperlinkedRelatedField,
    ManyRelatedField,
    PrimaryKeyRelatedField,
    RelatedField,
    SlugRelatedField,
)

from gql_live.dependencies.declared import declared_reach
from gql_live.dependencies.observing import WHOLE
from gql_live.dependencies.querysets import rows_of_relation
from gql_live.dependencies.relations import Hops, Relation, columns, parents, relation
from gql_live.reach import Direction
from gql_live.schema_builder.overriding import overrides
from gql_live.wanted import EVERYTHING, Wanted

_OF_ROWS: Final = ("_readable_fields", "data", "to_representation")
_OF_VALUES: Final = (
    "__getattr__",
    "__getattribute__",
    "get_attribute",
    "get_url",
    "to_representation",
    "use_pk_only_optimization",
)
_ROWS_OF_MANAGERS: Final = frozenset({"all", "first", "last"})
_VALUES_OF_MANAGERS: Final = frozenset({"count", "exists"})


@dataclass(frozen=True, slots=True)
class Says:
    """What a view says of the fields of its rows of ``model``."""

    view: str
    model: type[Model]
    declared: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value comes from: a row of ``model``, or many, that ``hops`` lead to; None: it is no
    row, and nothing that is read of it asks the database.
    """

    model: type[Model] | None
    hops: Hops = ()
    many: bool = False


_VALUE: Final = Place(None)


class FieldWalk:
    """A way through the fields of a serializer and of those nested in it."""

    def __init__(self, says: Says, given: Collection[str]) -> None:
        self.ways: set[Hops] = set()
        self.opaque: set[str] = set()
        self.content: set[str] = set()
        self._says = says
        self._given = given
        self._within: list[type] = []

    def depend(self, name: str) -> None:
        """Take the view's word for what a field depends on."""
        says = self._says
        depends = declared_reach(says.view, says.model, name, says.declared[name])
        self.ways |= depends.ways
        self.content |= depends.content

    # --- serializers ---

    def rows(self, serializer: Any, place: Place, name: str, wanted: Wanted) -> None:
        """What ``serializer``, whose name is ``name`` ("": the outermost), shows of ``place``."""
        row = getattr(serializer, "child", serializer)
        place = replace(place, many=False)
        self._visit(place)
        if _has_its_own_way(serializer, *_OF_ROWS) or _has_its_own_way(row, *_OF_ROWS):
            self._stop(name or WHOLE)
            wanted = EVERYTHING
        if _has_its_own_way(serializer, "get_attribute"):
            # Whose rows it writes is not known.
            self._stop(name)
        elif wanted.keys is None and type(row) in self._within:
            # A tree: what its fields show has no end.
            self._stop(name)
        else:
            self._within.append(type(row))
            self._fields(row, place, name, wanted)
            self._within.pop()

    def _fields(self, row: Any, place: Place, name: str, wanted: Wanted) -> None:
        for key, each in row.fields.items() if isinstance(row, serializers.Serializer) else ():
            inner = f"{name}.{key}" if name else key
            below = EVERYTHING if wanted.keys is None else wanted.keys.get(key)
            if each.write_only or below is None:
                continue
            if inner in self._says.declared:
                self.depend(inner)
            else:
                self._field(each, place, inner, below)

    def _field(self, each: Any, place: Place, name: str, wanted: Wanted) -> None:
        if isinstance(each, serializers.BaseSerializer):
            source = self._follow(place, each.source_attrs, name)
            if source is not None:
                self.rows(each, source, name, wanted)
        elif isinstance(each, ManyRelatedField):
            self._related(each, each.child_relation, place, name)
        elif isinstance(each, RelatedField):
            self._related(each, each, place, name)
        elif isinstance(each, SerializerMethodField):
            self._stop(name)
        else:
            self._value(each, place, name)

    def _value(self, each: Any, place: Place, name: str) -> None:
        source = self._follow(place, each.source_attrs, name)
        child = each
        while child is not None and not isinstance(child, serializers.BaseSerializer):
            if _has_its_own_way(child, *_OF_VALUES):
                self._stop(name)
            child = getattr(child, "child", None)  # of a list or a dict
        if source is not None and child is not None:
            self.rows(child, source, name, EVERYTHING)
        elif source is not None:
            self._text_of(source, name)

    def _text_of(self, place: Place, name: str) -> None:
        """A row that is given to a field that knows nothing of rows: it writes the row's text."""
        self._visit(place)
        if place.model is not None and place.model.__str__ is not Model.__str__:
            self._stop(name)

    def _stop(self, name: str) -> None:
        """Derivation stops at a field, unless the view says what it depends on."""
        if name not in self._says.declared:
            self.opaque.add(name)

    # --- relational fields ---

    def _related(self, each: Any, shown: Any, place: Place, name: str) -> None:
        """A relational field, which shows each related row as ``shown`` does."""
        if _has_its_own_way(each, *_OF_VALUES) or _has_its_own_way(shown, *_OF_VALUES):
            self._stop(name)
            attributes: Sequence[str] = ()
        elif isinstance(shown, HyperlinkedRelatedField):
            attributes = (shown.lookup_field,)
        elif isinstance(shown, SlugRelatedField):
            attributes = shown.slug_field.replace("__", ".").split(".")
        elif isinstance(shown, PrimaryKeyRelatedField):
            attributes = ("pk",)
        else:
            attributes = ()
        if isinstance(each, HyperlinkedIdentityField):
            self._follow(place, attributes, name)
        elif attributes == ("pk",) and each.source_attrs:
            self._keys_of(each, place, name)
        else:
            source = self._follow(place, each.source_attrs, name)
            if source is not None:
                value = self._follow(replace(source, many=False), attributes, name)
                if value is not None:
                    self._text_of(value, name)

    def _keys_of(self, each: Any, place: Place, name: str) -> None:
        """A field that shows the keys of related rows: it reads what refers to them."""
        *before, last = each.source_attrs
        owner = self._follow(place, before, name)
        if owner is None or owner.model is None:
            return
        self._visit(owner)
        found = relation(owner.model, last)
        if found is None or owner.many:
            source = self._follow(owner, (last,), name)
            if source is not None:
                self._visit(source)
        elif not found.own:
            # Of a many-to-many relation the last hop leads from the links to the rows that they
            # refer to: no more is shown of those than their keys, unless they decide on more.
            links = found.hops
            decides = self._choose(found, owner.hops)
            if links[-1].direction is Direction.FORWARD and not decides:
                links = links[:-1]
            self.ways.add((*owner.hops, *links))

    # --- ways ---

    def _visit(self, place: Place) -> None:
        """A row that something is read of, in its own table or its parents'."""
        if place.model is not None:
            self.ways.add(place.hops)
            self.ways.update((*place.hops, *way) for way in parents(place.model))

    def _follow(self, place: Place, attributes: Sequence[str], name: str) -> Place | None:
        """Where attributes lead to from a place; None where derivation stops."""
        for attribute in attributes:
            if place.model is None:
                break
            if place.many:
                if attribute in _ROWS_OF_MANAGERS:
                    place = replace(place, many=attribute == "all")
                    continue
                return self._end(place, name, is_value=attribute in _VALUES_OF_MANAGERS)
            found = relation(place.model, attribute)
            if found is None:
                return self._end(place, name, is_value=self._is_value(place, attribute))
            self._choose(found, place.hops)
            place = Place(found.model, (*place.hops, *found.hops), found.many)
        return place

    def _end(self, place: Place, name: str, *, is_value: bool) -> Place | None:
        self._visit(place)
        if not is_value:
            self._stop(name)
        return _VALUE if is_value else None

    def _is_value(self, place: Place, attribute: str) -> bool:
        model: Any = place.model
        if attribute in columns(model) or (not place.hops and attribute in self._given):
            return True
        member = inspect.getattr_static(model, attribute, None)
        # get_<field>_display() reads its column.
        return (
            isinstance(member, functools.partialmethod) and member.func is Model._get_FIELD_display  # type: ignore[attr-defined]  # noqa: SLF001
        )

    def _choose(self, found: Relation, start: Hops) -> bool:
        """What decides which rows a relation gives, and in which order. Whether anything does."""
        chosen = rows_of_relation(found)
        self.ways.update((*start, *way) for way in chosen.ways)
        self.content |= chosen.models
        return chosen.by_columns


def _has_its_own_way(each: Any, *names: str) -> bool:
    """Whether a field or serializer does one of ``names`` otherwise than Django REST Framework."""
    return overrides(type(each), *names) or not vars(each).keys().isdisjoint(names)
