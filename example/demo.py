"""The example, ready to look at: `demo.py [PORT]`.

Migrates the database, adds the demo's data where it is missing, serves on 127.0.0.1 with uvicorn,
and says where once it listens. All in one process, because starting Django takes its time.
"""

import os
import socket
import sys
from contextlib import suppress

import django
import uvicorn
from django.core.management import call_command
from django.db import connections

WELCOME = """
  The page       {url}/            sign in as ada or grace (password = name)
  GraphiQL       {url}/graphql/
  REST           {url}/api/
  Tokens         demo-ada, demo-grace      curl -H 'Authorization: Token demo-ada' {url}/api/tasks/

  Two people at once: open a private window for the second. Ctrl-C stops the server.
"""


class AnnouncingServer(uvicorn.Server):
    """A server that prints where it can be reached, and only when it can."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            print(WELCOME.format(url=f"http://127.0.0.1:{port}"), flush=True)


def prepare() -> None:
    """Bring the database up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todolist.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("load_demo_data")
    connections.close_all()


def serve(port: int) -> None:
    """Serve until a signal says to stop."""
    config = uvicorn.Config(
        "todolist.asgi:application",
        host="127.0.0.1",
        port=port,
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=3,
    )
    with suppress(KeyboardInterrupt):
        AnnouncingServer(config).run()


if __name__ == "__main__":
    prepare()
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
