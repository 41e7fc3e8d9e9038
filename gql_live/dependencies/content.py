"""What the wanted fields of a serializer show, as paths from the row that it is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from rest_framework import fields as drf
from rest_framework import relations, serializers

from gql_live.dependencies.observing import WHOLE
from gql_live.dependencies.relations import Hops, columns, longest, parents, path, relation
from gql_live.reach import Path
from gql_live.schema_builder.overriding import overrides
from gql_live.wanted import EVERYTHING, Wanted


@dataclass(frozen=True, slots=True)
class ContentReach:
    """What rows are made of.

    ``paths`` lead from the row to all others that it shows; ``opaque`` are the fields of which
    only watching them tells what they read, with dots where they are nested, ``"*"`` for the
    serializer as a whole; ``content`` are models any row of which counts.
    """

    paths: frozenset[Path] = field(default_factory=frozenset)
    opaque: frozenset[str] = field(default_factory=frozenset)
    content: frozenset[str] = field(default_factory=frozenset)


def content_reach(
    serializer: Any,
    wanted: Wanted,
    declared: Mapping[str, Sequence[Any]],
    model: type[Model] | None = None,
) -> ContentReach:
    """What ``serializer``, of one row or many, reads for what is ``wanted`` of each.

    ``model`` is that of the rows; None: the serializer's own. ``declared`` is what the view says of
    its fields (``realtime_depends_on``).
    """
    serializer = getattr(serializer, "child", serializer)
    root = model or serializer.Meta.model
    walk = _Walk(frozenset(declared))
    walk.row(serializer, root, (), "", wanted)
    return ContentReach(
        paths=frozenset(path(root, way) for way in longest(walk.ways)),
        opaque=frozenset(walk.opaque),
    )


class _Walk:
    def __init__(self, declared: frozenset[str]) -> None:
        self.ways: set[Hops] = set()
        self.opaque: set[str] = set()
        self._declared = declared

    def row(
        self, serializer: Any, model: type[Model], start: Hops, prefix: str, wanted: Wanted
    ) -> None:
        """The fields of a serializer of rows of ``model``."""
        if overrides(type(serializer), "_readable_fields", "data", "fields", "to_representation"):
            self.opaque.add(prefix.rstrip(".") or WHOLE)
            wanted = EVERYTHING
        self.ways.add(start)
        self.ways.update((*start, *way) for way in parents(model))
        for name, each in serializer.fields.items():
            if each.write_only or (wanted.keys is not None and name not in wanted.keys):
                continue
            if prefix + name in self._declared:
                continue
            below = EVERYTHING if wanted.keys is None else wanted.keys[name]
            self._field(each, model, start, prefix + name, below)

    def _field(self, each: Any, model: type[Model], start: Hops, name: str, wanted: Wanted) -> None:
        if isinstance(each, relations.HyperlinkedIdentityField):
            return
        attributes = list(each.source_attrs)
        if isinstance(each, relations.PrimaryKeyRelatedField):
            attributes.pop()
        hops, reached = start, model
        for attribute in attributes:
            if attribute in columns(reached):
                self.ways.add(hops)
                return
            found = relation(reached, attribute)
            if found is None:
                self.opaque.add(name)
                self.ways.add(hops)
                return
            hops, reached = (*hops, *found.hops), found.model
        self.ways.add(hops)
        below = getattr(each, "child", each)
        if isinstance(below, serializers.Serializer):
            self.row(below, reached, hops, f"{name}.", wanted)
        elif isinstance(each, drf.SerializerMethodField):
            self.opaque.add(name)
