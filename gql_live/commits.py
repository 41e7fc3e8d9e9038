"""What was written is published when it is committed, and never at the writer's cost.

There is one commit hook a statement: Django drops a hook together with the savepoint that was open
when it was registered, so a hook may only be shared by writes that fall together. The many hooks of
a long transaction are joined where that is so, and then name a bounded number of rows. When the
transaction commits, all of it is published at once.

Relies on ``connection.run_on_commit``, a list of ``(savepoint ids, hook, robust)`` in Django 4.2 to
6.1, and on ids of released savepoints not coming back.
"""

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from itertools import takewhile
from typing import Any, Final, ParamSpec

from gql_live.changes import NAMED_ROWS, Change, coalesce
from gql_live.pubsub import publish

logger = logging.getLogger(__name__)

P = ParamSpec("P")

WAITING: Final = NAMED_ROWS
"""Changes that wait for one commit one by one; beyond them, hooks are joined."""


def never_raises(handler: Callable[P, None]) -> Callable[P, None]:
    """Guard what runs within a write: what goes wrong in it is logged, and the write goes on."""

    @wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            handler(*args, **kwargs)
        except Exception:
            logger.exception("gql_live: a change is not published: %s", handler.__qualname__)

    return guarded


@never_raises
def publish_on_commit(changes: Sequence[Change], connection: Any) -> None:
    """Publish when the transaction commits that is open on ``connection``; at once without one.

    Not if the transaction, or the savepoint that is open now, is rolled back. Never raises.
    """
    if not changes:
        return
    last = _last(connection)
    if last is not None and last.run.waiting + len(changes) > WAITING:
        _join(connection)
    run = last.run if last is not None else _Run()
    run.waiting += len(changes)
    # A bound method and not a partial: when a robust hook fails, Django logs its __qualname__.
    connection.on_commit(_Hook(changes, run).publish, robust=True)
    run.hooks = connection.run_on_commit


def publish_now(connection: Any) -> None:
    """Publish what waits for the commit on ``connection``, as if it had come. For tests."""
    hooks = [(hook, _ours(hook[1])) for hook in connection.run_on_commit]
    connection.run_on_commit = [hook for hook, ours in hooks if ours is None]
    publish(coalesce(change for _, ours in hooks if ours is not None for change in ours.changes))


class _Run:
    """Hooks in a row, with nobody else's between. The first to be called publishes for all."""

    def __init__(self) -> None:
        self.waiting = 0
        """How many changes, since hooks were joined."""
        self.hooks: Sequence[tuple[set[str], Any, bool]] = ()
        """Where the last was registered: the connection's hooks, unless some were dropped since."""


class _Hook:
    """The changes of one statement, or of several that fall together."""

    def __init__(self, changes: Sequence[Change], run: _Run) -> None:
        self.changes = changes
        self.run = run

    def publish(self) -> None:
        """The commit hook: a transaction is published at once, as far as nobody stands between."""
        if not self.changes:
            return
        waiting = [_ours(function) for _, function, _ in self.run.hooks]
        self.run.hooks = ()
        # Django takes a hook out of the list before it calls it. Where this one is in there still,
        # a rolled back savepoint has left us with an old list, which names more than is committed.
        following = [] if self in waiting else [hook for hook in takewhile(bool, waiting) if hook]
        changes = coalesce(change for hook in (self, *following) for change in hook.changes)
        for hook in following:
            hook.changes = ()
        publish(changes)


def _join(connection: Any) -> None:
    """Join the last hooks, as far back as they are ours and fall with the same open savepoints.

    Not in a ``TestCase``, whose ``captureOnCommitCallbacks`` counts hooks from where it began.
    """
    if any(block._from_testcase for block in connection.atomic_blocks):  # noqa: SLF001 - as Django
        return
    hooks = connection.run_on_commit
    opened = {savepoint for savepoint in connection.savepoint_ids if savepoint is not None}
    fall_with = hooks[-1][0] & opened
    joined: list[_Hook] = []
    for savepoints, function, _ in reversed(hooks):
        hook = _ours(function)
        if hook is None or savepoints & opened != fall_with:
            break
        joined.append(hook)
    last = joined[0]
    last.run.waiting = 0
    last.changes = coalesce(change for hook in reversed(joined) for change in hook.changes)
    hooks[-len(joined) :] = [(fall_with, last.publish, True)]


def _last(connection: Any) -> _Hook | None:
    hooks = connection.run_on_commit
    return _ours(hooks[-1][1]) if hooks else None


def _ours(function: Any) -> _Hook | None:
    owner = getattr(function, "__self__", None)
    return owner if isinstance(owner, _Hook) else None
