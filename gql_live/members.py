"""The rows that an audience sees. Sans-I/O."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Self

Key = int | str


class Members(Mapping[Key, str]):
    """An immutable map from the keys of rows to their lookup values."""

    def __init__(self, held: dict[Key, str]) -> None:
        self._held = held

    @classmethod
    def of(cls, items: Iterable[tuple[Key, str]]) -> Self:
        """The members of keys with their lookup values."""
        return cls(dict(items))

    def __getitem__(self, key: Key) -> str:
        return self._held[key]

    def __contains__(self, key: object) -> bool:
        return key in self._held

    def __iter__(self) -> Iterator[Key]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def replacing(self, removed: Collection[Key], added: Mapping[Key, str]) -> Self:
        """These members without some and with others."""
        kept = {key: each for key, each in self._held.items() if key not in removed}
        return type(self)(kept | dict(added))
