"""What the wanted fields of a serializer show, as paths from the row that it is given. No query
runs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from gql_live.dependencies.fields import FieldWalk, Place, Says
from gql_live.dependencies.observing import WHOLE
from gql_live.dependencies.relations import longest, path
from gql_live.reach import Path
from gql_live.wanted import Wanted


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
    given: Collection[str] = (),
) -> ContentReach:
    """What ``serializer``, of one row or many, reads for what is ``wanted`` of each.

    ``declared`` is what the view says of its fields (``realtime_depends_on``), by name, with dots
    where they are nested. ``model`` is that of the rows; None: that of the view's queryset or of
    the serializer. ``given`` are the names of what the queryset adds to each row (annotations).

    Raises ``ConfigurationError`` for a declaration that makes no sense.
    """
    view = serializer.context.get("view")
    row = getattr(serializer, "child", serializer)
    root = model or _model_of(view, row)
    if root is None:
        return ContentReach(opaque=frozenset({WHOLE}))
    says = Says(type(view or row).__name__, root, declared)
    walk = FieldWalk(says, given)
    if WHOLE in declared:
        walk.depend(WHOLE)
    walk.rows(serializer, Place(root), "", wanted)
    return ContentReach(
        paths=frozenset(path(root, way) for way in longest(walk.ways)),
        opaque=frozenset(walk.opaque),
        content=frozenset(walk.content),
    )


def _model_of(view: Any, serializer: Any) -> type[Model] | None:
    queryset = getattr(view, "queryset", None)
    owner = getattr(serializer, "Meta", None) if queryset is None else queryset
    return getattr(owner, "model", None)
