"""Builds the schema of many views: ``python -m bench.project.build_many TIMES`` prints figures as
JSON.
"""

import cProfile
import json
import pstats
import sys
import time
from pathlib import Path
from typing import Any, Final

import django

django.setup()

# Views can be imported only after Django is set up.
from bench.project.counters import COUNTED  # noqa: E402
from bench.project.many_views import VIEWS, new_router  # noqa: E402

TOP: Final = 25


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
        "own": _top(profile, by="tottime"),
        "cumulative": _top(profile, by="cumulative"),
    }


def _seconds() -> float:
    router = new_router()
    started = time.process_time()
    _ = router.schema
    return time.process_time() - started


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
