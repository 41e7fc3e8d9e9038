"""What Linux tells of processes: who started whom, and who holds which connection."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.services import require

PROC = Path("/proc")


def require_proc() -> None:
    """Processes must be told apart."""
    require("/proc/net/tcp", (PROC / "net/tcp").exists(), "the machine is no Linux")


def family(leader: int) -> Iterator[int]:
    """`leader`, and the processes that it and they have started."""
    yield leader
    for child in (PROC / f"{leader}/task/{leader}/children").read_text().split():
        yield from family(int(child))


def connections(pid: int) -> set[tuple[int, int]]:
    """The ports of a process's TCP connections: the near one, the far one."""
    inodes = set()
    for file in (PROC / f"{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            inodes.add(str(file.readlink()))
    rows = [line.split() for line in (PROC / "net/tcp").read_text().splitlines()[1:]]
    return {(_port(row[1]), _port(row[2])) for row in rows if f"socket:[{row[9]}]" in inodes}


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
