"""GraphQL types before they have names: what the serializers say, before any SDL is written.

Shapes refer to each other as objects. Names are given last, when all shapes are known, so that a
name never depends on which view was registered first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scalar:
    """A built-in or custom scalar; its name is fixed."""

    name: str


@dataclass(frozen=True)
class ListOf:
    """A list; whether the list itself can be null is said where it is used."""

    item: "TypeRef"
    item_non_null: bool = False


@dataclass(frozen=True)
class EnumMember:
    """One value of an enum: its GraphQL name and what the serializer gives for it."""

    name: str
    value: Any
    description: str = ""


@dataclass(frozen=True, eq=False)
class EnumShape:
    """An enum. ``names``: the wished names, first choice first."""

    names: tuple[str, ...]
    members: tuple[EnumMember, ...]
    description: str = ""


@dataclass(frozen=True)
class FieldShape:
    """A field of an object type; ``key`` is the key in the serializer's data.

    ``trusted``: the value is made by what its type was read from, so it has that type. What only a
    hint says is looked at before it is sent.
    """

    key: str
    type: "TypeRef"
    non_null: bool = False
    description: str = ""
    deprecated: bool = False
    trusted: bool = True


@dataclass(eq=False)
class ObjectShape:
    """An object type. ``names``: the wished names; ``sure``: whether its fields can be relied on,
    to be non-null where they say so and of the type that they say.

    ``wrapper`` marks the types that the builder adds around a serializer's type (pages, changes):
    in a clash of names they give way.
    """

    names: tuple[str, ...]
    fields: list[FieldShape] = field(default_factory=list)
    description: str = ""
    sure: bool = True
    wrapper: bool = False
    interfaces: list["InterfaceShape"] = field(default_factory=list)


@dataclass(eq=False)
class InterfaceShape:
    """What the types of a polymorphic row have in common.

    ``key``: the response key that tells the type; ``members``: by its values. ``fallback``: stands
    for a value that none of the members has.
    """

    names: tuple[str, ...]
    key: str
    members: dict[str, ObjectShape]
    fallback: ObjectShape
    fields: list[FieldShape] = field(default_factory=list)
    description: str = ""


Pairs = Iterable[tuple[str, str]]
"""Query string pairs, in order."""


@dataclass(frozen=True, eq=False)
class Parameter:
    """An argument, or a member of an input object, that becomes query string parameters.

    ``encode`` takes the coerced GraphQL value and gives the pairs; it raises ``ValueError`` with
    a message for the client where the query string cannot express the value. It is None for an
    input object whose members write themselves. ``params`` maps each query string parameter that
    it may write to the path below this argument (``""`` for the argument itself).
    """

    name: str
    type: "TypeRef | InputShape"
    encode: Callable[[Any], Pairs] | None
    params: tuple[tuple[str, str], ...]
    required: bool = False
    description: str = ""


@dataclass(frozen=True, eq=False)
class InputShape:
    """An input object type."""

    names: tuple[str, ...]
    members: tuple[Parameter, ...]
    description: str = ""


TypeRef = Scalar | ListOf | EnumShape | ObjectShape | InterfaceShape
NamedShape = EnumShape | ObjectShape | InterfaceShape | InputShape

ID = Scalar("ID")
INT = Scalar("Int")
FLOAT = Scalar("Float")
STRING = Scalar("String")
BOOLEAN = Scalar("Boolean")
BIG_INT = Scalar("BigInt")
DECIMAL = Scalar("Decimal")
DATE = Scalar("Date")
DATE_TIME = Scalar("DateTime")
TIME = Scalar("Time")
DURATION = Scalar("Duration")
UUID = Scalar("UUID")
JSON = Scalar("JSON")
QUERY_PARAMS = Scalar("QueryParams")


def loosened(type_ref: TypeRef) -> TypeRef:
    """Return a type whose lists may have null in them."""
    return ListOf(loosened(type_ref.item)) if isinstance(type_ref, ListOf) else type_ref


def reachable(start: Iterable[TypeRef | InputShape]) -> dict[NamedShape, None]:
    """Return every shape that can be reached from ``start``, in the order in which it is met."""
    found: dict[NamedShape, None] = {}
    waiting = list(start)
    while waiting:
        each = waiting.pop()
        if isinstance(each, ListOf):
            waiting.append(each.item)
        elif not isinstance(each, Scalar) and each not in found:
            found[each] = None
            if isinstance(each, ObjectShape):
                waiting.extend(field.type for field in each.fields)
            elif isinstance(each, InterfaceShape):
                waiting.extend((*each.members.values(), each.fallback))
            elif isinstance(each, InputShape):
                waiting.extend(member.type for member in each.members)
    return found


def scalars_in(shapes: Iterable[NamedShape]) -> set[str]:
    """Return the names of the scalars that the fields and members of ``shapes`` use."""
    found: set[str] = set()
    for shape in shapes:
        fields: Iterable[Any] = getattr(shape, "fields", ())
        members: Iterable[Any] = getattr(shape, "members", ())
        for part in (*fields, *members):
            leaf = getattr(part, "type", None)
            while isinstance(leaf, ListOf):
                leaf = leaf.item
            if isinstance(leaf, Scalar):
                found.add(leaf.name)
    return found
