"""Views that put something aside while they are opened, for their serializers to find."""

from collections.abc import Callable
from typing import Any

from rest_framework.request import Request

from tests.sharing.opening import Read, Tasks, shows

Initial = Callable[[Any, Any], object]


class Opaque:
    """Holds something, and nobody knows what."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def tell(self) -> str:
        """Say what it holds."""
        return str(self.held)


def opening(initial: Initial, read: Read) -> type[Tasks]:
    """A view that does ``initial`` when it is opened, and shows what ``read`` finds."""

    class Opening(Tasks):
        """Puts something aside."""

        serializer_class = shows(read)

        def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
            super().initial(request, *args, **kwargs)
            initial(self, request)

    return Opening


def on_the_view(value: Callable[[Any], Any]) -> Initial:
    """Put what ``value`` makes of the request on the view."""
    return lambda view, request: setattr(view, "aside", value(request))


def on_the_request(value: Callable[[Any], Any]) -> Initial:
    """Put it on the request."""
    return lambda _, request: setattr(request, "aside", value(request))


def on_djangos_request(value: Callable[[Any], Any]) -> Initial:
    """Put it on the request behind the request."""
    return lambda _, request: setattr(request._request, "aside", value(request))


def name(request: Any) -> Any:
    """Who asks."""
    return request.user.username


def tenant(request: Any) -> Any:
    """A header."""
    return request.headers.get("X-Tenant", "")
