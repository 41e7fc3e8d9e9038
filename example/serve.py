"""Serve the example with uvicorn on 127.0.0.1, and say where once it listens: `serve.py [PORT]`."""

import socket
import sys

import uvicorn

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


if __name__ == "__main__":
    config = uvicorn.Config(
        "todolist.asgi:application",
        host="127.0.0.1",
        port=int(sys.argv[1]) if len(sys.argv) > 1 else 8000,
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=3,
    )
    AnnouncingServer(config).run()
