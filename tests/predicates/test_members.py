"""The rows of an audience: a mapping like any other, but small."""

import sys
from collections.abc import Iterable
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gql_live.audience import Row, compare
from gql_live.members import Key, Members

_NEAR = st.integers(-70_000, 70_000)
_FAR = st.integers(-(2**63), 2**63 - 1)
_UUIDS = st.integers(1, 3).map(lambda number: str(UUID(int=number)))
_KEYS: st.SearchStrategy[Key] = st.one_of(_NEAR, _FAR, st.integers(0, 5), _UUIDS, st.just("5"))
_ROWS = st.one_of(
    _KEYS.map(lambda key: (key, str(key))), st.tuples(_KEYS, st.sampled_from(["slug", "", "5"]))
)


def _crowd(start: int, step: int, count: int) -> list[tuple[Key, str]]:
    return [(key, str(key)) for key in range(start, start + step * count, step)]


# A chunk turns from an array into a bitmap at 4,096 keys.
_CROWDS = st.builds(
    _crowd, st.sampled_from([-5, 0, 65_530]), st.sampled_from([1, 3]), st.integers(4_090, 4_100)
)
_ITEMS = st.lists(_ROWS, max_size=30) | st.tuples(_CROWDS, st.lists(_ROWS, max_size=10)).map(
    lambda parts: [*parts[0], *parts[1]]
)


def same(members: Members, expected: dict[Key, str]) -> None:
    assert dict(members.items()) == expected
    assert members == expected
    assert members == Members.of(expected.items())
    assert len(members) == len(expected)
    assert set(members) == set(expected)


@settings(deadline=None)
@given(items=_ITEMS, asked=st.lists(_KEYS))
def test_members_are_what_a_dict_would_be(items: list[tuple[Key, str]], asked: list[Key]) -> None:
    members, expected = Members.of(items), dict(items)
    same(members, expected)
    for key in (*asked, *[key for key, _ in items[:10]]):
        assert (key in members) is (key in expected)
        assert members.get(key) == expected.get(key)
        assert members.get(key, "none") == expected.get(key, "none")
        if key in expected:
            assert members[key] == expected[key]
        else:
            with pytest.raises(KeyError):
                members[key]


@settings(deadline=None)
@given(
    items=_ITEMS,
    removed=st.lists(_KEYS | st.integers(0, 4_100), max_size=10),
    added=st.lists(_ROWS, max_size=10).map(dict),
)
def test_what_replaces_them_is_what_a_dict_would_become(
    items: list[tuple[Key, str]], removed: list[Key], added: dict[Key, str]
) -> None:
    members, before = Members.of(items), dict(items)
    after = {key: value for key, value in before.items() if key not in removed} | added
    replaced = members.replacing(removed, added)
    same(replaced, after)
    same(members, before)
    different = {key for key in before | after if before.get(key) != after.get(key)}
    assert sorted(map(repr, members.differing(replaced))) == sorted(map(repr, different))


@settings(deadline=None)
@given(items=_ITEMS, others=_ITEMS)
def test_two_are_equal_where_two_dicts_are(
    items: list[tuple[Key, str]], others: list[tuple[Key, str]]
) -> None:
    one, other = Members.of(items), Members.of(others)
    assert (one == other) is (dict(items) == dict(others))
    assert one == Members.of(reversed(list(dict(items).items())))


def test_they_cannot_be_told_from_any_other_mapping() -> None:
    members = Members.of([(1, "1"), (2, "two"), ("x", "x")])
    expected: dict[Key, str] = {1: "1", 2: "two", "x": "x"}
    assert members == MappingProxyType(expected)
    assert members != {1: "1"}
    assert members != [1, 2, "x"]


def test_an_audience_compares_them_with_what_it_sees_now() -> None:
    events, moves = compare(
        Members.of([(1, "1"), (2, "2")]),
        {2: Row("2", "b"), 3: Row("3", "c")},
        changed=[2],
        scope=None,
    )
    assert {(event.action.value, event.row) for event in events} == {
        ("DELETED", 1),
        ("UPDATED", 2),
        ("CREATED", 3),
    }
    assert Members.of([(1, "1"), (2, "2")]).replacing(moves.left, moves.entered) == {
        2: "2",
        3: "3",
    }


def _numbers(keys: Iterable[int]) -> Members:
    return Members.of((key, str(key)) for key in keys)


@pytest.mark.parametrize(
    ("keys", "most"),
    [
        (range(1, 200_001), 0.2),
        (range(0, 400_000, 2), 0.4),
        (range(0, 3_000_000, 15), 2.0),
        (range(0, 3_000_000, 300), 3.0),
    ],
)
def test_a_key_takes_two_bytes_or_less_where_keys_stand_close(keys: range, most: float) -> None:
    members = _numbers(keys)
    assert members.size_in_bytes() <= most * len(members) + 1_000


def test_what_is_not_touched_is_shared() -> None:
    members = _numbers(range(200_000))
    replaced = members.replacing([70_000], {300_000: "300000"})
    shared = [high for high in range(4) if members._chunks[high] is replaced._chunks.get(high)]
    assert shared == [0, 2, 3]
    assert replaced._others is members._others


def test_a_text_that_is_key_and_lookup_value_is_held_once() -> None:
    keys = [str(UUID(int=number)) for number in range(100)]
    twice = Members.of((key, "".join([key, "!"])) for key in keys)
    once = Members.of((key, key[:1] + key[1:]) for key in keys)
    assert once.size_in_bytes() <= twice.size_in_bytes() - sys.getsizeof(keys[0]) * len(keys)


@pytest.mark.parametrize("count", [4_095, 4_096, 4_097, 4_098])
def test_there_is_one_form_of_as_many_keys_however_they_came_together(count: int) -> None:
    made = _numbers(range(count))
    assert _numbers(range(count + 2)).replacing([count, count + 1], {}) == made
    assert _numbers(range(2, count)).replacing([], {0: "0", 1: "1"}) == made
    assert _numbers(range(count)).replacing([3], {3: "three"}).replacing([], {3: "3"}) == made
