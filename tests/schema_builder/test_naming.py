"""Names: legal, stable, and never dependent on order."""

import pytest
from djangorestframework_camel_case.util import camelize

from gql_live.schema_builder import naming


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("created_at", "created_at", id="a legal name stays"),
        pytest.param("a-b.c", "a_b_c", id="illegal characters become underscores"),
        pytest.param("2nd", "_2nd", id="a leading digit gets an underscore"),
        pytest.param("__typename", "_typename", id="two leading underscores are GraphQL's own"),
        pytest.param("____", "_", id="nothing but underscores keeps one"),
        pytest.param("", "_", id="an empty name is an underscore"),
        pytest.param("größe", "gr__e", id="other scripts have no letters in GraphQL"),
        pytest.param("a__b", "a__b", id="two underscores inside are legal"),
        pytest.param("class", "class", id="Python's keywords are no matter"),
    ],
)
def test_sanitize_makes_a_legal_name(text: str, name: str) -> None:
    assert naming.sanitize(text) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        pytest.param("active", "active", id="a legal value keeps its case"),
        pytest.param("on sale", "on_sale", id="a space becomes an underscore"),
        pytest.param("true", "true_", id="true is no enum value"),
        pytest.param("null", "null_", id="null is no enum value"),
        pytest.param(1, "V1", id="a number gets a letter"),
        pytest.param(-1, "VM1", id="a negative number gets its own"),
        pytest.param("+", "_", id="a sign alone is an underscore"),
    ],
)
def test_enum_member_names_the_value_not_the_label(value: object, name: str) -> None:
    assert naming.enum_member(value) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("Task", "task", id="a model"),
        pytest.param("TodoItem", "todoItem", id="a model of two words"),
        pytest.param("todo items", "todoItems", id="a plural verbose name"),
        pytest.param("HTTPServer", "httpServer", id="an abbreviation first"),
        pytest.param("API keys", "apiKeys", id="an abbreviation as a word"),
        pytest.param("archived_task", "archivedTask", id="a name in snake case"),
    ],
)
def test_lower_camel_names_a_root_field(text: str, name: str) -> None:
    assert naming.lower_camel(text) == name


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("created_at", "createdAt"),
        ("key_1", "key1"),
        ("_private_key", "_privateKey"),
        ("a__b", "aB"),
    ],
)
def test_camel_spells_fields(name: str, spelled: str) -> None:
    assert naming.camel(name) == spelled


@pytest.mark.parametrize(
    "name",
    [
        "created_at",
        "key_1",
        "a_b_c",
        "x_2nd_y",
        "a_1_b",
        "is_2",
        "aB_c",
        "trailing_",
        "plain",
        "URL_x",
    ],
)
def test_camel_spells_fields_as_djangorestframework_camel_case_does(name: str) -> None:
    assert [*camelize({name: 1})] == [naming.camel(name)]


def test_distinct_numbers_what_comes_again() -> None:
    assert naming.distinct(["a", "a", "a_2", "b", "a"]) == ["a", "a_3", "a_2", "b", "a_4"]


def test_numbers_make_no_reserved_name() -> None:
    assert naming.distinct(["_", "_", "_"]) == ["_", "_2", "_3"]


def test_all_that_wish_for_one_name_go_on_to_their_next_wish() -> None:
    wishes = {"x": ["Task", "TodoTask"], "y": ["Task", "CrmTask"], "z": ["List"]}
    assert naming.assign(wishes, (), {"x": "x", "y": "y", "z": "z"}) == {
        "x": "TodoTask",
        "y": "CrmTask",
        "z": "List",
    }


def test_names_do_not_depend_on_the_order_of_registration() -> None:
    wishes = {key: ["Task", "TodoTask"] for key in "abc"}
    order = {"a": "2", "b": "3", "c": "1"}
    names = naming.assign(wishes, ("TodoTask",), order)
    backwards = naming.assign(dict(reversed(wishes.items())), ("TodoTask",), order)
    assert names == backwards == {"c": "TodoTask_2", "a": "TodoTask_3", "b": "TodoTask_4"}


def test_a_reserved_name_is_given_to_nobody() -> None:
    assert naming.assign({"x": ["JSON", "AppJSON"]}, ("JSON",), {"x": ""}) == {"x": "AppJSON"}
