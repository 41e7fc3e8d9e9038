"""What waits for a client is conflated so that the client ends true, and bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql_live.adapters.protocol import Operation
from gql_live.audience import Action, Payload
from gql_live.send_queue import SendQueue

OP, OTHER = Operation("1", ""), Operation("2", "")
S, C, U, D, R = Action.SNAPSHOT, Action.CREATED, Action.UPDATED, Action.DELETED, Action.RESYNC


def payload(action: Action | None, row: int | None = None, version: int = 0) -> Payload:
    text = f"{action}/{row}/{version}"
    return Payload(action, row, text, len(text))


def drained(queue: SendQueue) -> list[str]:
    said = []
    while (waiting := queue.take()) is not None:
        said.append(waiting.payload.text if waiting.payload else str(waiting.errors))
    return said


@pytest.mark.parametrize(
    ("put", "said"),
    [
        ([(U, 1, 1), (U, 1, 2)], ["UPDATED/1/2"]),
        ([(U, 1, 1), (U, 2, 2)], ["UPDATED/1/1", "UPDATED/2/2"]),
        ([(C, 1, 1), (U, 1, 2)], ["CREATED/1/1", "UPDATED/1/2"]),
        ([(C, 1, 1), (U, 1, 2), (U, 1, 3)], ["CREATED/1/1", "UPDATED/1/3"]),
        ([(U, 1, 1), (D, 1, 2)], ["DELETED/1/2"]),
        ([(D, 1, 1), (C, 1, 2)], ["DELETED/1/1", "CREATED/1/2"]),
        ([(U, 1, 1), (S, None, 2), (U, 1, 3)], ["SNAPSHOT/None/2", "UPDATED/1/3"]),
        ([(S, None, 1), (U, 1, 2), (R, None, 3)], ["RESYNC/None/3"]),
        ([(None, None, 1), (None, None, 2)], ["None/None/1", "None/None/2"]),
    ],
    ids=[
        "the later state of a row replaces the earlier",
        "rows do not replace each other",
        "a row that enters is told so",
        "behind its entry, the last state counts",
        "a row that leaves needs no state",
        "a row that comes back is new",
        "a snapshot replaces what waits before it and nothing behind it",
        "a resync replaces all",
        "results of a query are all said",
    ],
)
def test_a_later_result_replaces_what_it_makes_moot(
    put: list[tuple[Action | None, int | None, int]], said: list[str]
) -> None:
    queue = SendQueue(1000)
    for each in put:
        assert queue.put(OP, payload(*each))
    assert drained(queue) == said
    assert queue.size == 0


def test_operations_do_not_replace_each_other() -> None:
    queue = SendQueue(1000)
    queue.put(OP, payload(U, 1, 1))
    queue.put(OTHER, payload(U, 1, 2))
    queue.put(OP, payload(S, None, 3))
    assert drained(queue) == ["UPDATED/1/2", "SNAPSHOT/None/3"]


def test_an_end_comes_after_the_results_and_always_fits() -> None:
    queue = SendQueue(11)
    queue.put(OP, payload(U, 1, 1))
    queue.end(OP, [{"message": "no"}])
    assert drained(queue) == ["UPDATED/1/1", "[{'message': 'no'}]"]


def test_what_does_not_fit_is_refused_and_the_rest_stays() -> None:
    queue = SendQueue(22)
    assert queue.put(OP, payload(U, 1, 1))
    assert queue.put(OP, payload(U, 2, 1))
    assert not queue.put(OP, payload(U, 3, 1))
    assert queue.put(OP, payload(U, 2, 2)), "what replaces needs no room of its own"
    assert drained(queue) == ["UPDATED/1/1", "UPDATED/2/2"]
    assert queue.conflated == 1


def test_what_waits_for_a_stopped_operation_is_dropped() -> None:
    queue = SendQueue(1000)
    queue.put(OP, payload(U, 1, 1))
    queue.put(OTHER, payload(U, 1, 2))
    queue.end(OP)
    queue.discard(OP)
    assert drained(queue) == ["UPDATED/1/2"]
    assert queue.size == 0


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans())))
def test_a_client_ends_with_the_same_rows_however_late_it_reads(
    writes: list[tuple[int, bool, bool]],
) -> None:
    """Each write makes a row visible or not; ``reads``: the client takes one result then."""
    queue, truth, held = SendQueue(10_000), dict[int, int](), dict[int, str]()

    def read() -> None:
        waiting = queue.take()
        if waiting is None:
            return
        assert waiting.payload is not None
        action, row, version = waiting.payload.text.split("/")
        if action == D:
            del held[int(row)]
        else:
            assert (int(row) in held) == (action == U)
            held[int(row)] = version

    for version, (row, visible, reads) in enumerate(writes):
        if visible:
            queue.put(OP, payload(U if row in truth else C, row, version))
            truth[row] = version
        elif row in truth:
            queue.put(OP, payload(D, row, version))
            del truth[row]
        if reads:
            read()
    while len(queue):
        read()
    assert held == {row: str(version) for row, version in truth.items()}
