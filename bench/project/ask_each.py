"""Whether a row is in each of many querysets, asked one by one:
``python -m bench.project.ask_each AUDIENCES TIMES`` prints seconds as JSON.
"""

import json
import sys
import time

import django

django.setup()

# Models can be imported only after Django is set up.
from django.contrib.auth.models import User  # noqa: E402
from django.db.models import F  # noqa: E402

from bench.project.models import Task  # noqa: E402
from bench.project.views import NEAR  # noqa: E402


def ask_each(audiences: int, times: int) -> dict[str, list[float]]:
    """Seconds and seconds of CPU of this process, for each time that all are asked."""
    users = list(User.objects.order_by("pk")[:audiences])
    seconds, cpu = [], []
    for _ in range(times):
        started, before = time.perf_counter(), time.process_time()
        for user in users:
            near = Task.objects.alias(distance=F("score") - user.pk)
            near.filter(distance__gte=-NEAR, distance__lte=NEAR).filter(pk=1).exists()
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - before)
    return {"seconds": seconds, "cpu": cpu}


if __name__ == "__main__":
    print(json.dumps(ask_each(int(sys.argv[1]), int(sys.argv[2]))))
