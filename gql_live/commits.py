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
from typing import Any, Final, ParamSpec, TypeAlias

from gql_live.changes import NAMED_ROWS, Change, coalesce
from gql_live.pubsub import publish

logger = logging.getLogger(__name__)

P = ParamSpec("P")

Registered: TypeAlias = tuple[set[str], Callable[[], object], bool]
"""A commit hook, between the savepoints that it falls with and whether it may fail."""

WAITING: Final = NAMED_ROWS
"""So many changes wait for one commit one by one; then their hooks are joined."""


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
    last = next(filter(None, map(_ours, reversed(connection.run_on_commit))), None)
    transaction = last.transaction if last is not None else _Transaction()
    if last is not None and transaction.waiting + len(changes) > WAITING:
        _join(connection)
        transaction.waiting = 0
    transaction.waiting += len(changes)
    # A bound method and not a partial: when a robust hook fails, Django logs its __qualname__.
    hook = _Hook(changes, transaction).publish
    if connection.in_atomic_block or connection.get_autocommit():
        connection.on_commit(hook, robust=True)
    else:
        # In manual transaction management on_commit() refuses. As for an atomic block in there,
        # Django calls hooks when autocommit is turned on after a commit.
        connection.run_on_commit.append((set(), hook, True))
    transaction.hooks = connection.run_on_commit


def publish_now(connection: Any) -> None:
    """Publish what waits for the commit on ``connection``, as if it had come. For tests."""
    hooks = [(hook, _ours(hook)) for hook in connection.run_on_commit]
    connection.run_on_commit = [hook for hook, ours in hooks if ours is None]
    publish(coalesce(change for _, ours in hooks if ours is not None for change in ours.changes))


class _Transaction:
    """What the hooks of one transaction share."""

    def __init__(self) -> None:
        self.waiting = 0
        """How many changes, since hooks were joined."""
        self.hooks: Sequence[Registered] = ()
        """Where the last was registered: the connection's hooks, unless some were dropped since."""


class _Hook:
    """The changes of one statement, or of several that fall together."""

    def __init__(self, changes: Sequence[Change], transaction: _Transaction) -> None:
        self.changes = changes
        self.transaction = transaction

    def publish(self) -> None:
        """The commit hook: the first that is called publishes the whole transaction.

        So nobody else's hook that fails, after which Django calls no more, takes changes with it.
        """
        if not self.changes:
            return
        waiting = [*map(_ours, self.transaction.hooks)]
        self.transaction.hooks = ()
        # Django takes a hook out of the list before it calls it. Where this one is in there still,
        # a rolled back savepoint has left us with an old list, which names more than is committed.
        following = [] if self in waiting else [hook for hook in waiting if hook is not None]
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
    for registered in reversed(hooks):
        hook = _ours(registered)
        if hook is None or registered[0] & opened != fall_with:
            break
        joined.append(hook)
    if len(joined) > 1:
        last = joined[0]
        last.changes = coalesce(change for hook in reversed(joined) for change in hook.changes)
        hooks[-len(joined) :] = [(fall_with, last.publish, True)]


def _ours(registered: Registered) -> _Hook | None:
    owner = getattr(registered[1], "__self__", None)
    return owner if isinstance(owner, _Hook) else None
