"""REST alone, and Channels' idle sockets at ``/idle/``."""

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

# The stubs of path() take the views of HTTP alone.
sockets = URLRouter([path("idle/", AsyncWebsocketConsumer.as_asgi())])  # type: ignore[arg-type,list-item]

application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": AuthMiddlewareStack(sockets)}
)
