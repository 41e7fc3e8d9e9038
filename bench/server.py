"""One server under measurement: uvicorn, in a process of its own, on a port of 127.0.0.1."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self
from urllib.request import urlopen

from bench.measuring import ROOT, cpu_seconds, resident_bytes

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 5.0
QUIET_SECONDS: Final = 0.2


class Server:
    """The ASGI application at ``target`` (``module:name``); ``with`` starts it and ends it.

    ``python`` is the interpreter of another environment than this one.
    """

    def __init__(
        self,
        target: str,
        environment: Mapping[str, str],
        log: Path,
        *,
        python: str = sys.executable,
        folder: Path = ROOT,
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._log = log
        command = [python, "-m", "uvicorn", target, "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--ws", "websockets-sansio", "--loop", "uvloop", "--no-access-log"]
        command += ["--timeout-keep-alive", "600"]
        # It would ping all sockets every 20 s, thousands at once, and blur what a write costs.
        command += ["--ws-ping-interval", "3600", "--ws-ping-timeout", "3600"]
        command += ["--lifespan", "off", "--log-level", "warning", "--backlog", "8192"]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=output
            )

    def __enter__(self) -> Self:
        deadline = time.monotonic() + START_SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"The server did not start:\n{self.log()}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()
        self._process.wait(STOP_SECONDS)

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def log(self) -> str:
        """The end of what it has logged."""
        return self._log.read_text()[-3000:]

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return cpu_seconds(self._process.pid)

    @property
    def memory(self) -> int:
        """Bytes of memory now."""
        return resident_bytes(self._process.pid)

    def quiet(self, limit: float = 60.0) -> float:
        """Wait until it does nothing any more, ``limit`` seconds at most; how long that took."""
        started = busy = time.monotonic()
        before = self.cpu
        while time.monotonic() - busy < QUIET_SECONDS and time.monotonic() - started < limit:
            time.sleep(QUIET_SECONDS / 20)
            now = self.cpu
            if now - before > 0.001:
                before, busy = now, time.monotonic()
        return busy - started

    def counted(self) -> Mapping[str, int]:
        """What it counted since the last time (``bench.project.counters``)."""
        with urlopen(f"http://127.0.0.1:{self.port}/counters/", timeout=10) as answer:
            counted: dict[str, Any] = json.load(answer)
        return counted
