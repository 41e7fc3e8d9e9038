"""The example, ready to look at: `demo.py [PORT] [WORKERS]`.

Migrates the database, adds the demo's data where it is missing, serves on 127.0.0.1 with uvicorn,
and says where once it listens. All in one process, because starting Django takes its time; or in
so many workers, with Redis between them (`REDIS_URL`).
"""

import os
import socket
import sys
from contextlib import suppress

import django
import uvicorn
from django.core.management import call_command
from django.db import connections
from uvicorn.supervisors import Multiprocess

START_SECONDS = 60
UNCONNECTED = (
    "{workers} workers need REDIS=redis://127.0.0.1:6379/0 (or where your Redis is): nothing else"
    " connects the processes, so a change would reach only the clients of the one that wrote it."
)
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
            announce(self.servers[0].sockets[0])


class AnnouncingWorkers(Multiprocess):
    """Workers on one socket; their parent prints where, when all of them can be reached."""

    def init_processes(self) -> None:
        super().init_processes()
        if all(worker.wait_until_ready(START_SECONDS) for worker in self.processes):
            announce(self.sockets[0])


def announce(listening: socket.socket) -> None:
    """Print where people can look."""
    port = listening.getsockname()[1]
    print(WELCOME.format(url=f"http://127.0.0.1:{port}"), flush=True)


def prepare() -> None:
    """Bring the database up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todolist.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("load_demo_data")
    connections.close_all()


def serve(port: int, workers: int) -> None:
    """Serve until a signal says to stop."""
    config = uvicorn.Config(
        "todolist.asgi:application",
        host="127.0.0.1",
        port=port,
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=3,
        workers=workers,
        # On a machine that is busy otherwise, a late answer is no reason to end a worker.
        timeout_worker_healthcheck=60,
    )
    with suppress(KeyboardInterrupt):
        if workers > 1:
            AnnouncingWorkers(config, [config.bind_socket()]).run()
        else:
            AnnouncingServer(config).run()


def main(port: int = 8000, workers: int = 1) -> None:
    """Serve the demo; exits with a message where the workers would not hear of each other."""
    if workers > 1 and not os.environ.get("REDIS_URL"):
        sys.exit(UNCONNECTED.format(workers=workers))
    prepare()
    serve(port, workers)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
