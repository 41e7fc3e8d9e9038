"""The URLconf, read for the views in it: where each is mounted, and what it takes from the URL."""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import StringConverter


@dataclass(frozen=True)
class UrlKwarg:
    """A value that a route takes from the URL.

    ``kind`` is the converter's class name without ``Converter`` (``Int``, ``UUID`` ...), or
    ``regex``.
    """

    name: str
    pattern: re.Pattern[str]
    to_python: Callable[[str], Any]
    kind: str

    def read(self, value: object) -> Any:
        """Return what the view gets for ``value``; ValueError: no URL has it."""
        text = str(value)
        if self.pattern.fullmatch(text) is None:
            raise ValueError(text)
        try:
            return self.to_python(text)
        except (ArithmeticError, TypeError) as error:
            raise ValueError(text) from error


def made_up_value(kwarg: UrlKwarg) -> Any:
    """Return a value that a view could get of a URL, and that is the key of no row."""
    for text in ("0", str(uuid.UUID(int=0)), "x"):
        with suppress(ValueError):
            return kwarg.read(text)
    return ""


@dataclass(frozen=True)
class Mount:
    """A view callback in the URLconf.

    ``constants``: kwargs that the URLconf itself gives to the view. ``positional``: whether the
    URL has groups that have no name.
    """

    view: type
    initkwargs: Mapping[str, Any]
    actions: Mapping[str, str] | None
    url_name: str | None
    kwargs: tuple[UrlKwarg, ...]
    constants: Mapping[str, Any]
    positional: bool = False


@dataclass(frozen=True)
class _Way:
    """What has been collected on the way down to a pattern."""

    namespaces: tuple[str, ...] = ()
    kwargs: tuple[UrlKwarg, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    positional: bool = False

    def through(self, pattern: Any, namespace: str | None, constants: Mapping[str, Any]) -> "_Way":
        named = {each.name: each for each in (*self.kwargs, *_url_kwargs(pattern))}
        return _Way(
            (*self.namespaces, namespace) if namespace else self.namespaces,
            tuple(named.values()),
            {**self.constants, **constants},
            self.positional or _is_positional(pattern),
        )


def mounts(urlconf: str | None) -> Iterator[Mount]:
    """Give every Django REST Framework view of a URLconf (None: the project's), in its order."""
    yield from _walk(get_resolver(urlconf).url_patterns, _Way())


def _walk(patterns: Any, way: _Way) -> Iterator[Mount]:
    for each in patterns:
        if isinstance(each, URLResolver):
            inner = way.through(each.pattern, each.namespace, each.default_kwargs)
            yield from _walk(each.url_patterns, inner)
        elif isinstance(each, URLPattern):
            mount = _mount(each, way.through(each.pattern, None, each.default_args))
            if mount is not None:
                yield mount


def _mount(pattern: URLPattern, way: _Way) -> Mount | None:
    callback: Any = pattern.callback
    while not hasattr(callback, "cls") and hasattr(callback, "__wrapped__"):
        callback = callback.__wrapped__
    view = getattr(callback, "cls", None)
    if not isinstance(view, type) or any(each.name == "format" for each in way.kwargs):
        # A route with a format suffix is the twin of one without.
        return None
    actions = getattr(callback, "actions", None)
    return Mount(
        view=view,
        initkwargs=dict(getattr(callback, "initkwargs", {})),
        actions=None if actions is None else dict(actions),
        url_name=":".join((*way.namespaces, pattern.name)) if pattern.name else None,
        kwargs=way.kwargs,
        constants=way.constants,
        positional=way.positional and not way.kwargs,
    )


def _is_positional(pattern: Any) -> bool:
    regex = getattr(pattern, "regex", None)
    return regex is not None and regex.groups > 0 and not regex.groupindex


def _url_kwargs(pattern: Any) -> Iterator[UrlKwarg]:
    for name, converter in getattr(pattern, "converters", {}).items():
        kind = type(converter).__name__.removesuffix("Converter")
        yield UrlKwarg(name, re.compile(converter.regex), converter.to_python, kind)
    regex = getattr(pattern, "regex", None)
    if regex is not None and not getattr(pattern, "converters", None):
        for name in regex.groupindex:
            yield UrlKwarg(name, _compiled(group_source(regex.pattern, name)), str, "regex")


def _compiled(source: str) -> re.Pattern[str]:
    try:
        return re.compile(source)
    except re.error:
        # A group that refers to another one cannot stand alone.
        return re.compile(StringConverter.regex)


def group_source(pattern: str, name: str) -> str:
    r"""Return what stands inside the group ``name`` of a pattern: ``\d+`` of ``(?P<pk>\d+)``."""
    opening = f"(?P<{name}>"
    start = pattern.index(opening) + len(opening)
    depth, position, in_class = 1, start, False
    while True:
        character = pattern[position]
        if character == "\\":
            position += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
            # A bracket that comes first in a class is a literal one.
            position += len(re.match(r"\^?\]?", pattern[position + 1 :])[0])  # type: ignore[index]
        elif character in "()":
            depth += 1 if character == "(" else -1
            if not depth:
                return pattern[start:position]
        position += 1


def unrouted(name: str, python_type: type) -> UrlKwarg:
    """Return the kwarg of a view that is mounted nowhere, as its ``realtime_kwargs`` declare it."""
    kind = {int: "Int", str: "String"}.get(python_type, python_type.__name__)
    return UrlKwarg(name, re.compile(r"(?s:.+)"), python_type, kind)


NO_SLASH_OR_DOT = re.compile(r"[^/.]+")


def routed_lookup(view: Any, name: str) -> UrlKwarg:
    """Return the lookup of a view that is mounted nowhere, as a DRF router would route it."""
    source = getattr(view, "lookup_value_regex", None)
    return UrlKwarg(name, re.compile(source) if source else NO_SLASH_OR_DOT, str, "regex")
