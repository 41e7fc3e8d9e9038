"""GraphQL over HTTP on the router's URL, event streams, and GraphiQL for a browser.

The GraphQL-over-HTTP specification says how a request looks and which status a response has. Views
judge who asks, as they do on the socket.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from rest_framework.request import Request

from gql_live.adapters.graphql_sse import CONTENT_TYPE as EVENT_STREAM
from gql_live.adapters.messages import (
    GraphQLRequest,
    JsonObject,
    RemoteProtocolError,
    graphql_request,
)
from gql_live.audience import Principal
from gql_live.conf import setting
from gql_live.connection import Gateway
from gql_live.event_stream import event_stream, obstacle
from gql_live.exceptions import DocumentRejected, ErrorCode, Refusal
from gql_live.http_request import JSON, RequestRefused, payload_of_body, payload_of_url
from gql_live.http_response import GRAPHQL_JSON, executed, not_executed, refusal
from gql_live.negotiation import Accept
from gql_live.operations import Documents, Operation
from gql_live.principals import principal_of_request
from gql_live.resolvers import authenticate

HTML = "text/html"
RESPONSES = (JSON, GRAPHQL_JSON, EVENT_STREAM)
"""What a GraphQL request is answered with; the first where a client does not care."""


# Exempt from Django's CSRF middleware, which wants a token of every client: payload_of_body keeps
# foreign pages out by another rule.
@method_decorator(csrf_exempt, name="dispatch")
class RealtimeView(View):
    """One GraphQL request over HTTP. ``find_gateway`` gives the router's gateway, once the
    URLconf can be read.
    """

    http_method_names = ["get", "post", "options"]  # noqa: RUF012 - as Django declares it
    find_gateway: Callable[[], Gateway] | None = None

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """A query or a subscription in the URL; GraphiQL for a browser that asks for a page."""
        accept = _accept_of(request)
        if "query" not in request.GET and accept.best_of((*RESPONSES, HTML)) == HTML:
            return await sync_to_async(_graphiql)(request)
        return await self._respond(request, accept, payload_of_url)

    async def post(self, request: HttpRequest) -> HttpResponseBase:
        """A query, a mutation or a subscription in a JSON body."""
        return await self._respond(request, _accept_of(request), payload_of_body)

    async def _respond(
        self, request: HttpRequest, accept: Accept, read: Callable[[HttpRequest], JsonObject]
    ) -> HttpResponseBase:
        assert self.find_gateway is not None, "made by RealtimeRouter.as_view()"
        try:
            response = await _answered(self.find_gateway(), request, accept, read(request))
        except RequestRefused as refused:
            response = refusal(accept, refused)
        patch_vary_headers(response, ["Accept"])
        return response


def _accept_of(request: HttpRequest) -> Accept:
    return Accept(request.headers.get("Accept"))


def _graphiql(request: HttpRequest) -> HttpResponse:
    if not setting("GRAPHIQL"):
        raise Http404
    # The cookie is there for the mutations of a project's own that want a CSRF token.
    return ensure_csrf_cookie(_graphiql_page)(request)


def _graphiql_page(request: HttpRequest) -> HttpResponse:
    response = render(request, "gql_live/graphiql.html", {"endpoint": request.path})
    patch_vary_headers(response, ["Accept"])
    return response


# --- from the request to the operation ---


async def _answered(
    gateway: Gateway, request: HttpRequest, accept: Accept, payload: JsonObject
) -> HttpResponseBase:
    try:
        asked = graphql_request(payload)
    except RemoteProtocolError as fault:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, str(fault)) from fault
    operation = _operation(gateway.documents, asked)
    media_type = _media_type(request, accept, operation)
    _require_method(request, operation)
    principal = await sync_to_async(_admit)(gateway, request, media_type)
    if media_type == EVENT_STREAM:
        return event_stream(gateway, request, payload, principal)
    if isinstance(operation, DocumentRejected):
        return not_executed(media_type, operation.errors)
    context = {"request": request, "principal": principal, "run": _run}
    return await executed(media_type, gateway.documents, operation, asked.variables, context)


async def _run(work: Callable[..., Any], *arguments: Any) -> Any:
    """Blocking work of an HTTP request, in the thread that Django gives the request."""
    return await sync_to_async(work, thread_sensitive=True)(*arguments)


def _operation(documents: Documents, asked: GraphQLRequest) -> Operation | DocumentRejected:
    """What is to be executed, or why nothing can be; that is for the response's media type to
    say.
    """
    try:
        return documents.operation(asked.query, asked.operation_name)
    except DocumentRejected as rejected:
        return rejected


def _media_type(
    request: HttpRequest, accept: Accept, operation: Operation | DocumentRejected
) -> str:
    """What the response is to be, by the client's wish and by what can be told in it."""
    subscribes = isinstance(operation, Operation) and operation.kind == "subscription"
    # Only for who names it: a client that takes "*/*" would wait for an end without end.
    if subscribes and not accept.names(EVENT_STREAM):
        raise RequestRefused(
            HTTPStatus.NOT_ACCEPTABLE,
            f"A subscription is answered with {EVENT_STREAM}: accept that, or subscribe over "
            "WebSocket (graphql-transport-ws) on this URL.",
        )
    best = EVENT_STREAM if subscribes else accept.best_of(RESPONSES)
    if best is None:
        raise RequestRefused(
            HTTPStatus.NOT_ACCEPTABLE, f"The response can be {', '.join(RESPONSES)}."
        )
    if best == EVENT_STREAM and (why := obstacle(request)):
        best = None if subscribes else accept.best_of((JSON, GRAPHQL_JSON))
        if best is None:
            raise RequestRefused(HTTPStatus.NOT_IMPLEMENTED, why)
    return best


def _require_method(request: HttpRequest, operation: Operation | DocumentRejected) -> None:
    """§5.3: "GET requests MUST NOT be used for executing mutation operations." """
    if (
        request.method == "GET"
        and isinstance(operation, Operation)
        and operation.kind == "mutation"
    ):
        raise RequestRefused(
            HTTPStatus.METHOD_NOT_ALLOWED, "Send a mutation by POST.", headers={"Allow": "POST"}
        )


def _admit(gateway: Gateway, request: HttpRequest, media_type: str) -> Principal:
    """Who asks. Nobody at all is refused where the router is not public, and on a stream, as on a
    socket, credentials that no view accepts.
    """
    principal = principal_of_request(request)
    presented = media_type == EVENT_STREAM and "Authorization" in request.headers
    if gateway.public and not presented:
        return principal
    message = "Authentication credentials were not provided."
    try:
        if authenticate(gateway.views, principal) or gateway.public:
            return principal
    except Refusal as known:
        if known.code is ErrorCode.INTERNAL_SERVER_ERROR:
            raise RequestRefused(
                HTTPStatus.INTERNAL_SERVER_ERROR, known.message, code=known.code
            ) from known
        message = known.message
    raise _unauthenticated(gateway, request, message)


def _unauthenticated(gateway: Gateway, request: HttpRequest, message: str) -> RequestRefused:
    """As DRF says it: 401 with the challenge of the view's first authenticator, 403 where that
    has none (RFC 9110 §15.5.2 demands one).
    """
    asked = Request(request)
    challenge = next((view().get_authenticate_header(asked) for view in gateway.views), None)
    return RequestRefused(
        HTTPStatus.UNAUTHORIZED if challenge else HTTPStatus.FORBIDDEN,
        message,
        code=ErrorCode.UNAUTHENTICATED,
        headers={"WWW-Authenticate": challenge} if challenge else {},
    )
