"""The rows that an audience sees, held compactly: a million of them in 130 kilobytes.

Standard library only. An integer key that is its own lookup value, as most are, is one of 2**16
that share their upper bits: in a sorted array of the lower 16 where they are few, in a bitmap where
they are many, as in a Roaring bitmap (https://arxiv.org/abs/1402.6407).
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from sys import getsizeof
from typing import Any, Final, TypeAlias

Key = int | str
"""The primary key of a row as it travels: integers as they are, everything else as text."""

_Chunk: TypeAlias = "array[int] | bytes"

_LOW_BITS: Final = 16
_LOW: Final = (1 << _LOW_BITS) - 1
_BITMAP_BYTES: Final = (1 << _LOW_BITS) // 8
_MOST_IN_ARRAY: Final = _BITMAP_BYTES // 2  # of two bytes each: beyond, the bitmap is the smaller
_BITS: Final = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
_NONE: Final = array("H")


class Members(Mapping[Key, str]):
    """The key of each visible row with its lookup value. Immutable: ``replacing`` makes the next
    one, which shares with this one what stays.
    """

    __slots__ = ("__weakref__", "_chunks", "_length", "_others")

    def __init__(self) -> None:
        """No rows; ``of`` makes some."""
        self._chunks: dict[int, _Chunk] = {}  # none of them empty; a bitmap where it is smaller
        self._others: dict[Key, str] = {}
        self._length = 0

    @classmethod
    def of(cls, items: Iterable[tuple[Key, str]]) -> "Members":
        """The rows of ``items``, keys with lookup values; of one key the last one counts."""
        gathered: defaultdict[int, array[int]] = defaultdict(lambda: array("H"))
        others: dict[Key, str] = {}
        for key, lookup in items:
            if isinstance(key, int) and lookup == str(key):
                gathered[key >> _LOW_BITS].append(key & _LOW)
                others.pop(key, None)
            else:
                others[key] = lookup
        members = cls()
        for high, lows in gathered.items():
            members._put(high, _packed(set(lows)))
        return members.replacing(others, others) if others else members

    def replacing(self, removed: Collection[Key], added: Mapping[Key, str]) -> "Members":
        """These rows without ``removed``, known or not, and then with ``added``."""
        gone: defaultdict[int, set[int]] = defaultdict(set)
        come: defaultdict[int, set[int]] = defaultdict(set)
        others: dict[Key, str] = {}
        for key in chain(removed, added):
            if isinstance(key, int):
                gone[key >> _LOW_BITS].add(key & _LOW)
        for key, lookup in added.items():
            if isinstance(key, int) and lookup == str(key):
                come[key >> _LOW_BITS].add(key & _LOW)
            else:
                others[key] = key if isinstance(key, str) and key == lookup else lookup
        replaced = Members()
        replaced._chunks = dict(self._chunks)
        replaced._length = self._length
        for high, lows in gone.items():
            replaced._put(high, _changed(self._chunks.get(high, _NONE), lows, come[high]))
        replaced._others = self._others
        if others or any(key in self._others for key in chain(removed, added)):
            replaced._others = dict(self._others)
            for key in chain(removed, added):
                replaced._others.pop(key, None)
            replaced._others.update(others)
            replaced._length += len(replaced._others) - len(self._others)
        return replaced

    def differing(self, other: "Members") -> list[Key]:
        """The keys that only one of both holds, or with another lookup value; each once."""
        chunks, others = other._chunks, other._others  # noqa: SLF001  # of the same class
        keys: dict[Key, None] = {}
        for high in self._chunks.keys() | chunks.keys():
            one, another = self._chunks.get(high, _NONE), chunks.get(high, _NONE)
            if one != another:
                lows = set(_lows(one)) ^ set(_lows(another))
                keys.update((high << _LOW_BITS | low, None) for low in lows)
        if self._others is not others:
            keys.update((key, None) for key, _ in self._others.items() ^ others.items())
        return list(keys)

    def size_in_bytes(self) -> int:
        """What these rows take of memory, alone."""
        sizes = map(getsizeof, chain(self._chunks, self._chunks.values()))
        texts = {id(text): text for text in chain(self._others, self._others.values())}
        return (
            sum(map(getsizeof, (self, self._chunks, self._others)))
            + sum(sizes)
            + sum(map(getsizeof, texts.values()))
        )

    # --- as a mapping ---

    def __contains__(self, key: object) -> bool:
        return (isinstance(key, int) and self._holds(key)) or key in self._others

    def __getitem__(self, key: Key) -> str:
        return str(key) if isinstance(key, int) and self._holds(key) else self._others[key]

    def get(self, key: Key, default: Any = None) -> Any:
        """The lookup value of a row; ``default`` where the row is none of these."""
        return (
            str(key)
            if isinstance(key, int) and self._holds(key)
            else self._others.get(key, default)
        )

    def __iter__(self) -> Iterator[Key]:
        for high in sorted(self._chunks):
            for low in _lows(self._chunks[high]):
                yield high << _LOW_BITS | low
        yield from self._others

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Members):
            return self._chunks == other._chunks and self._others == other._others
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]  # like that of any mapping

    def _holds(self, key: int) -> bool:
        """Whether a row of this key has the key as its lookup value."""
        chunk = self._chunks.get(key >> _LOW_BITS)
        if chunk is None:
            return False
        low = key & _LOW
        if isinstance(chunk, bytes):
            return bool(chunk[low >> 3] >> (low & 7) & 1)
        place = bisect_left(chunk, low)
        return place < len(chunk) and chunk[place] == low

    def _put(self, high: int, chunk: _Chunk) -> None:
        """Take a chunk in place of the one that was there. Only for who makes these rows."""
        count = _count(chunk)
        self._length += count - _count(self._chunks.pop(high, _NONE))
        if count:
            self._chunks[high] = chunk


def _packed(lows: set[int]) -> _Chunk:
    if len(lows) <= _MOST_IN_ARRAY:
        return array("H", sorted(lows))
    bits = bytearray(_BITMAP_BYTES)
    for low in lows:
        bits[low >> 3] |= 1 << (low & 7)
    return bytes(bits)


def _changed(chunk: _Chunk, gone: set[int], come: set[int]) -> _Chunk:
    if not isinstance(chunk, bytes):
        return _packed((set(chunk) - gone) | come)
    bits = bytearray(chunk)
    for low in gone:
        bits[low >> 3] &= ~(1 << (low & 7))
    for low in come:
        bits[low >> 3] |= 1 << (low & 7)
    changed = bytes(bits)
    return changed if _count(changed) > _MOST_IN_ARRAY else _packed(set(_lows(changed)))


def _count(chunk: _Chunk) -> int:
    return int.from_bytes(chunk).bit_count() if isinstance(chunk, bytes) else len(chunk)


def _lows(chunk: _Chunk) -> Iterable[int]:
    if not isinstance(chunk, bytes):
        return chunk
    return (place << 3 | bit for place, byte in enumerate(chunk) if byte for bit in _BITS[byte])
