"""What can go wrong, and how far it reaches.

GqlLiveError
├── RegistrationError       a view that cannot be registered; names the view and the remedy
├── ConfigurationError      a ``GQL_LIVE`` setting that makes no sense
├── DocumentRejected        a document that cannot run: ends one operation, with GraphQL errors
├── RequestRefused          an HTTP request at fault before anything of it runs (http_request.py)
├── Unavailable             the database is not there: the client is to come back later
├── TornRead                a row was gone that another one refers to: it is to be read again
└── Refusal                 the view's answer to one operation is no: ends it, with a code

An error ends an operation. A close (``adapters.protocol.Close``) ends a connection.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class GqlLiveError(Exception):
    """Any error of this package's own."""


class RegistrationError(GqlLiveError):
    """A view that cannot be registered."""


class ConfigurationError(GqlLiveError):
    """A setting that makes no sense."""


class Unavailable(GqlLiveError):
    """Nobody can answer at present."""


class TornRead(GqlLiveError):
    """Rows were deleted while they were read."""


class DocumentRejected(GqlLiveError):
    """A document with a syntax error, a validation error, or variables that do not fit.

    ``errors`` is never empty: each is a GraphQL error as a response carries it (GraphQL §7.1.2).
    """

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)


class ErrorCode(StrEnum):
    """``extensions.code`` of an error: what a program may branch on."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    THROTTLED = "THROTTLED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"


class Refusal(GqlLiveError):
    """One operation is refused.

    ``message`` and ``details`` are shown to the client: they hold nothing that it may not know.
    """

    def __init__(self, code: ErrorCode, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        """The GraphQL error's ``extensions``."""
        return {"code": self.code.value, **self.details}

    def as_error(self) -> dict[str, Any]:
        """The GraphQL error, as a response carries it."""
        return {"message": self.message, "extensions": self.extensions}


def internal_error() -> Refusal:
    """What a client is told of a fault of ours: that there was one. The log has the rest."""
    return Refusal(ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error")
