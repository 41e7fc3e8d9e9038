"""One schema in every process: whatever Python hashes, whoever registers first, whoever reads."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent


def built_in_a_process(seed: str, language: str) -> Any:
    """What another process makes of every router and of views that want the same names."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.schema_builder.every_schema", seed, language],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def first() -> Any:
    return built_in_a_process("0", "en")


@pytest.mark.parametrize(("seed", "language"), [("1", "de"), ("2", "ar")])
def test_every_process_builds_the_same_schemas(first: Any, seed: str, language: str) -> None:
    again = built_in_a_process(seed, language)
    assert again.keys() == first.keys()
    for name, schema in first.items():
        assert again[name] == schema, name


def test_views_that_want_the_same_names_are_among_them(first: Any) -> None:
    type_defs, _, said = first["clashing"]
    assert "type TestsTodoSerializersItem_3 " in type_defs
    assert {code for code, _ in said} == {"gql_live.W104"}
    assert len(first) > 3
