"""How a socket is closed: a reason always fits the frame that carries it."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gql_live
from gql_live.adapters.protocol import Close, CloseCode


@pytest.mark.parametrize(
    ("reason", "sent"),
    [
        ("", ""),
        ("Forbidden", "Forbidden"),
        ("a" * 123, "a" * 123),
        ("a" * 124, "a" * 123),
        ("☃" * 42, "☃" * 41),  # three bytes each
        ("a" * 122 + "é", "a" * 122),  # half an é is none
        ("id \ud800", r"id \ud800"),
    ],
    ids=[
        "nothing",
        "a short one",
        "exactly as long as a frame holds",
        "one byte too long",
        "many bytes in few characters",
        "a character across the edge",
        "a lone surrogate",
    ],
)
def test_a_reason_is_cut_to_fit(reason: str, sent: str) -> None:
    assert Close(CloseCode.BAD_REQUEST, reason).reason == sent


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_reason_fits_a_close_frame(reason: str) -> None:
    sent = Close(CloseCode.BAD_REQUEST, reason).reason
    assert len(sent.encode("utf-8")) <= 123


def test_the_digits_of_a_code_stand_in_one_place_of_the_code() -> None:
    # The low ones are round numbers too, which may mean something else elsewhere.
    codes = {int(code) for code in CloseCode if code >= CloseCode.SERVICE_RESTART}
    root = Path(gql_live.__file__).parent
    elsewhere = [
        f"{path.relative_to(root)}:{node.lineno}: {node.value}"
        for path in sorted(root.rglob("*.py"))
        if path.relative_to(root) != Path("adapters/protocol.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in codes
    ]
    assert elsewhere == []
