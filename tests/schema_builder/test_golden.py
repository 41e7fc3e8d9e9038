"""The schemas of whole fixture apps, as they stand in ``golden/``.

``GOLDEN=write pytest tests/schema_builder/test_golden.py`` accepts a change.
"""

import difflib
import os
from pathlib import Path

import pytest

from gql_live.schema_builder import Options, build_schema
from tests.schema_builder.building import nothing
from tests.schema_builder.catalog.views import VIEWS

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("catalog", Options()),
        ("catalog_camel_native", Options(case="camel", pk="native", integer_choices="enum")),
    ],
)
def test_the_schema_is_the_golden_one(name: str, options: Options) -> None:
    built = build_schema(
        VIEWS, resolve=nothing, options=options, urlconf="tests.schema_builder.catalog.urls"
    )
    golden = GOLDEN / f"{name}.graphql"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(built.type_defs)
    known, made = golden.read_text().splitlines(), built.type_defs.splitlines()
    difference = list(difflib.unified_diff(known, made, "golden", "built", lineterm=""))
    assert not difference, "\n".join(difference)


def test_the_fixture_views_leave_nothing_to_guess() -> None:
    built = build_schema(VIEWS, resolve=nothing, urlconf="tests.schema_builder.catalog.urls")
    assert built.diagnostics == ()
