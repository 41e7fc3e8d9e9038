"""GraphQL over HTTP on the router's URL, and GraphiQL for a browser.

The GraphQL-over-HTTP specification says how a request looks and which status a response has. Views
judge who asks, as they do on the socket.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie

from gql_live.conf import setting
from gql_live.connection import Gateway
from gql_live.exceptions import DocumentRejected, GqlLiveError, Refusal
from gql_live.execution import answer, encode
from gql_live.operations import Operation
from gql_live.principals import principal_of_request
from gql_live.resolvers import authenticate

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
HTML = "text/html"


class RequestRefused(GqlLiveError):
    """The HTTP request itself is at fault, before any operation of it runs."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


# Exempt from Django's CSRF middleware, because a body of JSON is protected otherwise: see
# _parameters_of_post.
@method_decorator(csrf_exempt, name="dispatch")
class RealtimeView(View):
    """One GraphQL request over HTTP. ``find_gateway`` gives the router's gateway, once the
    URLconf can be read.
    """

    http_method_names = ["get", "post", "options"]  # noqa: RUF012 - as Django declares it
    find_gateway: Callable[[], Gateway] | None = None

    async def get(self, request: HttpRequest) -> HttpResponse:
        """A query in the URL; GraphiQL for a browser that asks for a page."""
        if "query" not in request.GET and _asks_for(request, HTML):
            return await sync_to_async(_graphiql)(request)
        return await self._respond(request, _parameters_of_get)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """A query or a mutation in a JSON body."""
        return await self._respond(request, _parameters_of_post)

    async def _respond(
        self, request: HttpRequest, parse: Callable[[HttpRequest], Any]
    ) -> HttpResponse:
        assert self.find_gateway is not None, "made by RealtimeRouter.as_view()"
        gateway = self.find_gateway()
        try:
            query, name, variables = _well_formed(parse(request))
            operation = gateway.documents.operation(query, name)
            _require_method(request, operation)
            context = await sync_to_async(_context)(request, gateway)
            result = await anext(answer(gateway.documents, operation, variables, context))
        except RequestRefused as refused:
            response = _encoded(request, {"errors": [{"message": str(refused)}]}, refused.status)
            if refused.status == HTTPStatus.METHOD_NOT_ALLOWED:
                response["Allow"] = "POST"
            return response
        except DocumentRejected as rejected:
            result = {"errors": rejected.errors}
        return _encoded(request, result, _status_of(request, result))


def _graphiql(request: HttpRequest) -> HttpResponse:
    if not setting("GRAPHIQL"):
        return HttpResponse("Not found.", status=HTTPStatus.NOT_FOUND, content_type="text/plain")
    # The cookie is there for the mutations of a project's own that want a CSRF token.
    return ensure_csrf_cookie(_graphiql_page)(request)


def _graphiql_page(request: HttpRequest) -> HttpResponse:
    return render(request, "gql_live/graphiql.html")


# --- the request ---


def _parameters_of_get(request: HttpRequest) -> dict[str, Any]:
    return {
        "query": request.GET.get("query"),
        "operationName": request.GET.get("operationName") or None,
        "variables": _loads(request.GET.get("variables") or "null", "variables"),
        "extensions": _loads(request.GET.get("extensions") or "null", "extensions"),
    }


def _parameters_of_post(request: HttpRequest) -> Any:
    """The body. A page of another origin cannot send it in the name of a cookie: a form sends no
    JSON, a script needs a CORS preflight for it, and where a lax CORS setting lets that through,
    the ``Origin`` header tells.
    """
    if request.content_type != JSON:
        raise RequestRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the request as {JSON}.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.get_host():
        raise RequestRefused(HTTPStatus.FORBIDDEN, "The request comes from another origin.")
    return _loads(request.body, "body")


def _loads(text: str | bytes, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, f"The {what} is not valid JSON.") from error


def _well_formed(parameters: Any) -> tuple[str, str | None, dict[str, Any] | None]:
    """Query, operation name and variables (GraphQL over HTTP §5.1)."""
    if not isinstance(parameters, dict):
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "The body must be a JSON object.")
    for key, kind, said in (
        ("query", str, "a string"),
        ("operationName", str | None, "a string"),
        ("variables", dict | None, "an object"),
        ("extensions", dict | None, "an object"),
    ):
        if not isinstance(parameters.get(key), kind):
            raise RequestRefused(HTTPStatus.BAD_REQUEST, f"'{key}' must be {said}.")
    return parameters["query"], parameters.get("operationName"), parameters.get("variables")


def _require_method(request: HttpRequest, operation: Operation) -> None:
    if operation.kind == "subscription":
        raise RequestRefused(
            HTTPStatus.BAD_REQUEST, "Subscribe over WebSocket (graphql-transport-ws) on this URL."
        )
    if operation.kind == "mutation" and request.method == "GET":
        # GraphQL over HTTP §5.3: "GET requests MUST NOT be used for executing mutation operations."
        raise RequestRefused(HTTPStatus.METHOD_NOT_ALLOWED, "Send a mutation by POST.")


def _context(request: HttpRequest, gateway: Gateway) -> dict[str, Any]:
    """What resolvers find in ``info.context``."""
    principal = principal_of_request(request)
    if not gateway.public:
        try:
            known = authenticate(gateway.views, principal)
        except Refusal as refusal:
            raise RequestRefused(HTTPStatus.UNAUTHORIZED, refusal.message) from refusal
        if not known:
            raise RequestRefused(
                HTTPStatus.UNAUTHORIZED, "Authentication credentials were not provided."
            )
    return {"request": request, "principal": principal, "run": _run}


async def _run(work: Callable[..., Any], *arguments: Any) -> Any:
    """Blocking work of an HTTP request, in the thread that Django gives the request."""
    return await sync_to_async(work, thread_sensitive=True)(*arguments)


# --- the response ---


def _asks_for(request: HttpRequest, media_type: str) -> bool:
    """Whether the client names ``media_type`` itself; ``*/*`` names nothing."""
    ranges: Sequence[str] = request.headers.get("Accept", "").lower().split(",")
    return any(each.split(";")[0].strip() == media_type for each in ranges)


def _status_of(request: HttpRequest, result: Mapping[str, Any]) -> HTTPStatus:
    """The status of a well-formed request's result.

    ``application/json`` says 200 even where nothing could be executed, so that a client can tell
    our errors from a proxy's (§6.4.1); GraphQL's own media type says 400 then (§6.4.2).
    """
    if "data" in result or not _asks_for(request, GRAPHQL_JSON):
        return HTTPStatus.OK
    return HTTPStatus.BAD_REQUEST


def _encoded(request: HttpRequest, result: Mapping[str, Any], status: HTTPStatus) -> HttpResponse:
    media_type = GRAPHQL_JSON if _asks_for(request, GRAPHQL_JSON) else JSON
    return HttpResponse(encode(result), status=status, content_type=f"{media_type}; charset=utf-8")
