"""What a view says no with, as a ``Refusal``: what it raises, and what it answers."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connections
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as drf

from gql_live.exceptions import ErrorCode, Refusal, TornRead, Unavailable, internal_error

logger = logging.getLogger("gql_live")

_CODES: Final[Mapping[int, ErrorCode]] = {
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.FORBIDDEN,
    429: ErrorCode.THROTTLED,
}


_first_attempt: ContextVar[bool] = ContextVar("gql_live.first_attempt", default=False)


@contextmanager
def first_attempt() -> Iterator[None]:
    """Meanwhile, a view that misses a row raises ``TornRead``: that row may have been deleted after
    the one that refers to it was read.
    """
    token = _first_attempt.set(True)
    try:
        yield
    finally:
        _first_attempt.reset(token)


@contextmanager
def refusals(endpoint: Any, http_request: HttpRequest | None = None) -> Iterator[None]:
    """What a view raises, as a ``Refusal``. A fault of the view's is logged, with its traceback,
    and not told. A database that is gone raises ``Unavailable``, and in a ``first_attempt`` a row
    that is gone ``TornRead``.
    """
    try:
        yield
    except (Refusal, TornRead, Unavailable):
        raise
    except (drf.APIException, Http404, PermissionDenied) as error:
        raise _refusal(error, endpoint) from error
    except (SuspiciousOperation, UnicodeError) as error:
        # What Django's own handler answers with 400, and text that no URL can carry.
        raise Refusal(ErrorCode.BAD_USER_INPUT, "Bad request.") from error
    except Exception as error:
        if isinstance(error, (OperationalError, InterfaceError)) and _a_database_is_gone():
            raise Unavailable("The database is not there.") from error
        if isinstance(error, ObjectDoesNotExist) and _first_attempt.get():
            raise TornRead from error
        who = "An authentication class" if endpoint is None else endpoint.name
        logger.exception("%s raised.%s", who, _remedy(error, http_request))
        raise internal_error() from error


def _a_database_is_gone() -> bool:
    """Whether any connection of this thread is of no use any more: what failed was not the
    statement.
    """
    return any(
        each.connection is None or not each.is_usable()
        for each in connections.all(initialized_only=True)
    )


def _remedy(error: Exception, http_request: HttpRequest | None) -> str:
    """What to do where the view reads something of the request that is not there."""
    missing: set[str] = getattr(http_request, "missing", set())
    names = [name for name in sorted(missing) if f"'{name}'" in str(error)]
    if not isinstance(error, AttributeError) or not names:
        return ""
    return (
        f" It read request.{names[0]}, which is not there: name the middleware that sets it in"
        " GQL_LIVE['MIDDLEWARE']."
    )


def answer_of(response: HttpResponse) -> Any:
    """The data of a handler's response, be it rest framework's or Django's own with JSON in it.

    Raises ``Refusal`` for one that says no without raising.
    """
    data = response.data if hasattr(response, "data") else json.loads(response.content)
    if response.status_code >= 500:
        logger.error("A view answered %s: %r", response.status_code, data)
        raise internal_error()
    if response.status_code >= 400:
        said = data.get("detail", data) if isinstance(data, dict) else data
        said = said or response.reason_phrase
        if response.status_code in _CODES:
            raise Refusal(_CODES[response.status_code], str(said))
        raise _bad_input(said)
    return data


def refusal_by_status(status: int) -> Refusal:
    """What middleware means that answers in place of the view: no, with a redirect or an error."""
    if status >= 500:
        logger.error("Middleware answered %s.", status)
        return internal_error()
    code = _CODES.get(status, ErrorCode.FORBIDDEN)
    return Refusal(code, "The request was refused before it reached the view.")


def status_of(error: Exception) -> int:
    """The status of the response that REST would have given."""
    if not isinstance(error, Refusal) or error.code is ErrorCode.INTERNAL_SERVER_ERROR:
        return 500
    return next((status for status, code in _CODES.items() if code is error.code), 400)


def _refusal(error: Exception, endpoint: Any) -> Refusal:
    # As rest_framework.views.exception_handler takes Django's own for DRF's.
    if isinstance(error, Http404):
        error = drf.NotFound(*error.args)
    elif isinstance(error, PermissionDenied):
        error = drf.PermissionDenied(*error.args)
    assert isinstance(error, drf.APIException)
    match error:
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            return Refusal(ErrorCode.UNAUTHENTICATED, str(error.detail))
        case drf.NotFound():
            return Refusal(ErrorCode.NOT_FOUND, str(error.detail))
        case drf.Throttled():
            wait = getattr(error, "wait", None)
            return Refusal(ErrorCode.THROTTLED, str(error.detail), retryAfter=wait)
        case drf.PermissionDenied() | drf.MethodNotAllowed():
            return Refusal(ErrorCode.FORBIDDEN, str(error.detail))
    if error.status_code >= 500:
        logger.error("%s failed.", endpoint and endpoint.name, exc_info=error)
        return internal_error()
    return _bad_input(error.detail)


def _bad_input(detail: Any) -> Refusal:
    """A refused value, naming the query parameter that held it; the plan's owner knows the
    argument behind that.
    """
    if not isinstance(detail, dict):
        messages = detail if isinstance(detail, list) else [detail]
        return Refusal(ErrorCode.BAD_USER_INPUT, " ".join(str(each) for each in messages))
    arguments = {
        name: [str(each) for each in (messages if isinstance(messages, list) else [messages])]
        for name, messages in detail.items()
    }
    text = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in arguments.items())
    return Refusal(ErrorCode.BAD_USER_INPUT, text, arguments=arguments)
