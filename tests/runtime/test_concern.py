"""Whom changes concern, and what is noted with each."""

from dataclasses import replace
from typing import Any

import pytest

from gql_live.audience import Audience, AudienceKey, Known
from gql_live.changes import Change, ChangeKind
from gql_live.concern import Found, mark
from gql_live.index import Index
from gql_live.members import Members
from gql_live.predicates import Fingerprint
from gql_live.reach import Condition, Path, Reach
from tests.runtime.test_audience import Listener
from tests.runtime.test_hub import ADA
from tests.runtime.test_index import LINKS, OWNERS, TASK

ASKED = Fingerprint("SELECT", (), "default", narrowed=Any)  # type: ignore[arg-type]  # any will do
LISTED = Reach((Condition("list_id", frozenset({1})),))


def admitted(index: Index, known: Known, watches: int | None = None) -> Audience:
    """An audience of somebody who has heard all so far."""
    audience, listener = Audience(AudienceKey(object(), (), (), ADA), TASK, watches), Listener()
    index.add(audience)
    index.place(audience, known, None)
    audience.join(listener)
    audience.take_work()
    audience.admit(listener)
    return audience


def row(pk: int) -> Change:
    return Change(TASK, pk, ChangeKind.UPDATED)


def noted(audience: Audience) -> tuple[object, ...]:
    """What it has to look at: rows, all rows for who sees them, all rows for what they show."""
    work = audience.take_work()
    return () if work is None else (work.changed, work.reconsider, work.refresh)


ANY_ROW = ((), False, True)


def test_any_row_of_a_model_is_any_row_of_those_who_see_rows_of_it() -> None:
    index = Index()
    audiences = [
        admitted(index, Known(reach=Reach())),
        admitted(index, Known(reach=LISTED)),
        admitted(index, Known(), watches=7),
    ]
    assert set(mark(Found([Change.of_any(TASK)]), index, None)) == set(audiences)
    assert [noted(each) for each in audiences] == [ANY_ROW] * 3
    assert not mark(Found([Change.of_any("todo.list")]), index, None)


@pytest.mark.parametrize("pk", [7, None], ids=["a row", "any row"])
def test_a_model_that_decides_who_sees_what_and_one_that_is_shown(pk: int | None) -> None:
    index = Index()
    audience = admitted(
        index, Known(reach=Reach(membership=frozenset({"a.b"}), content=frozenset({"c.d"})))
    )
    assert mark(Found([Change("a.b", pk, ChangeKind.UPDATED)]), index, None)
    assert noted(audience) == ((), True, False)
    assert mark(Found([Change("c.d", pk, ChangeKind.UPDATED)]), index, None)
    assert noted(audience) == ANY_ROW


def test_where_a_path_leads_back_to_is_looked_at_by_those_who_show_what_stands_on_it() -> None:
    index = Index()

    def on(path: Path) -> Audience:
        return admitted(index, Known(reach=Reach(paths=frozenset({path}))))

    owners, links = on(OWNERS), on(LINKS)
    assert set(mark(Found([], {OWNERS: [row(7)]}), index, None)) == {owners}
    assert noted(owners) == ((7,), False, False)
    assert set(mark(Found([], {LINKS: None}), index, None)) == {links}
    assert noted(links) == ANY_ROW


def test_only_one_may_be_asked_about() -> None:
    index = Index()
    one, other = (admitted(index, Known(reach=Reach())) for _ in range(2))
    assert set(mark(Found([row(7)]), index, one)) == {one}
    assert noted(one) == ((7,), False, False)
    assert noted(other) == ()


def test_a_row_that_is_not_shown_concerns_those_who_saw_it_and_those_who_were_not_asked() -> None:
    index = Index()
    not_seen = admitted(index, Known(reach=Reach(), fingerprint=ASKED))
    saw = admitted(index, Known(reach=Reach(), fingerprint=ASKED, members=Members.of([(7, "7")])))
    not_asked = admitted(index, Known(reach=Reach(), fingerprint=replace(ASKED, narrowed=None)))
    found = Found([row(7)], unseen={(TASK, 7): {ASKED}})
    assert set(mark(found, index, None)) == {saw, not_asked}
    assert noted(not_seen) == ()
