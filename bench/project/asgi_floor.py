"""REST, and the least that can be done for a subscriber: the same bytes, in a loop over open
sockets. It asks nobody who they are, and tells everything to all of them.
"""

import asyncio
import json
from typing import Any

from django.core.asgi import get_asgi_application
from django.db import transaction
from django.db.models.signals import post_save
from rest_framework.utils.encoders import JSONEncoder

http = get_asgi_application()

# Views and models can be imported only after Django is set up.
from bench.project.models import Task  # noqa: E402
from bench.project.serializers import TaskSerializer  # noqa: E402

SNAPSHOT = '{"id":"1","type":"next","payload":{"data":{"tasks":{"action":"SNAPSHOT"}}}}'


class Floor:
    """Every open socket, and the loop that serves them."""

    def __init__(self) -> None:
        self.sockets: set[Any] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.telling: set[asyncio.Task[None]] = set()

    def task_was_saved(self, instance: Task, **_: Any) -> None:
        """Tell of it once it is committed; a receiver of ``post_save``."""
        transaction.on_commit(lambda: self._tell_of(instance))

    def _tell_of(self, instance: Task) -> None:
        # As GraphQL's ID, a key is text.
        row = {
            name: str(value) if name in {"id", "owner"} else value
            for name, value in TaskSerializer(instance).data.items()
        }
        change = {"action": "UPDATED", "id": str(instance.pk), "instance": row}
        payload = {"id": "1", "type": "next", "payload": {"data": {"tasks": change}}}
        text = json.dumps(payload, cls=JSONEncoder, separators=(",", ":"))
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._start_telling, text)

    def _start_telling(self, text: str) -> None:
        task = asyncio.ensure_future(self._tell(text))
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)

    async def _tell(self, text: str) -> None:
        for send in tuple(self.sockets):
            await send({"type": "websocket.send", "text": text})

    async def serve(self, receive: Any, send: Any) -> None:
        """One socket, from its handshake to its end."""
        self.loop = asyncio.get_running_loop()
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
        while (event := await receive())["type"] == "websocket.receive":
            if json.loads(event["text"])["type"] == "connection_init":
                await send({"type": "websocket.send", "text": '{"type":"connection_ack"}'})
            else:
                self.sockets.add(send)
                await send({"type": "websocket.send", "text": SNAPSHOT})
        self.sockets.discard(send)


floor = Floor()
post_save.connect(floor.task_was_saved, sender=Task)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """HTTP to Django, WebSockets to the floor."""
    if scope["type"] == "websocket":
        await floor.serve(receive, send)
    else:
        await http(scope, receive, send)
