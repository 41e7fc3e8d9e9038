"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. What is broken makes the command fail; a note is there to be known."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """``id`` stays the same from version to version; ``said`` and ``remedy`` are for people."""

    level: Level
    id: str
    said: str
    remedy: str = ""


def ok(id: str, said: str) -> Finding:  # noqa: A002 - as Django's checks call it
    """It works, or it is simply so."""
    return Finding(Level.OK, id, said)


def note(id: str, said: str, remedy: str = "") -> Finding:  # noqa: A002
    """It may be as it should be, and is worth knowing."""
    return Finding(Level.NOTE, id, said, remedy)


def warning(id: str, said: str, remedy: str = "") -> Finding:  # noqa: A002
    """It works, but not as well as it should."""
    return Finding(Level.WARNING, id, said, remedy)


def broken(id: str, said: str, remedy: str = "") -> Finding:  # noqa: A002
    """It does not work."""
    return Finding(Level.BROKEN, id, said, remedy)
