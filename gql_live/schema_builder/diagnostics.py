"""What the builder had to guess or could not build, as data: where, what, and what to do about
it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["info", "warning", "error"]


class SchemaError(Exception):
    """The registered views cannot be one schema; the message names the place and the remedy."""


@dataclass(frozen=True)
class Place:
    """A breadcrumb: the view, then the serializers and fields on the way."""

    steps: tuple[str, ...]

    def __truediv__(self, step: str) -> "Place":
        """Return the place one step further in."""
        return Place((*self.steps, step))

    def __str__(self) -> str:
        return " > ".join(self.steps)


@dataclass(frozen=True)
class Diagnostic:
    """One finding; ``id`` is stable, so that it can be silenced like any Django check."""

    id: str
    level: Level
    place: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"[{self.place}] {self.message}; {self.remedy}"


@dataclass(frozen=True)
class _Kind:
    """A sort of finding: its stable id and how bad it is."""

    id: str
    level: Level


UNKNOWN_TYPE = _Kind("gql_live.W101", "warning")
NO_FIELDS = _Kind("gql_live.W102", "warning")
RENAMED = _Kind("gql_live.W103", "warning")
NAME_CLASH = _Kind("gql_live.W104", "warning")
DYNAMIC_SERIALIZER = _Kind("gql_live.W105", "warning")
UNKNOWN_FILTER = _Kind("gql_live.W106", "warning")
SEVERAL_MOUNTS = _Kind("gql_live.W107", "warning")
UNKNOWN_ACTION = _Kind("gql_live.W108", "warning")
POSITIONAL_ROUTE = _Kind("gql_live.W109", "warning")
OWN_HANDLER = _Kind("gql_live.W110", "warning")
UNMANAGED = _Kind("gql_live.W111", "warning")
OTHER_CASE = _Kind("gql_live.I101", "info")
NOT_BUILT = _Kind("gql_live.E101", "error")


@dataclass
class Diagnostics:
    """Collects findings while a schema is built; a finding is kept once."""

    _found: dict[Diagnostic, None] = field(default_factory=dict)

    def add(self, kind: _Kind, place: Place, message: str, remedy: str) -> None:
        """Keep a finding: ``message`` says what was assumed, ``remedy`` how to say it instead."""
        found = Diagnostic(kind.id, kind.level, str(place), message, remedy)
        self._found.setdefault(found)

    def __iter__(self) -> Iterator[Diagnostic]:
        """Give the findings in an order that does not depend on the order of registration."""
        return iter(sorted(self._found, key=lambda found: (found.place, found.id, found.message)))
