"""Builds the schema of many views: ``python -m bench.project.build_many TIMES`` prints figures as
JSON.
"""

import cProfile
import json
import pstats
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import django

django.setup()

# Views can be imported only after Django is set up.
from bench.project.counters import COUNTED  # noqa: E402
from bench.project.many_views import VIEWS, new_router  # noqa: E402

TOP: Final = 25
# A part of the work, by what stands in the paths of its files.
PARTS: Final[Mapping[str, str]] = {
    "schema_builder/": "the schema builder",
    "/rest_framework/": "Django REST Framework",
    "/django_filters/": "django-filter",
    "/django/": "Django",
    "/graphql/": "graphql-core",
    "/ariadne/": "Ariadne",
}
OTHER: Final = "Python's own library"


def build(times: int) -> dict[str, Any]:
    """Seconds of CPU of each of ``times`` builds, queries, types, and where the time goes."""
    COUNTED.clear()
    seconds = [_seconds() for _ in range(times)]
    queries = COUNTED["queries"]
    router = new_router()
    profile = cProfile.Profile()
    profile.enable()
    schema = router.schema
    profile.disable()
    return {
        "views": len(VIEWS),
        "seconds": seconds,
        "queries": queries,
        "types": len(schema.type_map),
        "diagnostics": len(router.diagnostics),
        "parts": _parts(profile),
        "own": _top(profile, by="tottime"),
        "cumulative": _top(profile, by="cumulative"),
    }


def _seconds() -> float:
    router = new_router()
    started = time.process_time()
    _ = router.schema
    return time.process_time() - started


def _parts(profile: cProfile.Profile) -> dict[str, float]:
    """The share of each part; a built-in function belongs to the parts that call it."""
    stats: Any = pstats.Stats(profile)
    own: Counter[str] = Counter()
    for (file, _, _), (_, _, seconds, _, callers) in stats.stats.items():
        if file == "~":
            for (caller, _, _), (_, _, spent, _) in callers.items():
                own[_part(caller)] += spent
        else:
            own[_part(file)] += seconds
    total = own.total()
    return {part: seconds / total for part, seconds in own.most_common()}


def _part(file: str) -> str:
    return next((part for folder, part in PARTS.items() if folder in file), OTHER)


def _top(profile: cProfile.Profile, by: str) -> list[dict[str, Any]]:
    stats: Any = pstats.Stats(profile).sort_stats(by)
    total = stats.total_tt
    return [
        {
            "function": f"{Path(file).parent.name}/{Path(file).name}:{line}({name})",
            "calls": stats.stats[file, line, name][1],
            "own": stats.stats[file, line, name][2] / total,
            "cumulative": stats.stats[file, line, name][3] / total,
        }
        for file, line, name in stats.fcn_list[:TOP]
    ]


if __name__ == "__main__":
    print(json.dumps(build(int(sys.argv[1]))))
