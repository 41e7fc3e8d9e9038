"""``docs/schema.md`` names what there is, and its example works."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from rest_framework import serializers

from gql_live.conf import DEFAULTS
from gql_live.schema_builder import Options, extensions
from gql_live.schema_builder.diagnostics import KINDS
from gql_live.schema_builder.fields import FIELDS
from tests.schema_builder.building import build_serializer, field_types, messages, serializer_for
from tests.schema_builder.catalog.models import Book

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "schema.md").read_text()
DEVELOPED_WITH = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
# Installed with django-rest-polymorphic, and needed by it.
BROUGHT_ALONG = {"django-polymorphic"}


def table(heading: str) -> list[str]:
    """The rows of the table that begins with ``heading``."""
    rows = PAGE.split(f"{heading}\n", 1)[1].split("\n\n")[0].splitlines()
    return rows[1:]


def in_code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_table_says_of_every_finding_what_it_means() -> None:
    known = sorted(
        KINDS, key=lambda kind: (["error", "warning", "info"].index(kind.level), kind.id)
    )
    rows = [f"| `{kind.id}` | {kind.level} | {kind.meaning} |" for kind in known]
    first, *others = table("| id | level | what has happened |")
    assert first.startswith("| `gql_live.E100` | error |")
    assert others == rows
    assert len({kind.id for kind in KINDS}) == len(KINDS)


def test_every_choice_that_a_project_has_about_its_schema_is_named() -> None:
    named = {key for row in table("| where | what | says |") for key in in_code(row)}
    options = {each.name.upper() for each in fields(Options)} - {"NAMES"} | {"TYPE_NAMES"}
    assert options <= named
    assert options <= DEFAULTS.keys()


@pytest.mark.parametrize("row", table("| package | what of it |"))
def test_every_package_that_is_named_is_developed_with(row: str) -> None:
    known = {re.split(r"[>\[]", each)[0] for each in DEVELOPED_WITH} | BROUGHT_ALONG
    assert {name.strip() for name in row.split("|")[1].split(",")} <= known


def test_every_decorator_that_is_named_exists() -> None:
    named = re.findall(r"`extensions\.(\w+)\(path\)`", PAGE)
    assert set(named) == {"field", "filter_type", "serializer", "view"}
    assert all(callable(getattr(extensions, name)) for name in named)


class ColourField(serializers.Field):  # type: ignore[type-arg]  # the page has a row for it
    def to_representation(self, value):  # type: ignore[no-untyped-def]  # the row says it
        return {"hex": "#fff", "alpha": 1}


def test_the_example_teaches_a_class_in_ten_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FIELDS, "_rows", dict(FIELDS._rows))
    monkeypatch.setattr(ColourField, "__module__", "shop.fields")
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert sum(bool(line.strip()) for line in example.splitlines()) <= 10
    written: dict[str, Any] = {"__name__": "shop.realtime"}
    exec(example, written)
    built = build_serializer(serializer_for(Book, {"id": ..., "colour": ColourField()}))
    assert field_types(built, "Book")["colour"] == "Colour"
    assert field_types(built, "Colour") == {"hex": "String", "alpha": "Float"}
    assert messages(built) == []
