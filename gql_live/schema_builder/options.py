"""The choices a project has about its schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Options:
    """How the schema is written; every default keeps a GraphQL payload closest to the REST body.

    ``case``: field and argument names as the serializer spells them, or camelCase.
    ``pk``: primary keys and relations to them are ``ID``, or have the key's own type.
    ``integer_choices``: choices with integer keys stay ``Int``, or become enums.
    ``blank_enum``: an empty string in a choice field is null, or a member ``BLANK``.
    ``plain_serializers``: the fields of a serializer without a model are nullable unless proven (never),
    or as declared by ``allow_null`` and ``required``.
    ``plain_integers``: integers whose range nothing tells are ``Int``, or ``BigInt``.
    ``max_enum_values``: more choices than this stay plain strings.
    ``names``: type names by the import path of a serializer or enum class.
    """

    case: Literal["snake", "camel"] = "snake"
    pk: Literal["id", "native"] = "id"
    integer_choices: Literal["int", "enum"] = "int"
    blank_enum: Literal["null", "member"] = "null"
    plain_serializers: Literal["proven", "declared"] = "proven"
    plain_integers: Literal["int", "bigint"] = "int"
    max_enum_values: int = 100
    names: Mapping[str, str] = field(default_factory=dict)
