"""What an evaluation is given of an audience, and what it gives back. Sans-I/O."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from gql_live.audience import AudienceKey, Known, Moves, Payload, Subscriber, Work
from gql_live.exceptions import Refusal
from gql_live.plan import Selection


@dataclass(frozen=True, slots=True)
class Case:
    """What one audience knows and needs to know."""

    asked: AudienceKey
    known: Known
    work: Work

    @property
    def reconsiders(self) -> bool:
        """Whether other rows may be visible though none changed."""
        return self.work.reconsider or self.work.identity

    @property
    def refreshes(self) -> bool:
        """Whether any row may show something else though nobody can say which."""
        return self.work.refresh or (self.work.identity and bool(self.known.personal))


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

    def learn(self, **learnt: Any) -> None:
        """Know something else from now on: fields of ``Known``."""
        self.known = replace(self.known, **learnt)

    def refuse(self, joiners: Collection[Subscriber], refusal: Refusal) -> None:
        """Let nobody of these in after all."""
        self.refused += [(joiner, refusal) for joiner in joiners]
        self.admitted = [each for each in self.admitted if each not in joiners]

    @property
    def snapshot_joiners(self) -> list[Subscriber]:
        """Those admitted who asked for a snapshot."""
        return [joiner for joiner in self.admitted if joiner.selection.snapshot]
