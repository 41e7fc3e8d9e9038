"""The choices a project has about its schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Options:
    """How the schema is written; every default keeps a GraphQL payload closest to the REST body."""

    case: Literal["snake", "camel"] = "snake"
    """Field and argument names as the serializer spells them, or in camelCase."""

    pk: Literal["id", "native"] = "id"
    """Primary keys and relations to them are ``ID``, or have the key's own type."""

    integer_choices: Literal["int", "enum"] = "int"
    """Choices with integer keys stay ``Int``, or become enums."""

    blank_enum: Literal["null", "member"] = "null"
    """An empty string in a choice field is null, or a member ``BLANK``."""

    plain_serializers: Literal["proven", "declared"] = "proven"
    """Without a model nothing proves non-null, or ``allow_null`` and ``required`` are trusted."""

    plain_integers: Literal["int", "bigint"] = "int"
    """Integers of which nothing tells the range are ``Int``, or ``BigInt``."""

    max_enum_values: int = 100
    """More choices than this stay plain strings."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Type names by the import path of a serializer or enum class."""
