"""What a selection wants of the rows, as keys of the serializer's data; unsure wants everything."""

from typing import Any

import pytest
from graphql import build_schema, get_variable_values

from gql_live.operations import Documents
from gql_live.schema_builder.bindings import event_resolver
from gql_live.wanted import (
    EVERYTHING,
    NOTHING,
    RESPONSE_KEYS,
    Wanted,
    fragments_of,
    selected,
    union,
    wanted_of_rows,
)

SCHEMA = build_schema("""
type Query {
  film: Film  films: [Film!]!  pagedFilms: FilmPage!  animal: Animal  animals: [Animal!]!
  pagedAnimals: AnimalPage!
}
type Subscription {
  film: FilmChange!  films: FilmChange!  pagedFilms: FilmChange!  animal: AnimalChange!
  animals: AnimalChange!  pagedAnimals: AnimalChange!
}
type FilmChange { action: String! id: ID instance: Film instances: [Film!] }
type FilmPage { count: Int results: [Film!] }
type AnimalChange { action: String! id: ID instance: Animal instances: [Animal!] }
type AnimalPage { count: Int results: [Animal!] }
type Film {
  id: ID  title: String  madeBy: Person  sequel: Film  prequel: Film  facts: JSON  pet: Animal
  label: String  roles: [Role!]
}
type Role { id: ID person: Person }
type Person { id: ID fullName: String }
interface Animal { kind: String }
type Dog implements Animal { kind: String }
scalar JSON
""")
KEYS = {"madeBy": "made_by", "fullName": "full_name"}


def give_keys() -> None:
    """As the schema builder does: keys, and resolvers of its own, here any one of them; but
    ``label`` has a resolver of the project's.
    """
    response_keys = {}
    for name in (name for name in SCHEMA.type_map if name[0].isupper()):
        fields: dict[str, Any] = getattr(SCHEMA.type_map[name], "fields", {})
        keys = {field: KEYS.get(field, field) for field in fields}
        response_keys[name] = keys
        for field in fields.values():
            field.resolve = event_resolver
    SCHEMA.type_map["Film"].fields["label"].resolve = lambda film, _info: film["title"]  # type: ignore[attr-defined]  # an object type
    SCHEMA.extensions[RESPONSE_KEYS] = response_keys


give_keys()
DOCUMENTS = Documents(SCHEMA, capacity=100, max_tokens=100_000)


def wanted(query: str, **variables: bool) -> Any:
    """What an operation wants, as nested dicts; ``...`` for everything."""
    operation = DOCUMENTS.operation(query)
    root = SCHEMA.query_type if operation.kind == "query" else SCHEMA.subscription_type
    assert root is not None
    fragments = fragments_of(operation.document)
    given = get_variable_values(SCHEMA, operation.definition.variable_definitions or (), variables)
    nodes = list(selected([operation.definition.selection_set], fragments, given))
    definition = root.fields[nodes[0].name.value]
    return told(wanted_of_rows(SCHEMA, definition, nodes, fragments, given))


def told(want: Wanted) -> Any:
    """``want`` as nested dicts."""
    return ... if want.keys is None else {key: told(below) for key, below in want.keys.items()}


ID = {"id": ...}


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("{ film { id title } }", {"id": ..., "title": ...}),
        ("{ films { id } }", ID),
        ("{ pagedFilms { count results { id } } }", ID),
        ("{ pagedFilms { count } }", {}),
        ("subscription { films { action id } }", {}),
        ("subscription { films { instance { id } instances { title } } }", {**ID, "title": ...}),
        ("subscription { films { instance { id } } films { instance { title } } }",
         {**ID, "title": ...}),
        ("{ film { madeBy { fullName } } }", {"made_by": {"full_name": ...}}),
        ("{ film { a: madeBy { id } b: madeBy { fullName } } }",
         {"made_by": {"id": ..., "full_name": ...}}),
        ("{ film { sequel { sequel { id } } } }", {"sequel": {"sequel": ID}}),
        ("{ film { roles { person { id } } } }", {"roles": {"person": ID}}),
        ("{ film { facts __typename } }", {"facts": ...}),
        ("{ film { madeBy { __typename } } }", {"made_by": {}}),
    ],
    ids=[
        "one row",
        "a list",
        "a page is looked through",
        "what is beside the rows in a page is not of a row",
        "what is beside the row in a change is not of a row",
        "rows and snapshots are rows alike",
        "a root field selected twice",
        "keys are the serializer's, not the schema's",
        "aliases of one field add up",
        "a row within a row",
        "a list within a row",
        "a leaf is wanted whole",
        "an object of which nothing is asked but its type",
    ],
)  # fmt: skip
def test_what_is_selected_is_wanted(query: str, keys: Any) -> None:
    assert wanted(query) == keys


@pytest.mark.parametrize(
    "query",
    [
        "{ film { ...F } } fragment F on Film { id }",
        "{ film { ... { id } } }",
        "{ film { ... on Film { id } } }",
        "{ ...Q } fragment Q on Query { film { ...F } } fragment F on Film { id }",
        "query ($yes: Boolean!) { film { id @include(if: $yes) title @skip(if: $yes) } }",
        "query ($yes: Boolean!) { film { id ... @skip(if: $yes) { title } } }",
        "query ($yes: Boolean!) { film { id ...F @skip(if: $yes) } } fragment F on Film { title }",
        "query ($yes: Boolean!) { film { ...F @skip(if: $yes) ...F } } fragment F on Film { id }",
    ],
    ids=[
        "a fragment",
        "an inline fragment",
        "an inline fragment on the type",
        "a fragment of the root",
        "directives on fields",
        "a directive on an inline fragment",
        "a directive on a spread",
        "a fragment that is skipped once and spread once",
    ],
)
def test_fragments_are_followed_and_directives_obeyed(query: str) -> None:
    assert wanted(query, **({"yes": True} if "$yes" in query else {})) == ID


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("{ film { id label } }", ...),
        ("{ film { sequel { label } } }", {"sequel": ...}),
        ("{ film { pet { kind } } }", {"pet": ...}),
        ("{ animal { kind } }", ...),
        ("{ pagedAnimals { results { ... on Dog { kind } } } }", ...),
    ],
    ids=[
        "a resolver of the project's may read any key",
        "but only of its own object",
        "an abstract object tells its type by itself",
        "an abstract row",
        "an abstract row in a page",
    ],
)
def test_what_is_not_certain_is_wanted_whole(query: str, keys: Any) -> None:
    assert wanted(query) == keys


def test_without_response_keys_everything_is_wanted() -> None:
    bare = build_schema("type Query { f: F } type F { id: ID } type Subscription { f: C }"
                        " type C { instance: F }")  # fmt: skip
    assert bare.query_type is not None
    operation = Documents(bare, capacity=1, max_tokens=100).operation("{ f { id } }")
    nodes = list(selected([operation.definition.selection_set], {}, {}))
    assert wanted_of_rows(bare, bare.query_type.fields["f"], nodes, {}, {}) is EVERYTHING


def test_fragments_that_multiply_cost_no_more_than_a_limit() -> None:
    """Forty fragments of two spreads each are 2^40 fields, written in a kilobyte."""
    doubling = " ".join(
        f"fragment F{n} on Film {{ sequel {{ ...F{n + 1} }} prequel {{ ...F{n + 1} }} }}"
        for n in range(40)
    )
    assert wanted(f"{{ film {{ ...F0 }} }} {doubling} fragment F40 on Film {{ id }}") is ...


def test_fragments_spread_twice_are_followed_once() -> None:
    doubling = " ".join(
        f"fragment F{n} on Film {{ ...F{n + 1} ...F{n + 1} a: sequel {{ id }} }}" for n in range(40)
    )
    query = f"{{ film {{ ...F0 }} }} {doubling} fragment F40 on Film {{ id }}"
    assert wanted(query) == {"sequel": ID, "id": ...}


@pytest.mark.parametrize(
    ("wants", "all_of_them"),
    [
        ([], NOTHING),
        ([Wanted({"a": EVERYTHING}), Wanted({"b": NOTHING})],
         Wanted({"a": EVERYTHING, "b": NOTHING})),
        ([Wanted({"a": Wanted({"x": EVERYTHING})}), Wanted({"a": Wanted({"y": NOTHING})})],
         Wanted({"a": Wanted({"x": EVERYTHING, "y": NOTHING})})),
        ([Wanted({"a": Wanted({"x": NOTHING})}), Wanted({"a": EVERYTHING})],
         Wanted({"a": EVERYTHING})),
        ([Wanted({"a": NOTHING}), EVERYTHING], EVERYTHING),
    ],
    ids=[
        "nobody wants nothing",
        "keys add up",
        "below a key as well",
        "who wants a whole key has it",
        "who wants everything has it",
    ],
)  # fmt: skip
def test_what_any_of_several_wants(wants: list[Wanted], all_of_them: Wanted) -> None:
    assert union(wants) == all_of_them
