"""A request that nobody sent, which notes whether it is asked anything.

Code that reads nothing of its request answers everybody alike: that is how a view that chooses its
serializer by action is told from one that chooses it by client.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from rest_framework.request import Request
from rest_framework.settings import api_settings

# Who asks and how; the method is known, and the rest is DRF's own machinery.
_PERSONAL = frozenset(
    {
        "COOKIES",
        "GET",
        "META",
        "POST",
        "auth",
        "data",
        "headers",
        "query_params",
        "session",
        "user",
        "version",
    }
)


class RecordingRequest(Request):
    """A GET request by ``user``; ``was_read`` once something of it was asked that is personal."""

    was_read = False

    def __init__(self, user: Any) -> None:
        http = HttpRequest()
        http.method = "GET"
        http.META.update({"SERVER_NAME": "localhost", "SERVER_PORT": "80"})
        super().__init__(http)
        self.user = user
        self.version = self.versioning_scheme = None
        self.was_read = False

    def __getattribute__(self, name: str) -> Any:
        if name in _PERSONAL:
            self.was_read = True
        return super().__getattribute__(name)


class RecordingKwargs(dict[str, Any]):
    """Empty URL kwargs that note on ``request`` that they were asked for."""

    def __init__(self, request: RecordingRequest) -> None:
        super().__init__()
        self._request = request

    def __getitem__(self, key: str) -> Any:
        self._request.was_read = True
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Give the default: nothing was in the URL."""
        self._request.was_read = True
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._request.was_read = True
        return super().__contains__(key)


def clients() -> Iterator[Any]:
    """Give users who may see different things, who sees most first; none is in the database."""
    try:
        user: Any = get_user_model()
    except ImproperlyConfigured:
        # A project without accounts.
        pass
    else:
        # Hardly any view looks.
        yield SimpleLazyObject(partial(user, is_superuser=True, is_staff=True, is_active=True))
        yield SimpleLazyObject(partial(user, is_active=True))
    anonymous: Any = api_settings.UNAUTHENTICATED_USER
    yield anonymous() if anonymous else None
