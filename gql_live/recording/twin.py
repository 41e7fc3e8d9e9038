"""A request that is another one, and tells of every attribute that is read of it.

One trick, and only here: every way to an attribute leads through ``__getattribute__``, so nothing
is read unnoticed, and what is not an attribute (its hash, its equality, its copies) is made one.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any, Protocol, cast

from rest_framework.request import Request


class Reader(Protocol):
    """Who reads the other request on behalf of its twin."""

    def read(self, name: str) -> Any:
        """Give an attribute. Raises ``AttributeError`` where there is none."""

    def write(self, name: str, value: Any) -> None:
        """Set an attribute."""


def twin_of(reader: Reader) -> Request:
    """A request that has what ``reader`` reads."""
    twin = Request.__new__(_Twin)
    object.__setattr__(twin, "_reader", reader)
    return twin


def _reader(twin: "_Twin") -> Reader:
    return cast("Reader", object.__getattribute__(twin, "_reader"))


class _Twin(Request):
    def __getattribute__(self, name: str) -> Any:
        return _reader(self).read(name)

    def __getattr__(self, name: str) -> Any:
        # What is called where __getattribute__ found nothing. The inherited one would look again.
        raise AttributeError(f"'Request' object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        _reader(self).write(name, value)

    def __delattr__(self, name: str) -> None:
        _reader(self).read("__delattr__")(name)

    def __hash__(self) -> int:
        return cast("int", _reader(self).read("__hash__")())

    def __eq__(self, other: object) -> bool:
        return self is other or _reader(self).read("__eq__")(other)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _reader(self).read("__reduce_ex__")(protocol)


class NotedMapping(Mapping[str, Any]):
    """A mapping of a request's that tells of every key that is read: headers, cookies.

    It is no ``dict``, because much reads those without asking them.
    """

    def __init__(
        self, mapping: Any, note_key: Callable[[str], None], note_all: Callable[[], None]
    ) -> None:
        self._mapping = mapping
        self._note_key = note_key
        self._note_all = note_all

    def __getitem__(self, key: str) -> Any:
        self._note_key(key)
        return self._mapping[key]

    def _whole(self) -> Any:
        self._note_all()
        return self._mapping

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __repr__(self) -> str:
        return repr(self._whole())

    def __or__(self, other: Any) -> Any:
        return self._whole() | other

    def __ror__(self, other: Any) -> Any:
        return other | self._whole()

    def __setitem__(self, key: str, value: Any) -> None:
        self._whole()[key] = value

    def __reduce_ex__(self, _protocol: Any) -> Any:
        # A copy tells nothing more.
        return copy, (self._whole(),)

    def __getattr__(self, name: str) -> Any:
        # What a dict can do besides.
        return getattr(self._whole(), name)
