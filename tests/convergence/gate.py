"""Holds evaluations at a point until a history lets them go on, so that a race is a step of it."""

import threading
from typing import Final

PATIENCE: Final = 20
"""Seconds after which somebody who is held goes on: a history that ends early must not hang."""

POINTS: Final = ("start", "row")
"""Before anything is asked or read; and with each row, after it was read and before what is nested
in it.
"""

HAND: Final = "hand"
"""How the names of threads begin that a history writes in."""


class Gate:
    """Closed, it keeps the evaluations that come to one point; everybody else passes."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self._point = ""
        self.holding = False
        """Whether somebody waits."""

    def close(self, point: str) -> None:
        """Keep whoever comes to ``point``."""
        self._point = point
        self._open.clear()

    def open(self) -> None:
        """Let everybody go."""
        self.holding = False
        self._open.set()

    def pass_through(self, point: str) -> None:
        """Come to ``point``."""
        if threading.current_thread().name.startswith(("MainThread", HAND)):
            return  # the history itself, which asks over REST
        if point == self._point and not self._open.is_set():
            self.holding = True
            self._open.wait(PATIENCE)


GATE: Final = Gate()
pass_through = GATE.pass_through
