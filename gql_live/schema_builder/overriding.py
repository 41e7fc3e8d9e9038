"""Whether a class does something its own way, or as Django REST Framework does it."""

import ast
import inspect
import sys
import textwrap
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


@lru_cache(maxsize=_MOST_CLASSES)
def _is_stock(owner: type) -> bool:
    """Whether a class is Django REST Framework's own.

    Its module's name is not enough: a class made by calling ``type()`` has the module of the
    metaclass.
    """
    if not owner.__module__.startswith("rest_framework."):
        return False
    return getattr(sys.modules.get(owner.__module__), owner.__name__, None) is owner


def _only_delegates(owner: type, name: str) -> bool:
    """Whether a method does nothing but ``return super().name(…)`` with what it was given."""
    function: Any = vars(owner)[name]
    while hasattr(function, "__wrapped__") and _home(function).startswith(_FRAMEWORKS):
        # cache_page and the like change when something is answered, not what.
        function = function.__wrapped__
    if not inspect.isfunction(function):
        return False
    if _home(function).startswith("rest_framework."):
        # The original itself, decorated.
        return True
    return _returns_super(function, name)


def _returns_super(function: Any, name: str) -> bool:
    """A method whose source cannot be read is taken to do something of its own."""
    try:
        [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    if not isinstance(definition, ast.FunctionDef):
        return False
    first = 1 if ast.get_docstring(definition) is not None else 0
    match definition.body[first:]:
        case [
            ast.Return(
                ast.Call(
                    ast.Attribute(ast.Call(ast.Name("super"), [], []), attr=called),
                    arguments,
                    keywords,
                )
            )
        ]:
            given = [*arguments, *(keyword.value for keyword in keywords)]
            return called == name and all(map(_is_plain, given))
    return False


def _is_plain(argument: ast.expr) -> bool:
    """Whether an argument is passed on as it is: a name, or a starred one."""
    return isinstance(argument.value if isinstance(argument, ast.Starred) else argument, ast.Name)


def _home(function: Any) -> str:
    """Return the module whose code a function is: functools.wraps() copies ``__module__``."""
    return str(getattr(function, "__globals__", {}).get("__name__", ""))
