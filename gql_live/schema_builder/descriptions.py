"""Descriptions out of docstrings, help texts and labels: lazy text by other people, made plain."""

import inspect
from typing import Any


def text(value: Any) -> str:
    """Return help text, a label or the like as plain text; the caller has fixed the language."""
    return inspect.cleandoc(str(value)).strip() if value else ""


def docstring(owner: type) -> str:
    """Return a class's own docstring, not one that it inherits."""
    return text(vars(owner).get("__doc__"))
