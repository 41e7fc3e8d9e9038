"""REST, and Strawberry at ``/ws/``, whose subscriptions listen to a group of the channel layer."""
# mypy: disable-error-code="call-arg, import-not-found, misc, untyped-decorator"

from collections.abc import AsyncGenerator
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.db import transaction
from django.db.models.signals import post_save
from django.urls import path

django_application = get_asgi_application()

# Views and models can be imported only after Django is set up.
import strawberry  # noqa: E402
from strawberry.channels import GraphQLWSConsumer  # noqa: E402
from strawberry.permission import BasePermission  # noqa: E402

from bench.peers.project.tokens import TokenMiddleware  # noqa: E402
from bench.project.models import Task  # noqa: E402
from bench.project.serializers import TaskSerializer  # noqa: E402

GROUP = "tasks"


class IsAuthenticated(BasePermission):
    """Asked when somebody subscribes."""

    message = "Who are you?"

    def has_permission(self, _source: Any, info: Any, **_: Any) -> bool:
        """Whether the socket is somebody's."""
        return bool(info.context["ws"].scope["user"].is_authenticated)


@strawberry.type(name="Task")
class TaskRow:
    """A row as the serializer tells it."""

    id: strawberry.ID
    text: str
    done: bool
    priority: str
    score: int
    due: str | None
    created: str
    owner: strawberry.ID


@strawberry.type
class TaskChange:
    """What became of a row."""

    action: str
    id: strawberry.ID | None = None
    instance: TaskRow | None = None


@strawberry.type
class Query:
    """GraphQL demands one."""

    version: str = "1"


@strawberry.type
class Subscription:
    """What can be listened to."""

    @strawberry.subscription(permission_classes=[IsAuthenticated])
    async def tasks(self, info: strawberry.Info) -> AsyncGenerator[TaskChange, None]:
        """Every task. The rows come in the messages, so nobody queries for them again."""
        async with info.context["ws"].listen_to_channel("task.changed", groups=[GROUP]) as changes:
            yield TaskChange(action="SNAPSHOT")
            async for change in changes:
                row = change["row"]
                yield TaskChange(action="UPDATED", id=row["id"], instance=TaskRow(**row))


def publish(instance: Task, **_: Any) -> None:
    """Tell the group once the row is committed; a receiver of ``post_save``."""
    message = {"type": "task.changed", "row": dict(TaskSerializer(instance).data)}
    layer: Any = get_channel_layer()
    transaction.on_commit(lambda: async_to_sync(layer.group_send)(GROUP, message))


post_save.connect(publish, sender=Task)
schema = strawberry.Schema(query=Query, subscription=Subscription)
sockets = URLRouter([path("ws/", GraphQLWSConsumer.as_asgi(schema=schema))])

application = ProtocolTypeRouter(
    {"http": django_application, "websocket": TokenMiddleware(sockets)}
)
