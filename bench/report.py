"""What a bench found: a table for whoever looks, JSON for whatever compares."""

import json
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parent / "results"
_COMPARED: Final = ("django", "djangorestframework", "channels", "graphql-core", "uvicorn")


@dataclass
class Report:
    """One bench's table. ``figures`` are the numbers behind it, ``aim`` what they should be."""

    name: str
    title: str
    columns: Sequence[str]
    aim: str
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def print(self) -> None:
        """To standard output."""
        lines = [tuple(self.columns), *map(tuple, self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        print(f"\n{self.name}: {self.title}\n{'=' * (len(self.name) + 2 + len(self.title))}")
        for index, line in enumerate(lines):
            cells = [line[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
            print("  ".join(cells))
            if index == 0:
                print("  ".join("-" * width for width in widths))
        for note in (f"Aim: {self.aim}", *self.notes):
            print(f"  {note}")

    def save(self, *, quick: bool) -> Path:
        """To ``bench/results/``, that of a quick run beside the real one; where it was written."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.name}{'.quick' if quick else ''}.json"
        written = {
            "name": self.name,
            "title": self.title,
            "aim": self.aim,
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "machine": _machine(),
            "figures": self.figures,
            "table": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
            "notes": self.notes,
        }
        path.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n")
        return path


def _machine() -> Mapping[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        **{name: version(name) for name in _COMPARED},
    }
