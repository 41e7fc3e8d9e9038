"""Random operations over a schema: aliases, fragments of both kinds, directives, nesting."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLObjectType, get_named_type
from hypothesis import strategies as st

DIRECTIVES = ("", "", "", "@include(if: $yes)", "@skip(if: $yes)", "@skip(if: $no)")
VARIABLES = {"yes": True, "no": False}
DECLARED = "($yes: Boolean! = true, $no: Boolean! = false)"
USED = "__typename @include(if: $yes) @skip(if: $no)"
"""A field that uses the variables, as validation asks, where no other does."""

Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def selections(draw: Draw, of: GraphQLObjectType) -> tuple[str, str]:
    """A selection set of an object type, and the definitions of the fragments that it spreads."""
    fragments: list[str] = []
    return _selection(draw, of, fragments, depth=3), " ".join(fragments)


def _selection(draw: Draw, of: GraphQLObjectType, fragments: list[str], depth: int) -> str:
    names = draw(st.lists(st.sampled_from(sorted(of.fields)), min_size=1, max_size=5))
    parts = [_part(draw, of, name, fragments, depth) for name in names]
    return f"{{ {USED} {' '.join(parts)} }}"


def _part(draw: Draw, of: GraphQLObjectType, name: str, fragments: list[str], depth: int) -> str:
    directive = draw(st.sampled_from(DIRECTIVES))
    # Every alias is another: no two fields of one object are asked to merge.
    alias = f"a{len(fragments)}_{draw(st.integers(0, 10**9))}_{name}"
    below = get_named_type(of.fields[name].type)
    nested = ""
    if isinstance(below, GraphQLObjectType):
        nested = _selection(draw, below, fragments, depth - 1) if depth else "{ __typename }"
    field = f"{alias}: {name} {directive} {nested}"
    kind = draw(st.sampled_from(("field", "inline", "named")))
    if kind == "inline":
        return f"... on {of.name} {draw(st.sampled_from(DIRECTIVES))} {{ {field} }}"
    if kind == "named":
        fragments.append(f"fragment F{len(fragments)} on {of.name} {{ {field} }}")
        return f"...F{len(fragments) - 1} {draw(st.sampled_from(DIRECTIVES))}"
    return field
