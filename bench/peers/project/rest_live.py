"""REST, and django-rest-live at ``/ws/``."""
# mypy: disable-error-code="import-not-found, misc"

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

django_application = get_asgi_application()

# Views and models can be imported only after Django is set up.
from rest_framework.viewsets import ModelViewSet  # noqa: E402
from rest_live.mixins import RealtimeMixin  # noqa: E402
from rest_live.routers import RealtimeRouter  # noqa: E402

from bench.peers.project.tokens import TokenMiddleware  # noqa: E402
from bench.project.models import Task  # noqa: E402
from bench.project.serializers import TaskSerializer  # noqa: E402


class TaskViewSet(ModelViewSet[Task], RealtimeMixin):
    """Every task, for everybody who is known."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer


router = RealtimeRouter()
router.register(TaskViewSet)
sockets = URLRouter([path("ws/", router.as_consumer().as_asgi())])

application = ProtocolTypeRouter(
    {"http": django_application, "websocket": TokenMiddleware(sockets)}
)
