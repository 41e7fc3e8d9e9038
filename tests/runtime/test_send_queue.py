"""What waits for a client is conflated so that the client ends true, and bounded."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql_live.adapters.protocol import Operation
from gql_live.audience import Action, Payload
from gql_live.send_queue import Credit, SendQueue

OP, OTHER = Operation("1", ""), Operation("2", "")
S, C, U, D, R = Action.SNAPSHOT, Action.CREATED, Action.UPDATED, Action.DELETED, Action.RESYNC
SNAPSHOTTED, FETCHED = True, False


def payload(
    action: Action | None, row: int | None = None, version: int = 0, *, gapless: bool = SNAPSHOTTED
) -> Payload:
    text = f"{action}/{row}/{version}"
    made = Payload(action, row, text, len(text), gapless)
    if action is not U:
        return made
    return replace(made, as_created=lambda: payload(C, row, version, gapless=gapless))


def opaque(row: int, version: int) -> Payload:
    """An update that nobody can tell as a creation."""
    return replace(payload(U, row, version), as_created=lambda: None)


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
        ([(U, 1, 1), (U, 2, 2), (U, 1, 3)], ["UPDATED/1/3", "UPDATED/2/2"]),
        ([(C, 1, 1), (U, 1, 2)], ["CREATED/1/2"]),
        ([(C, 1, 1), (U, 1, 2), (U, 1, 3)], ["CREATED/1/3"]),
        ([(U, 1, 1), (D, 1, 2)], ["DELETED/1/2"]),
        ([(C, 1, 1), (D, 1, 2)], []),
        ([(C, 1, 1), (U, 1, 2), (D, 1, 3)], []),
        ([(D, 1, 1), (C, 1, 2)], ["DELETED/1/1", "CREATED/1/2"]),
        ([(D, 1, 1), (C, 1, 2), (U, 1, 3)], ["DELETED/1/1", "CREATED/1/3"]),
        ([(D, 1, 1), (C, 1, 2), (D, 1, 3)], ["DELETED/1/1"]),
        ([(U, 1, 1), (S, None, 2), (U, 1, 3)], ["SNAPSHOT/None/2", "UPDATED/1/3"]),
        ([(S, None, 1), (U, 1, 2), (R, None, 3)], ["RESYNC/None/3"]),
        ([(None, None, 1), (None, None, 2)], ["None/None/1", "None/None/2"]),
    ],
    ids=[
        "the later state of a row replaces the earlier",
        "rows do not replace each other",
        "a row that changes all the time keeps its place",
        "a row that enters is told so, with its newest state",
        "however often it changes",
        "a row that leaves needs no state",
        "a row that came and went was never there",
        "whatever became of it in between",
        "a row that comes back is new",
        "with its newest state",
        "and leaves as it has left before",
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
    assert queue.conflated == len(put) - len(said)
    assert drained(queue) == said
    assert queue.size == 0


def test_a_row_that_came_and_went_is_taken_back_from_who_may_have_fetched_it() -> None:
    """Without a snapshot a client fetches rows itself, and may have met this one."""
    queue = SendQueue(1000)
    for action, version in ((C, 1), (U, 2), (D, 3)):
        assert queue.put(OP, payload(action, 1, version, gapless=FETCHED))
    assert drained(queue) == ["DELETED/1/3"]


def test_an_update_that_cannot_be_told_as_a_creation_is_told_after_it() -> None:
    queue = SendQueue(1000)
    queue.put(OP, payload(C, 1, 1))
    queue.put(OP, opaque(1, 2))
    queue.put(OP, opaque(1, 3))
    assert drained(queue) == ["CREATED/1/1", "UPDATED/1/3"]


def test_what_was_taken_does_not_hide_what_waits_of_its_row() -> None:
    queue = SendQueue(1000)
    queue.put(OP, payload(D, 1, 1))
    queue.put(OP, payload(C, 1, 2))
    assert queue.take() is not None
    queue.put(OP, payload(U, 1, 3))
    assert drained(queue) == ["CREATED/1/3"]


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
    assert not queue.put(OP, payload(U, 2, 10)), "but for what it has grown"
    assert drained(queue) == ["UPDATED/1/1", "UPDATED/2/2"]
    assert queue.conflated == 1


def test_a_single_result_fits_whatever_its_size() -> None:
    queue = SendQueue(5)
    assert queue.put(OP, payload(S, None, 1))
    assert queue.put(OP, payload(S, None, 2_000_000)), "it replaces the only one that waits"
    assert not queue.put(OP, payload(U, 1, 1))
    assert drained(queue) == ["SNAPSHOT/None/2000000"]


def test_what_waits_for_a_stopped_operation_is_dropped() -> None:
    queue = SendQueue(1000)
    queue.put(OP, payload(U, 1, 1))
    queue.put(OTHER, payload(U, 1, 2))
    queue.end(OP)
    queue.discard(OP)
    assert drained(queue) == ["UPDATED/1/2"]
    assert queue.size == 0


def test_events_are_dropped_together_and_what_cannot_be_told_anew_stays() -> None:
    queue, ended = SendQueue(1000), Operation("3", "")
    queue.put(OP, payload(U, 1, 1))
    queue.put(OTHER, payload(None, None, 2))
    queue.put(ended, payload(U, 1, 3))
    queue.end(ended)
    queue.put(OP, payload(S, None, 4))
    assert queue.drop_events() == {OP}
    assert queue.size == payload(None, None, 2).size
    assert drained(queue) == ["None/None/2", "None"]


class Client:
    """Holds rows as it is told of them."""

    def __init__(self, queue: SendQueue, *, gapless: bool) -> None:
        self.held: dict[int, str] = {}
        self._queue = queue
        self._gapless = gapless

    def read(self) -> None:
        """Take in one result, if one waits."""
        waiting = self._queue.take()
        if waiting is None:
            return
        assert waiting.payload is not None
        action, row, version = waiting.payload.text.split("/")
        held = int(row) in self.held
        if action == D:
            # One without a snapshot may have fetched the row; another knows what it knows.
            assert held or not self._gapless
            self.held.pop(int(row), None)
        else:
            assert held == (action == U)
            self.held[int(row)] = version


@given(
    writes=st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans(), st.booleans())),
    gapless=st.booleans(),
)
def test_a_client_ends_with_the_same_rows_however_late_it_reads(
    writes: list[tuple[int, bool, bool, bool]], *, gapless: bool
) -> None:
    """Each write makes a row visible or not; ``plain``: as an update it can be told as a creation;
    ``reads``: the client takes one result then.
    """
    queue, truth = SendQueue(10_000), dict[int, str]()
    client = Client(queue, gapless=gapless)
    for version, (row, visible, plain, reads) in enumerate(writes):
        if visible:
            told = payload(U if row in truth else C, row, version, gapless=gapless)
            queue.put(OP, told if plain else replace(told, as_created=None))
            truth[row] = str(version)
        elif truth.pop(row, None) is not None:
            queue.put(OP, payload(D, row, version, gapless=gapless))
        if reads:
            client.read()
    while len(queue):
        client.read()
    assert client.held == truth
    assert queue.size == 0


# --- what is on its way ---


def test_pings_ask_for_what_was_sent_and_their_answers_give_room() -> None:
    credit = Credit(window=100, step=30)
    assert credit.spend(29) is None
    assert credit.spend(1) == {"sent": 30}
    assert credit.spend(10) is None
    assert credit.spend(50) == {"sent": 90}
    assert not credit.spent
    assert credit.spend(10) is None
    assert credit.spent
    credit.acknowledge({"sent": 30})
    assert not credit.spent
    assert credit.spend(29) == {"sent": 129}
    credit.acknowledge({"sent": 129})
    assert credit.spend(29) is None


@pytest.mark.parametrize(
    ("answer", "room"),
    [
        ({"sent": 40}, 60),
        ({"sent": 80}, 100),
        ({"sent": 10_000}, 20),
        ({"sent": "80"}, 20),
        ({"sent": [80]}, 20),
        (None, 60),
        ({"mine": 1}, 60),
    ],
    ids=[
        "the first of two pings",
        "the second stands for both",
        "what was never asked",
        "not a number",
        "not even hashable",
        "an answer without a payload is to the first",
        "as is one with a payload of the client's own",
    ],
)
def test_an_answer_acknowledges_what_was_sent_before_its_ping(
    answer: dict[str, object] | None, room: int
) -> None:
    credit = Credit(window=100, step=40)
    assert credit.spend(40)
    assert credit.spend(40)
    credit.acknowledge(answer)
    spent = 0
    while not credit.spent:
        credit.spend(1)
        spent += 1
    assert spent == room


def test_an_answer_to_no_question_is_nothing() -> None:
    credit = Credit(window=100, step=40)
    credit.spend(30)
    credit.acknowledge(None)
    credit.spend(70)
    assert credit.spent
