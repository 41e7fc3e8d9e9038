"""A Redis of the machine's, and processes that answer."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

SERVE = """
import asyncio
import sys
import django
django.setup()
from gql_live.instruments import Counter, Gauge, LabelledCounter, Timing, instruments
from gql_live.reports import answering, ask

class Source:
    pass

async def serve():
    source = Source()
    instruments.measure(Gauge.AUDIENCES, source, lambda _: 3)
    instruments.count(Counter.FRAMES, 7)
    instruments.count_labelled(LabelledCounter.RESYNCS, "lost", 2)
    instruments.observe(Timing.LAG, 0.5)
    answers = asyncio.create_task(answering())
    while not await ask(0.2):
        pass
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    answers.cancel()
    await asyncio.wait({answers})

asyncio.run(serve())
"""


@contextmanager
def answering_process(channel_layers: dict[str, Any]) -> Iterator[int]:
    """A process with some instruments that answers whoever asks; its id."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.publish.worker_settings",
        "CHANNEL_LAYERS": json.dumps(channel_layers),
    }
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    with process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process.pid
        process.stdin.close()
        assert process.wait(20) == 0
