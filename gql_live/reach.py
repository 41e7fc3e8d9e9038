"""What can concern an audience: necessary conditions, and the rows that its answer is made of.

Sans-I/O. Models are named by ``label_lower``, always the concrete one; columns by ``attname``.
"""

from dataclasses import dataclass, field
from enum import Enum

from gql_live.changes import Value


@dataclass(frozen=True, slots=True)
class Condition:
    """A row that is visible holds one of ``values`` in ``column``. Necessary, not sufficient."""

    column: str
    values: frozenset[Value]


class Direction(Enum):
    """Which of the two rows of a hop holds the reference."""

    FORWARD = "forward"  # the nearer one: its ``column`` refers to ``target`` of the farther one
    REVERSE = "reverse"  # the farther one: its ``column`` refers to ``target`` of the nearer one


@dataclass(frozen=True, slots=True)
class Hop:
    """One reference on the way from a row to another: to ``model``, over ``column``.

    ``column`` is the ``attname`` of the referring column, ``target`` that of the column that it
    refers to, mostly the primary key. A generic relation counts only where ``type_column`` of the
    farther row holds ``content_type``, an ``app_label.model``.
    """

    model: str
    direction: Direction
    column: str
    target: str
    type_column: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """The way from a row of ``root`` to the rows of other tables that it is shown or filtered by.

    A many-to-many relation is two hops, over the table in between. Tables that a child shares with
    its parents in multi-table inheritance are hops as well.
    """

    root: str
    hops: tuple[Hop, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The model that each hop reaches."""
        return tuple(hop.model for hop in self.hops)


@dataclass(frozen=True, slots=True)
class Reach:
    """What can concern an audience.

    ``conditions`` all hold for each visible row; none of them: any row may be visible. A change of
    a row on one of ``paths`` concerns the root rows that the path leads back to. A change of any
    row of ``membership`` models may let rows in or out; one of ``content`` models may change what
    any row shows.
    """

    conditions: tuple[Condition, ...] = ()
    paths: frozenset[Path] = field(default_factory=frozenset)
    membership: frozenset[str] = frozenset()
    content: frozenset[str] = frozenset()

    def includes(self, model: str) -> bool:
        """Whether the rows that are visible may rest on a row of ``model``."""
        on_path = any(model in path.models for path in self.paths)
        return on_path or model in self.membership or model in self.content
