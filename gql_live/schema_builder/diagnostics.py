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
class Kind:
    """A sort of finding: its stable id, how bad it is, and what has happened."""

    id: str
    level: Level
    meaning: str


UNKNOWN_TYPE = Kind("gql_live.W101", "warning", "Nothing tells the type of a value: it is `JSON`.")
NO_FIELDS = Kind("gql_live.W102", "warning", "A serializer shows no field, or never ends: `JSON`.")
RENAMED = Kind("gql_live.W103", "warning", "GraphQL has no such name; a field has another one.")
NAME_CLASH = Kind("gql_live.W104", "warning", "Two types want one name; both have another one.")
DYNAMIC_SERIALIZER = Kind(
    "gql_live.W105", "warning", "A view cannot say its serializer without a client; one is assumed."
)
UNKNOWN_FILTER = Kind(
    "gql_live.W106", "warning", "A filter cannot be read: it takes text, or `query_params`."
)
SEVERAL_MOUNTS = Kind(
    "gql_live.W107", "warning", "A view has several URLs with different kwargs; one is used."
)
UNKNOWN_ACTION = Kind(
    "gql_live.W108", "warning", "Whether a `get()` gives a list or an object is not known."
)
POSITIONAL_ROUTE = Kind(
    "gql_live.W109", "warning", "A URL has groups without names, for which a view gets no values."
)
OWN_HANDLER = Kind(
    "gql_live.W110", "warning", "A handler is the view's own, and changes do not pass through it."
)
UNMANAGED = Kind(
    "gql_live.W111", "warning", "A model is unmanaged, and others than Django may write its rows."
)
OTHER_CASE = Kind("gql_live.I101", "info", "REST is rendered in camelCase, the schema is not.")
NOT_BUILT = Kind("gql_live.E101", "error", "A view cannot be read, and has no root field.")
KINDS = tuple(value for value in list(vars().values()) if isinstance(value, Kind))
"""Every sort of finding."""


@dataclass
class Diagnostics:
    """Collects findings while a schema is built; a finding is kept once."""

    _found: dict[Diagnostic, None] = field(default_factory=dict)

    def add(self, kind: Kind, place: Place, message: str, remedy: str) -> None:
        """Keep a finding: ``message`` says what was assumed, ``remedy`` how to say it instead."""
        found = Diagnostic(kind.id, kind.level, str(place), message, remedy)
        self._found.setdefault(found)

    def __iter__(self) -> Iterator[Diagnostic]:
        """Give the findings in an order that does not depend on the order of registration."""
        return iter(sorted(self._found, key=lambda found: (found.place, found.id, found.message)))
