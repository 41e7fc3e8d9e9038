"""What the serving process did: counted here, told at ``/counters/``."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, JsonResponse

COUNTED: Final = Counter[str]()
KINDS: Final = ("queries", "serializer calls", "executions")


def count_queries(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Count every query of a database connection; a receiver of ``connection_created``."""
    if _counting not in connection.execute_wrappers:
        connection.execute_wrappers.append(_counting)


def _counting(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
    COUNTED["queries"] += 1
    return execute(sql, *arguments)


def told_and_reset(_request: HttpRequest) -> JsonResponse:
    """What was counted since the last time."""
    told = {kind: COUNTED[kind] for kind in KINDS}
    COUNTED.clear()
    return JsonResponse(told)
