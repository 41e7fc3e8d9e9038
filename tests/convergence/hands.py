"""Hands that write: this thread's connection, and others, each in a thread of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection, transaction

from tests.convergence.gate import HAND

T = TypeVar("T")


class Undone(Exception):
    """Rolls a transaction back."""


class OtherHand:
    """Another database connection, with a transaction that stays open between the steps."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=HAND)
        self._block: Any = None

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
        if not self.busy:
            self._block = transaction.atomic()
            self.do(self._enter)

    def end(self, *, commit: bool) -> None:
        """Commit or roll back, if it is open."""
        if self.busy:
            block, self._block = self._block, None
            error = (None, None, None) if commit else (Undone, Undone(), None)
            self.do(lambda: block.__exit__(*error))

    def close(self) -> None:
        """Roll back, and leave no connection."""
        self.end(commit=False)
        self.do(lambda: connection.close())  # noqa: PLW0108 - that thread's own
        self._thread.shutdown()

    def _enter(self) -> None:
        self._block.__enter__()
        # Whoever would have to wait for the other hand's rows gives up: nobody else moves it on.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 100")
