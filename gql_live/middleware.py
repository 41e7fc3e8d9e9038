"""Evaluations inside the project's own middleware, where ``GQL_LIVE["MIDDLEWARE"]`` names it.

A view may rely on what middleware puts on a request or activates around it: a tenant, a scope, a
language, a time zone. The named classes are run around each evaluation as Django runs them around a
view, in their order, synchronously; their ``process_view`` and ``process_exception`` are not.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from gql_live.conf import setting
from gql_live.exceptions import ConfigurationError
from gql_live.refusals import refusal_by_status, status_of

T = TypeVar("T")

_WORK = "_gql_live_work"
_DONE = "_gql_live_done"
_RAISED = "_gql_live_raised"

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def within_middleware(request: HttpRequest, work: Callable[[], T]) -> T:
    """What ``work`` returns or raises, done inside the named middleware.

    Raises ``Refusal`` where middleware answers by itself: a redirect or an error is a no. What
    ``work`` raises middleware sees as a response with a status, as it does of Django's views.
    """
    paths = tuple(setting("MIDDLEWARE"))
    if not paths:
        return work()
    setattr(request, _WORK, work)
    response = _chain(paths)(request)
    if hasattr(request, _RAISED):
        raise getattr(request, _RAISED)
    if not hasattr(request, _DONE):
        raise refusal_by_status(response.status_code)
    return cast("T", getattr(request, _DONE))


def _do_the_work(request: HttpRequest) -> HttpResponse:
    try:
        setattr(request, _DONE, getattr(request, _WORK)())
    except Exception as error:
        setattr(request, _RAISED, error)
        return HttpResponse(status=status_of(error))
    return HttpResponse()


@cache
def _chain(paths: tuple[str, ...]) -> GetResponse:
    handler: GetResponse = _do_the_work
    for path in reversed(paths):
        middleware: Any = import_string(path)
        if not getattr(middleware, "sync_capable", True):
            raise ConfigurationError(f"GQL_LIVE['MIDDLEWARE']: {path} cannot run synchronously.")
        handler = middleware(handler)
    return handler
