"""REST, and gql_live at ``/graphql/``."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

django_application = get_asgi_application()

# Views and models can be imported only after Django is set up.
from bench.project.realtime import router  # noqa: E402

sockets = URLRouter([path("graphql/", router.as_consumer().as_asgi())])  # type: ignore[arg-type,list-item]

application = ProtocolTypeRouter(
    {"http": django_application, "websocket": AuthMiddlewareStack(sockets)}
)
