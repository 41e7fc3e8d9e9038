"""A document is parsed, validated and limited once, and refused with errors that say why."""

import pytest

from gql_live.exceptions import DocumentRejected
from gql_live.operations import Documents
from tests.runtime.schemas import SCHEMA

VALID = "subscription A { tasks { id } } query B { task(id: 1) { id } }"


def documents(capacity: int = 10, max_tokens: int = 100) -> Documents:
    return Documents(SCHEMA, capacity=capacity, max_tokens=max_tokens)


@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        ("subscription { tasks { id } }", None, "subscription"),
        ("{ task(id: 1) { id } }", None, "query"),
        (VALID, "A", "subscription"),
        (VALID, "B", "query"),
    ],
)
def test_the_operation_is_the_only_one_or_the_named_one(
    query: str, name: str | None, kind: str
) -> None:
    assert documents().operation(query, name).kind == kind


@pytest.mark.parametrize(
    ("query", "name", "code", "said"),
    [
        ("subscription {", None, "GRAPHQL_PARSE_FAILED", "Syntax Error"),
        ("", None, "GRAPHQL_PARSE_FAILED", "Unexpected <EOF>"),
        ("{ a" + " a" * 200 + " }", None, "GRAPHQL_PARSE_FAILED", "more than 100"),
        ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'nothing'"),
        (
            "subscription { tasks { id } task(id: 1) { id } }",
            None,
            "GRAPHQL_VALIDATION_FAILED",
            "must select only one top level field",
        ),
        (VALID, None, "BAD_USER_INPUT", "Must provide operationName"),
        (VALID, "C", "BAD_USER_INPUT", "Unknown operation named 'C'"),
    ],
    ids=["syntax", "empty", "too long", "unknown field", "two root fields", "no name", "bad name"],
)
def test_what_cannot_run_is_rejected_with_its_reason(
    query: str, name: str | None, code: str, said: str
) -> None:
    with pytest.raises(DocumentRejected) as rejected:
        documents().operation(query, name)
    (error,) = rejected.value.errors
    assert error["extensions"]["code"] == code
    assert said in error["message"]


def test_every_validation_error_is_told() -> None:
    with pytest.raises(DocumentRejected) as rejected:
        documents().operation("{ one two }")
    assert len(rejected.value.errors) == 2


def test_a_document_nested_beyond_the_stack_is_an_error_and_no_crash() -> None:
    deep = "{ task(id: 1) " * 20_000 + "}" * 20_000
    with pytest.raises(DocumentRejected):
        documents(max_tokens=1_000_000).operation(deep)


def test_a_known_document_is_not_parsed_again() -> None:
    known = documents()
    first = known.operation(VALID, "A")
    assert known.operation(VALID, "B").document is first.document


def test_the_document_used_longest_ago_is_forgotten_first() -> None:
    known = documents(capacity=2)
    one, two, three = (f"query Q{n} {{ task(id: {n}) {{ id }} }}" for n in range(3))
    kept = known.operation(one).document
    dropped = known.operation(two).document
    known.operation(one)
    known.operation(three)
    assert known.operation(one).document is kept
    assert known.operation(two).document is not dropped
