"""What django-rest-live gave to a project's tests, so that they go on as they are."""

from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from gql_live.testing.database import Database

P = ParamSpec("P")
T = TypeVar("T")


class APICommunicator(WebsocketCommunicator):
    """A raw WebSocket client of an ASGI application, for the django-rest-live dialect or any other.

    ``headers`` are pairs of bytes, as ``get_headers_for_user`` gives them; ``extra`` is put into
    the scope. It has all of Channels' ``WebsocketCommunicator``: ``connect``, ``send_json_to``,
    ``receive_json_from``, ``receive_nothing``, ``disconnect`` …
    """

    def __init__(
        self,
        application: Any,
        path: str,
        headers: Iterable[tuple[bytes, bytes]] | None = None,
        subprotocols: Iterable[str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(application, path, headers, subprotocols)
        scope: Any = self.scope
        scope.update(
            asgi={"version": "3.0"},
            scheme="ws",
            http_version="1.1",
            client=["127.0.0.1", 0],
            server=("testserver", "80"),
        )
        scope.update(extra)

    async def connect(self, timeout: float = 1) -> tuple[bool, int | str | None]:  # noqa: ASYNC109 - Channels' own argument
        """Shake hands: ``(True, subprotocol)``, or ``(False, close code)`` where it is refused."""
        await Database.running().enter(self)
        return await super().connect(timeout)

    async def disconnect(self, code: int = 1000, timeout: float = 1) -> None:  # noqa: ASYNC109
        """Hang up, and wait until the application is done."""
        try:
            await super().disconnect(code, timeout)
        finally:
            await Database.running().leave(self)


async def get_headers_for_user(user: Any) -> list[tuple[bytes, bytes]]:
    """The handshake headers of a browser in which ``user`` has just logged in."""
    return [(b"cookie", await _session_cookie(user))]


@sync_to_async
def _session_cookie(user: Any) -> bytes:
    browser = Client()
    browser.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={browser.cookies[name].value}".encode()


def async_test(
    test: Callable[Concatenate[Any, P], Awaitable[T]],
) -> Callable[Concatenate[Any, P], Awaitable[T]]:
    """Run a test method between its test case's ``asyncSetUp`` and ``asyncTearDown``, where it has
    them: in the event loop of the test, unlike ``setUp`` and ``tearDown``.

    ``asyncTearDown`` runs after a test that failed, too.
    """

    @wraps(test)
    async def wrapped(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if hasattr(self, "asyncSetUp"):
            await self.asyncSetUp()
        try:
            return await test(self, *args, **kwargs)
        finally:
            if hasattr(self, "asyncTearDown"):
                await self.asyncTearDown()

    return wrapped
