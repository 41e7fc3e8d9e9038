"""REST, and djangochannelsrestframework at ``/ws/``, as its documentation observes a model."""
# mypy: disable-error-code="import-not-found, misc, untyped-decorator"

from collections.abc import Iterable
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

django_application = get_asgi_application()

# Views and models can be imported only after Django is set up.
from djangochannelsrestframework.decorators import action  # noqa: E402
from djangochannelsrestframework.generics import GenericAsyncAPIConsumer  # noqa: E402
from djangochannelsrestframework.observer import model_observer  # noqa: E402
from djangochannelsrestframework.permissions import IsAuthenticated  # noqa: E402

from bench.peers.project.tokens import TokenMiddleware  # noqa: E402
from bench.project.models import Task  # noqa: E402
from bench.project.serializers import TaskSerializer  # noqa: E402


class TaskConsumer(GenericAsyncAPIConsumer):
    """Every task, for everybody who is known; one row is serialized once for all of them."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    permission_classes = (IsAuthenticated,)

    @model_observer(Task, serializer_class=TaskSerializer)
    async def task_activity(
        self, message: Any, action: str, subscribing_request_ids: Iterable[Any], **_: Any
    ) -> None:
        """Tell the client of a change."""
        for request_id in subscribing_request_ids:
            await self.reply(data=message, action=action, request_id=request_id)

    @action()
    async def subscribe_to_task_activity(self, request_id: Any, **_: Any) -> tuple[Any, int]:
        """Begin to tell."""
        await self.task_activity.subscribe(request_id=request_id)
        return {}, 201


sockets = URLRouter([path("ws/", TaskConsumer.as_asgi())])

application = ProtocolTypeRouter(
    {"http": django_application, "websocket": TokenMiddleware(sockets)}
)
