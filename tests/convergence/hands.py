"""Hands that write: this thread's connection, and others, each in a thread of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction

from tests.convergence.gate import HAND
from tests.convergence.world import hurried

T = TypeVar("T")


class Undone(Exception):
    """Rolls a transaction back."""


class OtherHand:
    """Another database connection, with a transaction that stays open between the steps."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=HAND)
        self._block: ExitStack | None = None

    @property
    def busy(self) -> bool:
        """Whether its transaction is open."""
        return self._block is not None

    def do(self, work: Callable[[], T]) -> T:
        """Run it there, and wait."""
        return self._thread.submit(work).result()

    def start(self, work: Callable[[], T]) -> "Future[T]":
        """Run it there, meanwhile."""
        return self._thread.submit(work)

    def begin(self) -> None:
        """Open its transaction, unless it is open."""
        if self._block is None:
            self._block = ExitStack()
            self.do(partial(_enter, self._block))

    def end(self, *, commit: bool) -> None:
        """Commit or roll back, if it is open. A commit that the database refuses is a rollback:
        what was written may refer to a row that is gone by now.
        """
        block, self._block = self._block, None
        if block is not None:
            error: Any = (None, None, None) if commit else (Undone, Undone(), None)
            with suppress(IntegrityError):
                self.do(lambda: block.__exit__(*error))

    def close(self) -> None:
        """Roll back, and leave no connection."""
        self.end(commit=False)
        self.do(lambda: connection.close())  # noqa: PLW0108 - that thread's own
        self._thread.shutdown()


def _enter(block: ExitStack) -> None:
    block.enter_context(hurried())
    block.enter_context(transaction.atomic())
