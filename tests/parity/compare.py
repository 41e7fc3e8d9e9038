"""A REST body and a GraphQL result of one row: are they the same?"""

import json
from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)
from rest_framework.renderers import JSONRenderer

from gql_live import RealtimeRouter

DEEPEST = 4


def rest_json(data: Any) -> Any:
    """What REST's renderer makes of a response's data, before it spells keys in its own way."""
    return json.loads(JSONRenderer().render(data))


class Comparison:
    """Selects everything of a type, and compares what comes with what REST says."""

    def __init__(self, router: RealtimeRouter) -> None:
        self.schema: GraphQLSchema = router.schema
        self._keys: Mapping[str, Mapping[str, str]] = router._built.response_keys

    def everything(self, type_: Any, depth: int = DEEPEST, of_several: str = "") -> str:
        """A selection set of every field, ``depth`` objects deep; empty for a leaf.

        ``of_several``: the one of several types beside each other, in which one name may stand for
        fields of two types.
        """
        named: GraphQLNamedType = get_named_type(type_)
        if isinstance(named, GraphQLInterfaceType):
            types = self.schema.get_possible_types(named)
            each = [f"... on {of.name} {self.everything(of, depth, of.name)}" for of in types]
            return f"{{ __typename {' '.join(each)} }}"
        if not isinstance(named, GraphQLObjectType):
            return ""
        chosen = ["__typename"]
        for name, field in named.fields.items():
            below = self.everything(field.type, depth - 1) if depth else ""
            if below or not hasattr(get_named_type(field.type), "fields"):
                alias = f"{name}__{of_several}: " if of_several else ""
                chosen.append(f"{alias}{name} {below}")
        return f"{{ {' '.join(chosen)} }}"

    def assert_same(self, type_: Any, rest: Any, got: Any, place: str = "") -> None:
        """Fail where ``got``, of the GraphQL type ``type_``, is not what ``rest`` is in REST."""
        if isinstance(type_, GraphQLNonNull):
            assert got is not None, place
            self.assert_same(type_.of_type, rest, got, place)
        elif rest is None:
            assert got is None, place
        elif isinstance(type_, GraphQLList):
            assert len(rest) == len(got), f"{place}: {len(rest)} in REST, {len(got)} in GraphQL"
            for index, (one, other) in enumerate(zip(rest, got, strict=True)):
                self.assert_same(type_.of_type, one, other, f"{place}[{index}]")
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            self._assert_same_object(rest, got, place)
        elif isinstance(type_, GraphQLEnumType):
            assert _enum_value(type_, got) == (rest if _is_value(type_, rest) else None), place
        elif type_.name == "Int" and not -(2**31) <= rest < 2**31:
            assert got is None, f"{place}: GraphQL has no such Int, and null says so"
        elif type_.name == "ID":
            assert got == str(rest), place
        else:
            assert got == rest, place

    def _assert_same_object(self, rest: Any, got: Any, place: str) -> None:
        named = self.schema.type_map[got["__typename"]]
        assert isinstance(named, GraphQLObjectType)
        keys = self._keys[named.name]
        assert rest.keys() <= set(keys.values()), f"{place}: REST says more"
        for alias, value in got.items():
            if alias != "__typename":
                name = alias.partition("__")[0]
                below = f"{place}.{name}"
                self.assert_same(named.fields[name].type, rest.get(keys[name]), value, below)


def _is_value(enum: GraphQLEnumType, value: Any) -> bool:
    return any(each.value == value for each in enum.values.values())


def _enum_value(enum: GraphQLEnumType, name: str | None) -> Any:
    return None if name is None else enum.values[name].value
