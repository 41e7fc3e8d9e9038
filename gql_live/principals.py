"""Who is asking: an ASGI scope or an HTTP request becomes a ``Principal``, and a ``Principal`` a
request for a view.

The one necessary trick of this package is here: a request without HTTP. A view is handed a plain
``GET`` with the headers, cookies, session and user of the asker, and judges it as it judges any
other.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict, parse_cookie
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.functional import SimpleLazyObject

from gql_live.audience import Principal
from gql_live.conf import setting

# Headers that speak of one connection or one message, not of who asks. A view never sees them, so
# they part no audience.
_NOT_OF_THE_ASKER = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "keep-alive"}
    | {"te", "transfer-encoding", "upgrade"}
)


def credentials_of(payload: Mapping[str, Any] | None) -> dict[str, str]:
    """The headers that a ``connection_init`` payload carries: ``{"Authorization": …}`` or
    ``{"headers": {…}}``.

    Names come out in lower case. Only those of ``CREDENTIAL_HEADERS`` count: the payload passes no
    proxy, so what a proxy vouches for must not come from it. Anything else in the payload is left
    alone, as the protocol leaves it to us.
    """
    if not payload:
        return {}
    headers = payload.get("headers")
    given = {**payload, **headers} if isinstance(headers, dict) else payload
    allowed = {name.lower() for name in setting("CREDENTIAL_HEADERS")}
    return {
        name.lower(): value
        for name, value in given.items()
        if name.lower() in allowed and isinstance(value, str)
    }


def principal_of_scope(scope: Mapping[str, Any], credentials: Mapping[str, str]) -> Principal:
    """The principal of a WebSocket. May read the session: not for the event loop's thread."""
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    ]
    server = scope.get("server") or ("localhost", 80)
    session_key, user_key = _identity(scope.get("session"), scope.get("user"))
    return Principal(
        scheme="https" if scope.get("scheme") in {"wss", "https"} else "http",
        headers=_askers_headers(headers, credentials),
        remote_addr=(scope.get("client") or ("",))[0],
        server=(str(server[0]), str(server[1])),
        session_key=session_key,
        user_key=user_key,
    )


def principal_of_request(request: HttpRequest) -> Principal:
    """The principal of an HTTP request. May read the session."""
    session_key, user_key = _identity(
        getattr(request, "session", None), getattr(request, "user", None)
    )
    return Principal(
        scheme=request.scheme or "http",
        headers=_askers_headers(request.headers.items(), {}),
        remote_addr=request.META.get("REMOTE_ADDR", ""),
        server=(request.META.get("SERVER_NAME", ""), request.META.get("SERVER_PORT", "")),
        session_key=session_key,
        user_key=user_key,
    )


def _askers_headers(
    headers: Iterable[tuple[str, str]], credentials: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    merged: dict[str, str] = {}
    for given_name, value in headers:
        name = given_name.lower()
        if name in _NOT_OF_THE_ASKER or name.startswith("sec-websocket-") or "_" in name:
            continue
        # As ASGIRequest joins repeated headers; cookies by their own separator (RFC 6265 §5.4).
        separator = "; " if name == "cookie" else ","
        merged[name] = f"{merged[name]}{separator}{value}" if name in merged else value
    merged.update(credentials)
    return tuple(sorted(merged.items()))


def _identity(session: Any, user: Any) -> tuple[str | None, str | None]:
    """The session's key, and the user's where the user does not come from that session."""
    session_key = getattr(session, "session_key", None)
    if user is None or not user.is_authenticated:
        return session_key, None
    user_key = str(user.pk)
    if session_key is not None and str(session.get(SESSION_KEY)) == user_key:
        return session_key, None
    return session_key, user_key


class ViewRequest(HttpRequest):
    """A ``GET`` that no server received."""

    def __init__(self, principal: Principal, path: str, params: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        del self.resolver_match  # found where somebody looks at it
        query_string = urlencode(list(params))
        self.method = "GET"
        self.path = self.path_info = path
        self.GET = QueryDict(query_string)
        self.META = _meta(principal, query_string)
        self.COOKIES = parse_cookie(self.META.get("HTTP_COOKIE", ""))
        self._body = b""
        self.missing: set[str] = set()
        self._scheme = principal.scheme
        self._set_asker(principal)

    def __getattr__(self, name: str) -> Any:
        """Note what a view looks for in vain: middleware may be missing that sets it."""
        if not name.startswith("_"):
            self.missing.add(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _get_scheme(self) -> str:
        return self._scheme

    @cached_property
    def resolver_match(self) -> ResolverMatch | None:  # type: ignore[override]
        """What the path leads to; few look at it."""
        try:
            return resolve(self.path_info)
        except Resolver404:
            return None

    def _set_asker(self, principal: Principal) -> None:
        """As Django's session and authentication middleware do, afresh: a session that ended has
        no user any more.
        """
        if apps.is_installed("django.contrib.sessions"):
            engine = import_module(settings.SESSION_ENGINE)
            self.session = engine.SessionStore(principal.session_key)
        self.user = SimpleLazyObject(lambda: self._find_user(principal))  # type: ignore[assignment]

    def _find_user(self, principal: Principal) -> Any:
        if principal.user_key is not None:
            users: Any = get_user_model()
            try:
                user = users._default_manager.get(pk=principal.user_key)
            except users.DoesNotExist:
                return AnonymousUser()
            return user if user.is_active else AnonymousUser()
        if principal.session_key is None:
            return AnonymousUser()
        return get_user(self)


def _meta(principal: Principal, query_string: str) -> dict[str, Any]:
    meta: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": query_string,
        "REMOTE_ADDR": principal.remote_addr,
        "REMOTE_HOST": principal.remote_addr,
        "SERVER_NAME": principal.server[0],
        "SERVER_PORT": principal.server[1],
    }
    for name, value in principal.headers:
        meta["HTTP_" + name.upper().replace("-", "_")] = value
    return meta
