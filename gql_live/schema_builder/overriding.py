"""Whether a class does something its own way, or as Django REST Framework does it."""

import inspect
import sys
from functools import lru_cache
from typing import Any

_MOST_CLASSES = 4096
_FRAMEWORKS = ("django.", "drf_spectacular.", "rest_framework.")


def overrides(owner: Any, *names: str) -> bool:
    """Whether a class outside Django REST Framework, on the way up from ``owner``, does one of
    ``names`` its own way.

    A method that only calls the one it overrides (to carry a decorator, for example) is no way of
    its own.
    """
    return _overrides(owner, names)


@lru_cache(maxsize=_MOST_CLASSES)
def _overrides(owner: type, names: tuple[str, ...]) -> bool:
    return any(
        name in vars(each) and not _only_delegates(each, name)
        for each in owner.__mro__
        if each is not object and not _is_stock(each)
        for name in names
    )


def _is_stock(owner: type) -> bool:
    """Whether a class is Django REST Framework's own.

    Its module's name is not enough: a class made by calling ``type()`` has the module of the
    metaclass.
    """
    if not owner.__module__.startswith("rest_framework."):
        return False
    return getattr(sys.modules.get(owner.__module__), owner.__name__, None) is owner


def _only_delegates(owner: type, name: str) -> bool:
    """Whether a method does nothing but call ``super()``: it knows no other name at all."""
    function: Any = vars(owner)[name]
    while hasattr(function, "__wrapped__") and _home(function).startswith(_FRAMEWORKS):
        # cache_page and the like change when something is answered, not what.
        function = function.__wrapped__
    if not inspect.isfunction(function):
        return False
    if _home(function).startswith("rest_framework."):
        # The original itself, decorated.
        return True
    return {*function.__code__.co_names} == {"super", name}


def _home(function: Any) -> str:
    """Return the module whose code a function is: functools.wraps() copies ``__module__``."""
    return str(getattr(function, "__globals__", {}).get("__name__", ""))
