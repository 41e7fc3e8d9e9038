"""What the schema of many views costs when a server starts."""

import json
import os
import subprocess
import sys
from typing import Any

from bench.measuring import ROOT, Sample
from bench.options import Options
from bench.report import Report

MILLISECOND = 1e-3
SHOWN = 10


def run(options: Options) -> Report:
    """Build the schema several times in one process, then once more under a profiler."""
    (views,) = options.sizes((300,), (20,))
    figures = _built(views, options.times(5))
    per_view = Sample([each / views for each in figures["seconds"]])
    report = Report(
        "schema",
        f"building the schema of {views} views",
        ("", "CPU"),
        aim="under 2 ms a view, no query",
        figures={**figures, "ms_per_view": per_view.median / MILLISECOND},
        rows=[
            ("all views, ms", Sample(figures["seconds"]).told(MILLISECOND)),
            ("a view, ms", per_view.told(MILLISECOND, 2)),
            ("a view at the best, ms", f"{min(figures['seconds']) / views / MILLISECOND:,.2f}"),
            ("queries", str(figures["queries"])),
            ("types in the schema", str(figures["types"])),
        ],
    )
    report.notes = ["Where the time goes, under a profiler:"]
    report.notes += [f"{share:6.1%} {part}" for part, share in figures["parts"].items()]
    report.notes.append("and by function (share of its own, with all that it calls):")
    for each in figures["own"][:SHOWN]:
        report.notes.append(
            f"{each['own']:6.1%} {each['cumulative']:6.1%} {each['calls']:8} × {each['function']}"
        )
    return report


def _built(views: int, times: int) -> dict[str, Any]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.project.many_settings",
        "BENCH_VIEWS": str(views),
    }
    built = subprocess.run(
        [sys.executable, "-m", "bench.project.build_many", str(times)],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, Any] = json.loads(built.stdout)
    return figures
