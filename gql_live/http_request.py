"""The GraphQL request in an HTTP request (GraphQL over HTTP §5)."""

from collections.abc import Mapping
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.http import is_same_domain

from gql_live.adapters.messages import JsonObject, RemoteProtocolError, parse_message
from gql_live.conf import setting
from gql_live.exceptions import ErrorCode, GqlLiveError

JSON = "application/json"


class RequestRefused(GqlLiveError):
    """The HTTP request itself is at fault, before any operation of it runs.

    ``code`` stands in the error's extensions where the status does not say it all, ``headers`` in
    the response.
    """

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        *,
        code: ErrorCode | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


def payload_of_url(request: HttpRequest) -> JsonObject:
    """The parameters of a GET request (§5.3), as a JSON body would hold them."""
    return {
        "query": request.GET.get("query"),
        # "Setting the value of the operationName parameter to the empty string is equivalent to
        # omitting" it.
        "operationName": request.GET.get("operationName") or None,
        "variables": _object_of(request, "variables"),
        "extensions": _object_of(request, "extensions"),
    }


def _object_of(request: HttpRequest, name: str) -> JsonObject | None:
    text = request.GET.get(name) or "null"
    try:
        return None if text == "null" else parse_message(text)
    except RemoteProtocolError as fault:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, f"'{name}': {fault}") from fault


def payload_of_body(request: HttpRequest) -> JsonObject:
    """The JSON object that a POST request carries (§5.4).

    Raises ``RequestRefused`` for any other body, and for one that a page of a foreign origin sends.
    """
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type != JSON or charset not in {"utf-8", "utf8"}:
        raise RequestRefused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the request as {JSON}, in UTF-8."
        )
    _require_own_origin(request)
    try:
        return parse_message(_body(request).decode())
    except UnicodeDecodeError as error:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body is not UTF-8.") from error
    except RemoteProtocolError as fault:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, str(fault)) from fault


def _body(request: HttpRequest) -> bytes:
    """The body, within our limit and Django's, which knows a length only where it is announced."""
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise _too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) from error
    limit = setting("MAX_MESSAGE_BYTES")
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> RequestRefused:
    return RequestRefused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is too large: more than {limit} bytes."
    )


def _require_own_origin(request: HttpRequest) -> None:
    """Let no page of a foreign origin act in the name of a cookie.

    A form cannot send JSON, a script needs a CORS preflight for it, and where a project's CORS
    lets many origins through, the ``Origin`` header tells. What is own is what Django's CSRF
    protection takes for own. Without a cookie nobody's name is used: the credentials of such a
    request are the sender's.
    """
    origin = request.headers.get("Origin")
    if origin is None or not request.COOKIES:
        return
    if origin == f"{request.scheme}://{request.get_host()}":
        return
    scheme, _, host = origin.partition("://")
    for trusted in settings.CSRF_TRUSTED_ORIGINS:
        trusted_scheme, _, pattern = trusted.partition("://")
        if scheme == trusted_scheme and is_same_domain(host, pattern.lstrip("*")):
            return
    raise RequestRefused(
        HTTPStatus.FORBIDDEN,
        "The request comes from another origin, which CSRF_TRUSTED_ORIGINS does not name.",
        code=ErrorCode.FORBIDDEN,
    )
