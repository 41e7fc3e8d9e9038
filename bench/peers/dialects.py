"""The peers: what each of them runs, and what its clients say."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import contestants
from bench.load import Load
from bench.peers.environments import python_of
from bench.server import Server

PATH: Final = f"/ws/?token={contestants.token_of(1)}"
SUBSCRIPTION: Final = (
    "subscription { tasks { action id instance "
    "{ id text done priority score due created owner } } }"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """A library, and the dialect of its sockets.

    ``key`` names its requirements, and the module of ``bench.peers.project`` that serves with it.
    ``steps``: what a client sends to subscribe, with what is in the answer (nothing, where none
    comes). ``marker``: what is in the message of a change, and in no other.
    """

    name: str
    key: str
    steps: Sequence[tuple[str, str]]
    marker: str
    settings: str = "bench.project.settings"
    subprotocol: str | None = None

    def server(self, folder: Path, environment: dict[str, str]) -> Server:
        """A server with it. Raises ``MissingPeerError`` where its environment cannot be made."""
        return Server(
            f"bench.peers.project.{self.key}:application",
            {**environment, "DJANGO_SETTINGS_MODULE": self.settings},
            folder / f"{self.key}.log",
            python=python_of(self.key),
        )

    def subscribe(self, load: Load, size: int) -> float:
        """Subscribe ``size`` sockets of user 1 to the list; the seconds it took."""
        tokens = [contestants.token_of(1)] * size
        return load.connect(PATH, self.steps, tokens, self.marker, subprotocol=self.subprotocol)


def _text(**message: Any) -> str:
    return json.dumps(message)


PEERS: Final = (
    Peer(
        "django-rest-live",
        "rest_live",
        [
            (_text(id=1, type="subscribe", model="bench.Task", action="list"), ""),
            # It confirms nothing; but it answers in turn, so its answer to this comes after.
            (_text(id=2, type="unsubscribe"), "Attempted to unsubscribe"),
        ],
        "UPDATED",
        settings="bench.peers.project.rest_live_settings",
    ),
    Peer(
        "djangochannelsrestframework",
        "channelsrestframework",
        [(_text(action="subscribe_to_task_activity", request_id=1), "201")],
        '"update"',
    ),
    Peer(
        "Strawberry, channel groups",
        "strawberry",
        [
            (_text(type="connection_init"), "connection_ack"),
            (_text(type="subscribe", id="1", payload={"query": SUBSCRIPTION}), "SNAPSHOT"),
        ],
        "UPDATED",
        subprotocol="graphql-transport-ws",
    ),
)
