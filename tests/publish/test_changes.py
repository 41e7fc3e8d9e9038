"""Changes and batches as values: what travels, what is refused, what is missing."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from channels_redis.serializers import registry
from hypothesis import given
from hypothesis import strategies as st

from gql_live.changes import Arrival, Batch, Change, ChangeKind, GapDetector, key_of

BATCH = Batch(
    "a1",
    7,
    (
        Change(
            "todo.task",
            5,
            ChangeKind.UPDATED,
            {"list_id": (1, None), "done": (True,)},
            frozenset({"done"}),
        ),
        Change("todo.note", "b0", ChangeKind.DELETED),
        Change("todo.list", None, ChangeKind.UPDATED),
    ),
    quiet=0.5,
)
MESSAGE: dict[str, Any] = {
    "type": "gql_live.changes",
    "version": 2,
    "sender": "a1",
    "sequence": 7,
    "quiet": 0.5,
    "changes": [
        ["todo.task", 5, "updated", {"list_id": [1, None], "done": [True]}, ["done"]],
        ["todo.note", "b0", "deleted", {}, []],
        ["todo.list", None, "updated", {}, []],
    ],
}


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (5, 5),
        (-1, -1),
        (2**63 - 1, 2**63 - 1),
        (2**63, "9223372036854775808"),
        (True, 1),
        ("slug", "slug"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.50"), "1.50"),
    ],
    ids=str,
)
def test_a_key_travels_as_a_number_of_64_bits_or_as_text(value: object, key: int | str) -> None:
    assert key_of(value) == key
    assert type(key_of(value)) is type(key)


def test_the_message_of_a_batch() -> None:
    assert BATCH.to_message() == MESSAGE
    assert Batch.from_message(MESSAGE) == BATCH


int64 = st.integers(-(2**63), 2**63 - 1)
held = st.lists(st.one_of(st.none(), st.booleans(), int64, st.text()), max_size=2).map(tuple)
changes = st.builds(
    Change,
    st.text(min_size=1),
    st.one_of(st.none(), int64, st.text()),
    st.sampled_from(ChangeKind),
    st.dictionaries(st.text(), held, max_size=3),
    st.frozensets(st.text(), max_size=2),
)
batches = st.builds(
    Batch,
    st.text(min_size=1),
    st.integers(1, 2**63 - 1),
    st.lists(changes, max_size=5).map(tuple),
    st.floats(0, 1e9),
)


@given(batches)
def test_a_batch_survives_every_encoding_of_the_channel_layers(batch: Batch) -> None:
    for encoding in ("msgpack", "json"):
        layer = registry.get_serializer(encoding)
        assert Batch.from_message(layer.deserialize(layer.serialize(batch.to_message()))) == batch


@pytest.mark.parametrize(
    "message",
    [
        None,
        "gql_live.changes",
        [],
        {},
        {"type": "gql_live.changes"},
        {**MESSAGE, "type": "chat.message"},
        {**MESSAGE, "version": 1},
        {**MESSAGE, "version": 3},
        {**MESSAGE, "more": 1},
        {key: value for key, value in MESSAGE.items() if key != "quiet"},
        {**MESSAGE, "sender": ""},
        {**MESSAGE, "sender": 5},
        {**MESSAGE, "sequence": 0},
        {**MESSAGE, "sequence": "7"},
        {**MESSAGE, "sequence": True},
        {**MESSAGE, "quiet": -1},
        {**MESSAGE, "quiet": float("nan")},
        {**MESSAGE, "quiet": "soon"},
        {**MESSAGE, "changes": None},
        {**MESSAGE, "changes": "abc"},
        {**MESSAGE, "changes": ["abc"]},
        {**MESSAGE, "changes": [["todo.task", 5]]},
        {**MESSAGE, "changes": [["todo.task", 5, "updated"]]},
        {**MESSAGE, "changes": [["todo.task", 5, "updated", {}, [], 1]]},
        {**MESSAGE, "changes": [["todo.task", 5, "painted", {}, []]]},
        {**MESSAGE, "changes": [["todo.task", 5, None, {}, []]]},
        {**MESSAGE, "changes": [["todo.task", 1.5, "updated", {}, []]]},
        {**MESSAGE, "changes": [["todo.task", True, "updated", {}, []]]},
        {**MESSAGE, "changes": [[5, 5, "updated", {}, []]]},
        {**MESSAGE, "changes": [["todo.task", 5, "updated", [], []]]},
        {**MESSAGE, "changes": [["todo.task", 5, "updated", {"done": True}, []]]},
        {**MESSAGE, "changes": [["todo.task", 5, "updated", {"done": [1.5]}, []]]},
        {**MESSAGE, "changes": [["todo.task", 5, "updated", {1: [True]}, []]]},
        {**MESSAGE, "changes": [["todo.task", 5, "updated", {}, [1]]]},
        {**MESSAGE, "changes": [["todo.task", 5, "updated", {}, "done"]]},
    ],
    ids=repr,
)
def test_junk_is_refused(message: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        Batch.from_message(message)


ROW = (Change("todo.task", 1, ChangeKind.UPDATED),)
LISTENING = 10.0
EXPECTED, AFTER_GAP, OLD = Arrival.EXPECTED, Arrival.AFTER_GAP, Arrival.OLD


def heard(*names: str) -> list[Arrival]:
    """Feed batches: ``a3`` is the third of a, ``a3~`` a heartbeat after it; ``@20``: 20 s quiet."""
    detector = GapDetector(capacity=2)
    arrivals = []
    for name in names:
        word, _, quiet = name.partition("@")
        sequence = int(word[1:].rstrip("~"))
        content = () if word.endswith("~") else ROW
        batch = Batch(word[0], sequence, content, float(quiet or 1))
        arrivals.append(detector.feed(batch, LISTENING))
    return arrivals


@pytest.mark.parametrize(
    ("batches", "last"),
    [
        (["a1"], EXPECTED),
        (["a1", "a2"], EXPECTED),
        (["a1", "b1"], EXPECTED),
        (["a1", "b1", "a2"], EXPECTED),
        (["a1", "a3"], AFTER_GAP),
        (["a1", "b3", "b4"], EXPECTED),
        (["a1", "a3", "a4"], EXPECTED),
        (["a1", "a3", "a2"], OLD),
        (["a1", "a1"], OLD),
        (["a1", "a2", "a1"], OLD),
        (["a1", "a1~"], EXPECTED),
        (["a1", "a1~", "a1~"], EXPECTED),
        (["a1", "a2~"], AFTER_GAP),
        (["a1", "a2~", "a3"], EXPECTED),
        (["a1", "a2", "a1~"], OLD),
        (["a5@20"], EXPECTED),  # its fourth was sent before we joined
        (["a5@5"], AFTER_GAP),  # its fourth was sent after that
        (["a5~@20"], EXPECTED),
        (["a5~@5"], AFTER_GAP),
        (["a1", "b1", "c1", "a2@20"], EXPECTED),  # two senders are remembered, and a is no more
        (["a1", "b1", "c1", "a2@5"], AFTER_GAP),  # in doubt, a gap
        (["a1", "b1", "a2", "c1", "a3"], EXPECTED),  # the one heard last is remembered longest
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value.value,
)
def test_a_gap_shows(batches: list[str], last: Arrival) -> None:
    assert heard(*batches)[-1] is last


@given(st.lists(st.integers(1, 12), unique=True), st.booleans())
def test_whatever_is_lost_the_next_that_arrives_says_so(lost: list[int], heartbeat: bool) -> None:
    detector = GapDetector()
    sent = [Batch("a", sequence, ROW) for sequence in range(1, 13)]
    arrived = [batch for batch in sent if batch.sequence not in lost]
    if heartbeat:
        arrived.append(Batch("a", 12))
    noticed = [batch for batch in arrived if detector.feed(batch, LISTENING) is AFTER_GAP]
    followers = {
        batch.sequence for batch in arrived if batch.changes and batch.sequence - 1 in lost
    }
    tail = {12} if heartbeat and 12 in lost else set()
    assert {batch.sequence for batch in noticed} == followers | tail
