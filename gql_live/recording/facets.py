"""What can be read of who asks, by name, and which value it has for an opened view."""

from collections.abc import Callable, Hashable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from decimal import Context, getcontext
from typing import Any, Final

from django.conf import settings
from django.utils import timezone, translation

from gql_live.recording.content import OpaqueError, content

Facet = tuple[str, str]
"""A kind of what can be read, and a name among those."""

VIEW: Final = ("view", "")
AROUND: Final = ("around", "")
RENDERERS: Final = ("renderers", "")
OWNER: Final = ("owner", "")
ORIGIN: Final = ("origin", "")
PARSER_CONTEXT: Final = ("parser_context", "")


# The request is noted by itself; the rest is what this package sets while it opens a view.
ASIDE: Final = frozenset(
    {"request", "check_permissions", "check_throttles", "perform_authentication"}
)


class _Missing:
    """In the place of what is not there."""


MISSING: Final = content(_Missing)


@dataclass(frozen=True, slots=True)
class Facets:
    """What was ``read``, and the value of each: users with all of their columns, so it is not for
    logs.
    """

    read: tuple[Facet, ...]
    values: tuple[Hashable, ...] = field(repr=False)


def agrees(facets: Facets, view: Any, around: Hashable = None) -> bool:
    """Whether rows that were serialized with these ``facets`` are what another opened view would
    show. ``around``: what is active around it, where that is known.

    To be asked in the context in which the view was opened, before anything of it is serialized.
    """
    try:
        return all(
            around == value
            if around is not None and facet is AROUND
            else value_of(facet, view, view.request) == value
            for facet, value in zip(facets.read, facets.values, strict=True)
        )
    except Exception:
        # What raises cannot be compared: the view is to serialize for itself, and may raise again.
        return False


def values_of(read: tuple[Facet, ...], view: Any) -> tuple[Hashable, ...] | None:
    """The values that another opened view has for all that was ``read``, to look it up among many
    ``Facets``; None where it can agree with none. To be asked when ``agrees`` is.
    """
    try:
        return tuple([value_of(facet, view, view.request) for facet in read])
    except Exception:
        return None


def value_of(facet: Facet, view: Any, request: Any) -> Hashable:
    """The value of a facet for a view with its ``request``. Raises what reading it raises, and
    ``OpaqueError``.
    """
    kind, name = facet
    return _VALUES[kind](view, request, name)


def _of_attribute(view: Any, request: Any, name: str) -> Hashable:
    return content(getattr(request, name, _Missing), view)


def _of_key(mapping: str) -> Callable[[Any, Any, str], Hashable]:
    return lambda _view, request, key: content(getattr(request, mapping).get(key, _Missing))


def _of_mapping(_view: Any, request: Any, name: str) -> Hashable:
    return content(dict(getattr(request, name)))


def _of_view(view: Any, _request: Any, _name: str) -> Hashable:
    return content({name: vars(view)[name] for name in vars(view) if name not in ASIDE}, view)


def _of_renderers(view: Any, request: Any, _name: str) -> Hashable:
    """Rows that are shared are written once."""
    return content([getattr(request, "accepted_renderer", _Missing), *view.get_renderers()])


def _of_owner(_view: Any, request: Any, _name: str) -> Hashable:
    user = request.user
    if user is None or not user.is_authenticated:
        return MISSING
    return user.__class__, str(user.pk)


def _of_origin(_view: Any, request: Any, _name: str) -> Hashable:
    """All that Django makes an absolute URI of."""
    parts = [
        request.scheme,
        request.get_host(),
        request.get_port(),
        request.path,
        request.path_info,
    ]
    return content([*parts, request.META.get("QUERY_STRING")])


def _of_parser_context(view: Any, request: Any, _name: str) -> Hashable:
    return content(request.parser_context, view, request)


def _of_what_is_around(_view: Any, _request: Any, _name: str) -> Hashable:
    """The language, the time zone, how decimals are counted, and every context variable."""
    around: list[Hashable] = [translation.get_language(), timezone.get_current_timezone()]
    around.append(_of_decimals(getcontext()))
    for variable, value in copy_context().items():
        if variable.name == "asgiref.local":
            # Django's own, a new object at each change: asgiref.local, _CVar and _Storage.
            held = getattr(value, "data", value)
            around += [(variable, name, _itself(each)) for name, each in held.items()]
        elif not isinstance(value, Context):  # decimal makes one wherever it is used first
            around.append((variable, _itself(value)))
    return tuple(around)


def _of_decimals(context: Context) -> Hashable:
    """What decides about results: not what happened so far."""
    limits = context.prec, context.Emin, context.Emax
    traps = tuple(context.traps.items())
    return *limits, context.rounding, context.capitals, context.clamp, traps


def around_is_the_projects() -> bool:
    """Whether the language and the time zone are nobody's own."""
    language, zone = translation.get_language(), timezone.get_current_timezone()
    return language == settings.LANGUAGE_CODE and zone == timezone.get_default_timezone()


def _itself(thing: Any) -> Hashable:
    try:
        return content(thing)
    except OpaqueError:
        return _Itself(thing)


class _Itself:
    """Equal only for one and the same object, which it keeps alive."""

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other._thing is self._thing

    def __hash__(self) -> int:
        return id(self._thing)


_VALUES: Final[Mapping[str, Callable[[Any, Any, str], Hashable]]] = {
    "attribute": _of_attribute,
    "META": _of_key("META"),
    "COOKIES": _of_key("COOKIES"),
    "headers": _of_key("headers"),
    "mapping": _of_mapping,
    "view": _of_view,
    "around": _of_what_is_around,
    "renderers": _of_renderers,
    "owner": _of_owner,
    "origin": _of_origin,
    "parser_context": _of_parser_context,
}
