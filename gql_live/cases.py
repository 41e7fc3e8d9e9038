"""What an evaluation is given of an audience, and what it gives back. Sans-I/O."""

from dataclasses import dataclass, field

from gql_live.audience import AudienceKey, Known, Moves, Payload, Subscriber, Work
from gql_live.exceptions import Refusal
from gql_live.plan import Selection


@dataclass(frozen=True, slots=True)
class Case:
    """What one audience knows and needs to know."""

    asked: AudienceKey
    known: Known
    work: Work


@dataclass(slots=True)
class Outcome:
    """What became of one case.

    ``payloads`` are for the subscribers admitted before it, ``welcomes`` for the joiners that are
    told something at once: the snapshot that they asked for. ``refused`` joiners never become
    subscribers. ``known`` is what the audience knows now, ``moves`` how its members changed: None
    where they are others altogether.
    """

    known: Known
    moves: Moves | None = field(default_factory=Moves)
    admitted: list[Subscriber] = field(default_factory=list)
    refused: list[tuple[Subscriber, Refusal]] = field(default_factory=list)
    payloads: dict[Selection, list[Payload]] = field(default_factory=dict)
    welcomes: dict[Subscriber, Payload] = field(default_factory=dict)
