"""What ``@extend_schema(responses=…)`` says that a view answers, read without drf-spectacular.

The decorator leaves a subclass of the view's schema class; its ``get_response_serializers()`` is
the documented way to ask for it.
"""

from collections.abc import Mapping
from typing import Any

from gql_live.schema_builder.spectacular import Declared

_UNSAID = object()


def declared_response(view: Any, action: str) -> Declared | None:
    """Return what a view instance is declared to answer to ``action``, None if nothing is.

    Of several answers it is that with the lowest status of success.
    """
    schema = _schema_class(view, action)
    if not hasattr(schema, "get_response_serializers"):
        return None
    inspector = schema()
    inspector.view, inspector.method, inspector.path = view, "GET", ""
    # Where nothing is declared, drf-spectacular would ask the view, and print that it cannot say.
    inspector._get_serializer = lambda: _UNSAID  # noqa: SLF001
    try:
        answer = _successful(inspector.get_response_serializers())
    except Exception:  # no declaration for this version, or a schema class of the project's own
        return None
    # None stands for an answer without a body.
    return None if answer is _UNSAID or answer is None else Declared(answer)


def _schema_class(view: Any, action: str) -> Any:
    """Return the schema class of the handler, where that is decorated itself, or of the view."""
    for handler in (action, "get"):
        of_handler = getattr(getattr(view, handler, None), "kwargs", {}).get("schema")
        if of_handler is not None:
            return of_handler if isinstance(of_handler, type) else type(of_handler)
    return type(view.schema)


def _successful(answer: Any) -> Any:
    """Return the answer itself, of a mapping of statuses the one for the lowest of success."""
    if isinstance(answer, Mapping):
        by_status = {_status(key): value for key, value in answer.items()}
        successes = sorted(status for status in by_status if status.startswith("2"))
        answer = by_status[successes[0]] if successes else None
    is_wrapped = type(answer).__name__ == "OpenApiResponse"
    return answer.response if is_wrapped else answer


def _status(key: Any) -> str:
    """Return the status of a key: ``200``, ``"200"``, or with a media type."""
    return str(key[0] if isinstance(key, tuple) else key)
