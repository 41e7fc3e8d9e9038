"""An operation and its variables become the question to a view and the selection of its answer."""

from typing import Any

import pytest

from gql_live.exceptions import DocumentRejected, ErrorCode, Refusal
from gql_live.plan import name_arguments, plan_subscription
from tests.runtime.schemas import DOCUMENTS, SCHEMA

VARIABLES = "($d: Boolean, $s: Boolean! = true)"


def plan(query: str, variables: dict[str, Any] | None = None) -> Any:
    return plan_subscription(SCHEMA, DOCUMENTS.operation(query), variables)


@pytest.mark.parametrize(
    ("query", "variables", "name", "arguments"),
    [
        ("subscription { tasks { id } }", None, "tasks", {"snapshot": False}),
        ("subscription { task(id: 7) { id } }", None, "task", {"id": "7", "snapshot": False}),
        (
            f"subscription {VARIABLES} {{ tasks(done: $d, snapshot: $s) {{ id }} }}",
            {"d": True},
            "tasks",
            {"done": True, "snapshot": True},
        ),
        ("subscription { alias: tasks { id } }", None, "tasks", {"snapshot": False}),
        (
            "subscription { ...F } fragment F on Subscription { ... { tasks { id } } }",
            None,
            "tasks",
            {"snapshot": False},
        ),
    ],
    ids=["no arguments", "literal", "variables and defaults", "alias", "fragments"],
)
def test_the_root_field_and_its_arguments_are_found(
    query: str, variables: dict[str, Any] | None, name: str, arguments: dict[str, Any]
) -> None:
    made = plan(query, variables)
    snapshot = arguments.pop("snapshot")
    assert (made.endpoint, dict(made.kwargs)) == (name, arguments)
    assert made.selection.snapshot == snapshot


@pytest.mark.parametrize(
    ("query", "variables", "said"),
    [
        ("subscription ($id: ID!) { task(id: $id) { id } }", None, "'$id'"),
        ("subscription ($d: Boolean) { tasks(done: $d) { id } }", {"d": "x"}, "'$d'"),
        ("subscription ($w: Boolean!) { tasks @include(if: $w) { id } }", {"w": False}, ""),
        ("subscription { __typename }", None, "introspection"),
    ],
    ids=["missing variable", "variable of another type", "nothing included", "introspection"],
)
def test_what_does_not_fit_is_rejected(
    query: str, variables: dict[str, Any] | None, said: str
) -> None:
    with pytest.raises(DocumentRejected) as rejected:
        plan(query, variables)
    assert said in rejected.value.errors[0]["message"]


def test_a_root_field_without_a_view_has_no_plan() -> None:
    assert plan("subscription { clock }") is None


def test_equal_requests_have_equal_selections() -> None:
    query = f"subscription {VARIABLES} {{ tasks(done: $d, snapshot: $s) {{ id }} }}"
    one, same = plan(query, {"d": True, "s": True}), plan(query, {"s": True, "d": True})
    other = plan(query, {"d": False, "s": True})
    assert one.selection == same.selection
    assert hash(one.selection) == hash(same.selection)
    assert one.selection != other.selection


def test_a_refused_parameter_is_named_as_the_client_wrote_it() -> None:
    refusal = Refusal(
        ErrorCode.BAD_USER_INPUT, "list: No.", arguments={"list": ["No."], "x": ["?"]}
    )
    named = name_arguments(refusal, {"list": "filter.list"})
    assert named.as_error() == {
        "message": "filter.list: No.; x: ?",
        "extensions": {
            "code": "BAD_USER_INPUT",
            "arguments": {"filter.list": ["No."], "x": ["?"]},
        },
    }
