"""Tables in plain text: what is asked, and the two who ask it."""

from typing import Any

import pytest


def cases(table: str) -> list[Any]:
    """A test for each line ``name | who | who``."""
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [pytest.param(*cells, id=f"{cells[0]}: {cells[1]} and {cells[2]}") for cells in lines]


def named(*tables: str) -> set[str]:
    """The names that tables use."""
    return {str(case.values[0]) for table in tables for case in cases(table)}
