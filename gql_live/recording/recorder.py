"""Note what serializing rows reads of the request, as far as the view lets others share them."""

from collections.abc import Hashable
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from django.http import HttpRequest
from django.http.request import HttpHeaders

from gql_live.conf import setting
from gql_live.exceptions import GqlLiveError
from gql_live.recording.content import content
from gql_live.recording.facets import (
    AROUND,
    ASIDE,
    MISSING,
    ORIGIN,
    OWNER,
    PARSER_CONTEXT,
    RENDERERS,
    VIEW,
    Facet,
    Facets,
    around_is_the_projects,
    value_of,
)
from gql_live.recording.twin import NotedMapping, twin_of

_MAPPINGS: Final = {"META": dict, "COOKIES": dict, "headers": HttpHeaders}

# What Django makes of the origin, the path and the query string, and of nothing else.
_OF_ORIGIN: Final = frozenset(
    {"build_absolute_uri", "get_full_path", "get_full_path_info", "get_host", "get_port"}
    | {"is_secure"}
)

# What says what is asked and how, not who asks.
_NEUTRAL: Final = frozenset(
    {"FILES", "GET", "POST", "__class__", "_current_scheme_host", "accepted_media_type"}
    | {"accepted_renderer", "body", "content_params", "content_type", "data", "encoding", "method"}
    | {"path", "path_info", "query_params", "resolver_match", "scheme", "stream", "version"}
    | {"versioning_scheme"}
)

# What Django, rest framework and this package set on every instance of a view.
_ON_EVERY_VIEW: Final = ASIDE.union(
    {"_negotiator", "_paginator", "action", "action_map", "args", "basename", "description"}
    | {"detail", "format_kwarg", "get_serializer", "headers", "kwargs", "name", "suffix"}
)


_NOT_PUBLIC: Final = (
    'although realtime_audience is "public". Let it read nothing of who asks, or say "user",'
    ' "connection" or None.'
)
_TOO_LATE: Final = "after its rows were serialized. Let its fields return values, not promises."


class ReadRefused(GqlLiveError):
    """The rows are for others too, and something was read that is not."""


def record(view: Any) -> "Recording":
    """Note what is read of an opened view's request in a ``with`` block: while rows are serialized.

    Before it, the view has been asked for its queryset or object, which is never shared. Raises
    ``ReadRefused`` in the block, and again at its end, where a view whose ``realtime_audience`` is
    ``"public"`` reads who asks.
    """
    return Recording(view)


def shares(view: Any) -> bool:
    """Whether an opened view shares anything with others."""
    return _audience(view) != "connection"


class Common(NamedTuple):
    """What those have in common who share a fetch: all that is ``around`` them, and its owner where
    the view shares within a user only.
    """

    audience: str | None
    around: Hashable
    owner: Hashable
    rows: Hashable


def in_common(view: Any, *rows: Any) -> Common | None:
    """What others must have in common with an opened view to be given rows that were fetched for
    it; None where nobody is. ``rows`` are those that it has found itself: what its permissions left
    on them counts.

    What comes out of a database is not decided by the SQL alone: querysets, models and fields of
    the project's may look at what is active around them, and the database at its session.
    """
    audience = _audience(view)
    if audience == "connection":
        return None
    try:
        around = value_of(AROUND, view, view.request)
        owner = value_of(OWNER, view, view.request) if audience == "user" else None
        return Common(audience, around, owner, content(rows))
    except Exception:
        return None  # it cannot be compared


class Recording:
    """What was read. ``personal``: what the rows show depends on who asks."""

    def __init__(self, view: Any) -> None:
        self.personal = False
        self._view = view
        self._request = view.request
        self._audience = _audience(view)
        self._noted: dict[Facet, Hashable] | None = {}
        self._written: set[str] = set()
        self._refused: ReadRefused | None = None
        self._over = False

    def __enter__(self) -> Self:
        if self._audience == "connection":
            self._keep_private()
        else:
            self._note_beforehand()
            self._view.request = twin_of(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._view.request = self._request
        self._over = True
        if kind is None and self._refused is not None:
            raise self._refused

    def facets(self) -> Facets | None:
        """What was read, for others to agree with; None where it is private."""
        if self._noted is None:
            return None
        return Facets(tuple(self._noted), tuple(self._noted.values()))

    def _note_beforehand(self) -> None:
        self._note(AROUND)
        self._note(RENDERERS)
        self.personal |= not around_is_the_projects()
        if getattr(self._view, "realtime_audience", None) == "user":
            self._note(OWNER)
        if self._audience != "user":
            # Also where the view says "public": what it put aside may be of who asked.
            self._note(VIEW)
            put_aside = vars(self._view).keys() - _ON_EVERY_VIEW
            self.personal |= not put_aside <= {*self._view.http_method_names}

    def _keep_private(self) -> None:
        self.personal = True
        self._noted = None

    # --- what the twin reads and writes ---

    def read(self, name: str) -> Any:
        """An attribute of the request. Raises ``AttributeError``, and ``ReadRefused``."""
        request = self._request
        if self._noted is None or name in self._written:
            return getattr(request, name)
        if name == "parser_context":
            self._note(PARSER_CONTEXT)
            return {**request.parser_context, "request": self._view.request}
        if name in _MAPPINGS and type(getattr(request, name)) is _MAPPINGS[name]:
            return NotedMapping(
                getattr(request, name),
                note_key=lambda key: self._note((name, key)),
                note_all=lambda: self._note(("mapping", name)),
            )
        self._note(ORIGIN if self._is_of_origin(name) else ("attribute", name))
        return getattr(request, name)

    def write(self, name: str, value: Any) -> None:
        """Set an attribute of the request. It follows from what was read, so nobody has to agree
        on it.
        """
        self._written.add(name)
        setattr(self._request, name, value)

    def _is_of_origin(self, name: str) -> bool:
        """Whether the attribute is Django's own method of that name."""
        if name not in _OF_ORIGIN:
            return False
        method = getattr(self._request, name)
        return getattr(method, "__func__", None) is getattr(HttpRequest, name)

    # --- what is noted ---

    def _note(self, facet: Facet) -> None:
        if self._noted is None or facet in self._noted:
            return
        value = _value_or_none(facet, self._view, self._request)
        if _is_personal(facet, value):
            self.personal = True
            if self._audience == "user":
                return
            if self._audience == "public":
                self._refused = self._refusal(facet, _NOT_PUBLIC)
                raise self._refused
        if self._over:
            raise self._refusal(facet, _TOO_LATE)
        if value is None:
            self._keep_private()
        else:
            self._noted[facet] = value

    def _refusal(self, facet: Facet, remedy: str) -> ReadRefused:
        view = type(self._view).__name__
        return ReadRefused(f"The serializer of {view} read {_spelled(facet)} {remedy}")


def _audience(view: Any) -> str | None:
    """How the view's rows may be shared; None: among those who agree."""
    said = getattr(view, "realtime_audience", None)
    if said == "user" and _value_or_none(OWNER, view, view.request) in {None, MISSING}:
        # Nobody known has no connections of their own.
        said = None
    if said is None:
        # Middleware may leave anything anywhere.
        return "connection" if setting("MIDDLEWARE") else None
    return said if said in {"user", "public"} else "connection"


def _value_or_none(facet: Facet, view: Any, request: Any) -> Hashable | None:
    try:
        return value_of(facet, view, request)
    except Exception:
        # It is opaque, or else whoever reads it is told.
        return None


def _is_personal(facet: Facet, value: Hashable | None) -> bool:
    kind, name = facet
    if kind == "attribute":
        return name not in _NEUTRAL and value != MISSING
    return kind in _MAPPINGS or kind == "mapping"


def _spelled(facet: Facet) -> str:
    kind, name = facet
    if kind in _MAPPINGS:
        return f"request.{kind}[{name!r}]"
    return f"request.{name or kind}"
