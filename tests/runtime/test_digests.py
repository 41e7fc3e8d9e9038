"""What was told last of rows, and what is news then."""

import pytest

from gql_live.audience import Action, Event, Key, Row
from gql_live.digests import Digests, digests_of, is_news, told_last

OLD, NEW = digests_of({1: Row("1", {"a": 1}), 2: Row("2", {"a": 1})}), digests_of(
    {1: Row("1", {"a": 2}), 2: Row("2", {"a": 1})}
)  # fmt: skip


def updated(key: Key) -> Event:
    return Event(Action.UPDATED, key)


def test_the_same_content_has_the_same_digest() -> None:
    assert OLD[1] == OLD[2] == NEW[2] != NEW[1]


@pytest.mark.parametrize(
    ("event", "before", "now", "changed", "told"),
    [
        pytest.param(updated(1), OLD, NEW, (), True, id="other content"),
        pytest.param(updated(2), OLD, NEW, (), False, id="the same content"),
        pytest.param(updated(2), OLD, NEW, (2,), True, id="a row that was written"),
        pytest.param(updated(2), None, NEW, (), True, id="nobody knows what was told"),
        pytest.param(updated(2), {}, NEW, (), True, id="nothing was told of it"),
        pytest.param(Event(Action.CREATED, 2), OLD, NEW, (), True, id="a row that came"),
        pytest.param(Event(Action.DELETED, 3), OLD, NEW, (), True, id="a row that went"),
    ],
)
def test_news_is_what_differs(
    event: Event, before: Digests | None, now: Digests, changed: tuple[Key, ...], told: bool
) -> None:
    assert is_news(event, before, now, changed) is told


@pytest.mark.parametrize(
    ("events", "left", "last"),
    [
        pytest.param(None, (), NEW, id="all of what is shown, where nobody was told before"),
        pytest.param([], (), OLD, id="what was told before, where nothing is told"),
        pytest.param([updated(1)], (), {1: NEW[1], 2: OLD[2]}, id="what is told now"),
        pytest.param([Event(Action.DELETED, 2)], (2,), {1: OLD[1]}, id="not what left"),
    ],
)
def test_what_everybody_was_told_last(
    events: list[Event] | None, left: tuple[Key, ...], last: Digests
) -> None:
    assert told_last(OLD, NEW, events, left) == last
