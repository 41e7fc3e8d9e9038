"""GraphQL subscriptions from an existing Django REST Framework API.

The names below are the public face. They are loaded at first use: ``import gql_live`` works before
Django is configured.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gql_live.mixins import RealtimeMixin
    from gql_live.routers import RealtimeRouter
    from gql_live.writes import notify

__all__ = ["RealtimeMixin", "RealtimeRouter", "notify"]

_HOMES = {
    "RealtimeMixin": "gql_live.mixins",
    "RealtimeRouter": "gql_live.routers",
    "notify": "gql_live.writes",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
