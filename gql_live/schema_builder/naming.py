"""Legal, stable GraphQL names: they depend on what they name, not on what was registered first."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

_ILLEGAL = re.compile(r"[^_0-9A-Za-z]")
_WORD = re.compile(r"[0-9A-Za-z]+")
_CAMEL = re.compile(r"(?<=[0-9A-Za-z])_+([0-9A-Za-z])")
_ENUM_RESERVED = frozenset({"true", "false", "null"})
_Key = TypeVar("_Key", bound=Hashable)
# The same few names come again and again: the fields of serializers on the same models.
_remembered = lru_cache(maxsize=4096)


@_remembered
def sanitize(text: str) -> str:
    """Return ``text`` as a legal name (GraphQL 2.1.9) that does not begin with ``__`` (3.4.1)."""
    name = _ILLEGAL.sub("_", text)
    if name.startswith("__"):
        name = "_" + name.lstrip("_")
    return f"_{name}" if not name or name[0].isdigit() else name


def enum_member(value: object) -> str:
    """Return the member name of an enum value: the value where it is legal, never its label."""
    if isinstance(value, int):
        return f"V{value}" if value >= 0 else f"VM{-value}"
    name = sanitize(str(value))
    return f"{name}_" if name in _ENUM_RESERVED else name


@_remembered
def camel(name: str) -> str:
    """Turn ``created_at`` into ``createdAt``; a leading underscore stays."""
    return _CAMEL.sub(lambda match: match[1].upper(), name)


def lower_camel(text: str) -> str:
    """Turn ``TodoItem``, ``todo item`` or ``todo-item`` into ``todoItem``: a root field's name."""
    name = pascal(text)
    head = re.match(r"[A-Z]+(?![a-z])|[A-Z]", name)
    if head is None:
        return sanitize(name)
    return sanitize(head[0].lower() + name[head.end() :])


@_remembered
def pascal(text: str) -> str:
    """Turn ``todo items`` or ``todo_item`` into ``TodoItems``, ``TodoItem``: a type's name."""
    words = _WORD.findall(text)
    return sanitize("".join(word[0].upper() + word[1:] for word in words))


def distinct(names: Iterable[str]) -> list[str]:
    """Return the names with ``_2``, ``_3`` ... appended where one comes again."""
    wished = list(names)
    taken = set(wished)
    seen: set[str] = set()
    result = []
    for name in wished:
        free, number = name, 2
        while free in seen or (free != name and free in taken):
            free, number = _numbered(name, number), number + 1
        seen.add(free)
        result.append(free)
    return result


def _numbered(name: str, number: int) -> str:
    # "_" with a number is "_2": two leading underscores are GraphQL's own.
    return sanitize(f"{name}_{number}")


def spelled(names: Iterable[str], case: str) -> list[str]:
    """Return legal, distinct names in the ``case`` that a project wants: ``snake`` or ``camel``."""
    legal = map(sanitize, names)
    return distinct(map(camel, legal) if case == "camel" else legal)


def assign(
    wishes: Mapping[_Key, Sequence[str]], reserved: Iterable[str], order: Mapping[_Key, str]
) -> dict[_Key, str]:
    """Give every key one of its wished names, all different and none of them reserved.

    Keys that wish for the same name *all* go on to their next wish, so that neither the order of
    registration nor of sorting decides who may keep it. Only when wishes run out does a number
    tell them apart, by ``order``.
    """
    taken = set(reserved)
    level = dict.fromkeys(wishes, 0)

    def wish(key: _Key) -> str:
        return sanitize(wishes[key][level[key]])

    while True:
        count = Counter(wish(key) for key in wishes)
        clashing = [
            key
            for key in wishes
            if (count[wish(key)] > 1 or wish(key) in taken) and level[key] + 1 < len(wishes[key])
        ]
        if not clashing:
            break
        for key in clashing:
            level[key] += 1
    names: dict[_Key, str] = {}
    for key in sorted(wishes, key=lambda key: (wish(key), order[key])):
        name, number = wish(key), 2
        while name in taken:
            name, number = _numbered(wish(key), number), number + 1
        taken.add(name)
        names[key] = name
    return names
