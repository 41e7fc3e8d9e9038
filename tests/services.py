"""What the machine offers to a test: a missing service skips it, or fails where all is due."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from shutil import which
from typing import Self

import pytest

REQUIRE_ALL = os.environ.get("GQL_LIVE_REQUIRE_ALL") == "1"
REDIS_HOST = os.environ.get("REDIS_HOST", "127.0.0.1")
REDIS_PORT = int(os.environ.get("REDIS_PORT", "6379"))


def require(name: str, available: bool, reason: str) -> None:
    """Skip the running test without the service ``name``; fail it under GQL_LIVE_REQUIRE_ALL=1."""
    if available:
        return
    if REQUIRE_ALL:
        pytest.fail(f"{name} is required here: {reason}")
    pytest.skip(f"{name} is not available: {reason}")


def require_redis() -> None:
    """Require the Redis server at REDIS_HOST, REDIS_PORT."""
    answers = is_listening(REDIS_HOST, REDIS_PORT)
    require("Redis", answers, f"nothing listens at {REDIS_HOST}:{REDIS_PORT}")


def is_listening(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listened at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RedisServer:
    """A Redis of the test's own, to be killed and started again. Starts empty, writes nothing."""

    def __init__(self, directory: Path) -> None:
        program = which("redis-server")
        require("redis-server", program is not None, "the program is not installed")
        self.port = free_port()
        self._command = [str(program), "--port", str(self.port), "--bind", "127.0.0.1"]
        self._command += ["--save", "", "--appendonly", "no", "--dir", str(directory)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not is_listening("127.0.0.1", self.port):
            assert time.monotonic() < deadline, "redis-server did not start"
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once, without a goodbye to its clients."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it answer nobody, connected as everybody is."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
