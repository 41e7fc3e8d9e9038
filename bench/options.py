"""How large a bench is."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """``n``: subscribers (views, audiences), the bench's own numbers where it is None. ``quick``:
    fewer of everything, to see that it runs.
    """

    n: int | None = None
    quick: bool = False

    def sizes(self, usual: tuple[int, ...], quick: tuple[int, ...]) -> tuple[int, ...]:
        """The numbers of subscribers to measure at."""
        if self.n is not None:
            return (self.n,)
        return quick if self.quick else usual

    def times(self, usual: int) -> int:
        """How often a thing is done."""
        return max(2, usual // 5) if self.quick else usual


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for databases and logs, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="gql_live_bench_") as folder:
        yield Path(folder)
