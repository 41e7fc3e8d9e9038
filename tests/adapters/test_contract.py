"""What holds for every adapter, whatever it speaks."""

from collections.abc import Callable
from typing import Any

import pytest

from gql_live.adapters.protocol import (
    Adapter,
    Close,
    CloseCode,
    LocalProtocolError,
    Operation,
    State,
)
from tests.adapters.dialects import DIALECTS, Dialect
from tests.adapters.table import Row, cases, check, close_of, described, feed, started

ERROR = {"message": "No.", "extensions": {"code": "FORBIDDEN"}}
RESTART = Close(CloseCode.SERVICE_RESTART, "Restarting")
RESULT = '{"model":"todo.Task","data":{"text":"☃"}}'

SENTENCES: dict[str, tuple[Dialect, str, Row]] = {
    f"{name}: {sentence}": (dialect, situation, row)
    for name, dialect in DIALECTS.items()
    for sentence, (situation, row) in cases(dialect.table).items()
}


@pytest.fixture(params=DIALECTS.values(), ids=list(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    assert isinstance(request.param, Dialect)
    return request.param


@pytest.fixture
def adapter(dialect: Dialect) -> Adapter:
    adapter = dialect.connection()
    adapter.take_frames()
    return adapter


SEVERAL = {name: dialect for name, dialect in DIALECTS.items() if dialect.stop is not None}
several_operations = pytest.mark.parametrize(
    "dialect", SEVERAL.values(), ids=list(SEVERAL), indirect=True
)


def stop(dialect: Dialect, name: str) -> Any:
    assert dialect.stop is not None
    return dialect.stop(name)


# ── the decision tables ──


@pytest.mark.parametrize(("dialect", "situation", "row"), SENTENCES.values(), ids=list(SENTENCES))
def test_the_decision_table(dialect: Dialect, situation: str, row: Row) -> None:
    check(row, dialect.situations[situation]())


def test_a_table_has_a_row_for_every_situation(dialect: Dialect) -> None:
    in_rows = {situation for row in dialect.table for situation in row.situations}
    assert in_rows == set(dialect.situations)


# ── operations ──


def test_an_operation_runs_from_its_message_on(dialect: Dialect, adapter: Adapter) -> None:
    operation = started(adapter, dialect.start("x"))
    assert list(adapter.operations) == [operation]
    frame = adapter.next_frame(operation, RESULT)
    assert frame is not None
    assert "☃" in str(dialect.read(frame))
    assert list(adapter.operations) == [operation]


Ending = Callable[[Adapter, Operation], object]

ENDINGS: dict[str, Ending] = {
    "we complete it": lambda adapter, operation: adapter.complete_frame(operation),
    "it fails": lambda adapter, operation: adapter.error_frame(operation, [ERROR]),
    "the connection closes": lambda adapter, _: adapter.fail(RESTART),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=list(ENDINGS))
def test_an_operation_that_is_over_says_nothing_more(
    dialect: Dialect, adapter: Adapter, ending: Ending
) -> None:
    operation = started(adapter, dialect.start("x"))
    ending(adapter, operation)
    adapter.take_frames()
    assert not adapter.operations
    assert adapter.next_frame(operation, RESULT) is None
    assert adapter.complete_frame(operation) is None
    assert adapter.error_frame(operation, [ERROR]) is None
    assert adapter.take_frames() == []


@several_operations
def test_an_operation_that_the_client_stops_says_nothing_more(
    dialect: Dialect, adapter: Adapter
) -> None:
    operation = started(adapter, dialect.start("x"))
    assert [described(event) for event in feed(adapter, stop(dialect, "x"))] == [("Stop", "x")]
    assert not adapter.operations
    assert adapter.next_frame(operation, RESULT) is None
    assert adapter.complete_frame(operation) is None
    assert adapter.error_frame(operation, [ERROR]) is None


@several_operations
def test_a_completed_operation_cannot_speak_for_the_next_one_with_its_id(
    dialect: Dialect, adapter: Adapter
) -> None:
    old = started(adapter, dialect.start("x"))
    feed(adapter, stop(dialect, "x"))
    new = started(adapter, dialect.start("x"))

    assert old != new
    assert adapter.next_frame(old, RESULT) is None
    assert adapter.error_frame(old, [ERROR]) is None
    assert adapter.complete_frame(old) is None
    assert list(adapter.operations) == [new]
    assert adapter.next_frame(new, RESULT) is not None


@several_operations
def test_the_client_stops_one_operation_and_no_other(dialect: Dialect, adapter: Adapter) -> None:
    one, two = (started(adapter, dialect.start(name)) for name in "12")
    feed(adapter, stop(dialect, "1"))
    assert list(adapter.operations) == [two]
    assert adapter.next_frame(one, RESULT) is None
    assert adapter.next_frame(two, RESULT) is not None


def test_an_operation_of_another_connection_is_not_ours(dialect: Dialect, adapter: Adapter) -> None:
    stranger = started(dialect.connection(), dialect.start("x"))
    operation = started(adapter, dialect.start("x"))
    assert adapter.next_frame(stranger, RESULT) is None
    assert adapter.error_frame(stranger, [ERROR]) is None
    assert adapter.complete_frame(stranger) is None
    assert list(adapter.operations) == [operation]


def test_an_operation_never_fails_without_an_error(dialect: Dialect, adapter: Adapter) -> None:
    operation = started(adapter, dialect.start("x"))
    with pytest.raises(LocalProtocolError, match="one error at least"):
        adapter.error_frame(operation, [])
    assert list(adapter.operations) == [operation]


def cyclic() -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": "FORBIDDEN"}
    extensions["itself"] = extensions
    return extensions


@pytest.mark.parametrize(
    "extensions",
    [{"at": float("nan")}, {("a", 1): "a tuple as key"}, cyclic()],
    ids=["not a number", "a key that is no text", "a cycle"],
)
def test_an_error_that_json_cannot_say_goes_out_as_its_message(
    dialect: Dialect, adapter: Adapter, extensions: dict[Any, Any]
) -> None:
    operation = started(adapter, dialect.start("x"))
    frame = adapter.error_frame(operation, [{"message": "No.", "extensions": extensions}])
    assert frame is not None
    assert "No." in str(dialect.read(frame))
    assert not adapter.operations


def test_a_lone_surrogate_or_a_lazy_text_in_an_error_still_makes_a_frame(
    dialect: Dialect, adapter: Adapter
) -> None:
    class Lazy:
        def __str__(self) -> str:
            return "nicht gefunden"

    operation = started(adapter, dialect.start("x"))
    frame = adapter.error_frame(
        operation, [{"message": "\ud800", "extensions": {"code": "NOT_FOUND", "why": Lazy()}}]
    )
    assert frame is not None
    assert "\\ud800" in ascii(dialect.read(frame))


# ── closing ──


def test_the_first_reason_to_close_stays(adapter: Adapter) -> None:
    adapter.receive_bytes(b"")
    reason = close_of(adapter)
    assert reason == (CloseCode.BAD_REQUEST, "Invalid message: must be text, not binary")
    assert adapter.fail(RESTART) is False
    assert close_of(adapter) == reason


def test_a_closing_connection_is_deaf_and_mute(dialect: Dialect, adapter: Adapter) -> None:
    assert adapter.fail(RESTART) is True
    assert adapter.state is State.CLOSED
    adapter.ping()
    assert feed(adapter, dialect.start("x")) == []
    assert adapter.receive_bytes(b"") == []
    assert adapter.receive_text("{") == []
    assert adapter.acknowledge() == []
    adapter.refuse()
    assert adapter.initialisation_timed_out() is False
    assert adapter.take_frames() == []
    assert close_of(adapter) == (RESTART.code, RESTART.reason)


def test_what_was_said_before_the_close_can_still_be_taken_once(
    dialect: Dialect, adapter: Adapter
) -> None:
    adapter.ping()
    adapter.fail(RESTART)
    said = adapter.take_frames()
    assert len(said) == (0 if dialect is DIALECTS["django-rest-live"] else 1)
    assert adapter.take_frames() == []


# ── our own misuse ──


def test_only_a_connection_that_asks_is_acknowledged_or_refused(adapter: Adapter) -> None:
    with pytest.raises(LocalProtocolError, match="cannot acknowledge a connection that is ack"):
        adapter.acknowledge()
    with pytest.raises(LocalProtocolError, match="cannot refuse a connection that is ack"):
        adapter.refuse()
    assert adapter.initialisation_timed_out() is False
    assert adapter.closing is None
