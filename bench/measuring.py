"""What the kernel knows of a process, and what becomes of many figures."""

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU, of threads that ended too, to the nanosecond.

    The clock of a process, as ``clock_getcpuclockid(3)`` makes it of a pid on Linux.
    """
    return time.clock_gettime((~pid << 3) | 2)


def resident_bytes(pid: int) -> int:
    """Memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


@dataclass(frozen=True, slots=True)
class Sample:
    """The same thing, measured several times."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        """What stands in the table."""
        return statistics.median(self.values)

    def per(self, other: "Sample") -> float:
        """This median in units of another."""
        return self.median / other.median if other.median else float("nan")

    def told(self, unit: float = 1.0, digits: int = 1) -> str:
        """Median and spread, in units of ``unit``."""
        low, middle, high = (
            f"{value / unit:,.{digits}f}"
            for value in (min(self.values), self.median, max(self.values))
        )
        return middle if low == high else f"{middle} ({low} … {high})"
