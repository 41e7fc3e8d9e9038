"""The ASGI application of the test project, as DESIGN §2 says a project's looks."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

from tests.todo.realtime import router

# The stubs of path() take the views of HTTP alone.
socket_routes = URLRouter([path("graphql/", router.as_consumer().as_asgi())])  # type: ignore[arg-type,list-item]

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AuthMiddlewareStack(socket_routes),
    }
)
