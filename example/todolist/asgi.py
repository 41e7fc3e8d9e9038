"""HTTP and WebSocket for one server; GraphQL is at the same address for both."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todolist.settings")
django_application = get_asgi_application()

# Views and models can be imported only after Django is set up.
from todolist.realtime import router  # noqa: E402

# The stubs of path() take the views of HTTP alone.
socket_routes = URLRouter([path("graphql/", router.as_consumer().as_asgi())])  # type: ignore[arg-type,list-item]

application = ProtocolTypeRouter(
    {
        "http": ASGIStaticFilesHandler(django_application),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(socket_routes)),
    },
)
