"""Tables keyed by a class's import path: the builder's own rows, and those added to them.

A row names a class by its path, so a row for a third-party class costs nothing where that package
is not installed, and nothing is imported for it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

_Row = TypeVar("_Row")
_MOST_CLASSES = 4096


@lru_cache(maxsize=_MOST_CLASSES)
def path_of(owner: type) -> str:
    """Return the import path of a class."""
    return f"{owner.__module__}.{owner.__qualname__}"


class PathTable(Generic[_Row]):
    """Rows by the import path of a class; a class without a row of its own has that of its
    nearest base.
    """

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def add(self, *paths: str) -> Callable[[_Row], _Row]:
        """Return a decorator that makes a function the row of the classes at ``paths``; the last
        one added counts.
        """

        def register(row: _Row) -> _Row:
            self._rows.update(dict.fromkeys(paths, row))
            return row

        return register

    def find(
        self, owner: type, *, unless_overridden: str | None = None, outside: str | None = None
    ) -> _Row | None:
        """Return the row of ``owner`` or its nearest base.

        A class that defines the method ``unless_overridden`` without having a row breaks its
        base's promise: the search ends there with None. So it does at a class of the package
        ``outside``.
        """
        for each in owner.__mro__:
            if outside is not None and each.__module__.partition(".")[0] == outside:
                return None
            row = self._rows.get(path_of(each))
            if row is not None:
                return row
            if unless_overridden is not None and unless_overridden in vars(each):
                return None
        return None
