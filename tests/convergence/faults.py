"""What can befall changes on their way: they come twice, late, in another order, or not at all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final
from unittest.mock import patch

from gql_live.pubsub import Receiver

FAULTS: Final = ("repeat", "delay", "drop", "drop, and notice late")
DROPPED: Final = "dropped by a history"


class Layer:
    """Between all receivers and what they tell: with no fault chosen, changes pass.

    A receiver is told of what was dropped, as it would be by the gap in a sender's sequence; of
    what comes twice or late it is not.
    """

    def __init__(self) -> None:
        self.fault = "none"
        self._kept: list[Callable[[], None]] = []

    @contextmanager
    def installed(self) -> Iterator["Layer"]:
        """Stand before every receiver that is made meanwhile."""
        make = Receiver.__init__

        def make_faulty(receiver: Any, on_changes: Any, on_gap: Any, **options: Any) -> None:
            def changed(changes: Sequence[Any]) -> None:
                self._pass_on(changes, on_changes, on_gap)

            make(receiver, changed, on_gap, **options)

        with patch.object(Receiver, "__init__", make_faulty):
            yield self

    def heal(self) -> None:
        """No fault any more: what was kept comes now, the last first."""
        self.fault = "none"
        kept, self._kept = self._kept, []
        for deliver in reversed(kept):
            deliver()

    def _pass_on(self, changes: Sequence[Any], on_changes: Any, on_gap: Any) -> None:
        match self.fault:
            case "repeat":
                on_changes(changes)
                on_changes(changes)
                self._kept.append(partial(on_changes, changes))
            case "delay":
                self._kept += [partial(on_changes, [each]) for each in changes]
            case "drop":
                on_gap(DROPPED)
            case "drop, and notice late":
                self._kept.append(partial(on_gap, DROPPED))
            case _:
                on_changes(changes)
