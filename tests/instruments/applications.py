"""ASGI applications, well and badly put together."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from tests.todo.realtime import router

# The stubs of path() take the views of HTTP alone.
endpoint: Any = router.as_consumer().as_asgi()
sockets = URLRouter([path("graphql/", endpoint)])
nested: Any = URLRouter([path("deep/", endpoint)])

good = ProtocolTypeRouter({"websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(sockets))})
without_sessions = ProtocolTypeRouter({"websocket": AllowedHostsOriginValidator(sockets)})
open_to_every_page = ProtocolTypeRouter({"websocket": AuthMiddlewareStack(sockets)})
deep = ProtocolTypeRouter(
    {"websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([path("a/", nested)])))}
)
without_sockets = ProtocolTypeRouter({"http": sockets})
