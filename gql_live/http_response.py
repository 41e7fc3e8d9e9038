"""The response to one GraphQL request: the media type and the status (GraphQL over HTTP §6)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from gql_live.exceptions import DocumentRejected
from gql_live.execution import answer, encode, errors_of
from gql_live.http_request import JSON, RequestRefused
from gql_live.negotiation import Accept
from gql_live.operations import Documents, Operation

GRAPHQL_JSON = "application/graphql-response+json"


async def executed(
    media_type: str,
    documents: Documents,
    operation: Operation,
    variables: Mapping[str, Any] | None,
    context: Mapping[str, Any],
) -> HttpResponse:
    """The one result of a query or a mutation, which is executed now."""
    try:
        [result] = [each async for each in answer(documents, operation, variables, context)]
        return _encoded(media_type, result, HTTPStatus.OK)
    except DocumentRejected as rejected:
        return not_executed(media_type, rejected.errors)
    except Exception as error:  # such as a value that JSON cannot say
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return _encoded(media_type, {"errors": errors_of(error)}, status)


def not_executed(media_type: str, errors: Sequence[Mapping[str, Any]]) -> HttpResponse:
    """The errors of a well-formed request that cannot be executed.

    ``application/json`` says 200 even then, so that a client can tell our errors from a proxy's
    (§6.4.1); GraphQL's own media type says 400 (§6.4.2).
    """
    status = HTTPStatus.OK if media_type == JSON else HTTPStatus.BAD_REQUEST
    return _encoded(media_type, {"errors": errors}, status)


def refusal(accept: Accept, refused: RequestRefused) -> HttpResponse:
    """The answer to a request that is refused before anything of it is executed."""
    error: dict[str, Any] = {"message": str(refused)}
    if refused.code is not None:
        error["extensions"] = {"code": refused.code.value}
    media_type = accept.best_of((JSON, GRAPHQL_JSON)) or JSON
    response = _encoded(media_type, {"errors": [error]}, refused.status)
    for name, value in refused.headers.items():
        response[name] = value
    return response


def _encoded(media_type: str, result: Mapping[str, Any], status: HTTPStatus) -> HttpResponse:
    return HttpResponse(encode(result), status=status, content_type=f"{media_type}; charset=utf-8")
