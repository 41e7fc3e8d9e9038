"""Which audiences a change can concern: never one too few, none that the conditions rule out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql_live.audience import Audience, AudienceKey, Known, Moves
from gql_live.changes import Change, ChangeKind
from gql_live.index import Index
from gql_live.members import Members
from gql_live.reach import Condition, Direction, Hop, Path, Reach
from tests.runtime.test_hub import ADA

TASK = "todo.task"
OWNERS = Path(TASK, (Hop("todo.list", Direction.FORWARD, "list_id", "id"),))
LINKS = Path(
    TASK,
    (
        Hop("todo.link", Direction.REVERSE, "task_id", "id"),
        Hop("todo.list", Direction.FORWARD, "list_id", "id"),
    ),
)


def made(watches: int | None = None) -> Audience:
    return Audience(AudienceKey(object(), (), (), ADA), TASK, watches)


def placed(index: Index, reach: Reach, members: tuple[int, ...] = ()) -> Audience:
    audience = made()
    index.add(audience)
    known = Known(members=Members.of((pk, str(pk)) for pk in members), reach=reach)
    index.place(audience, known, None)
    return audience


def owned(*owners: int) -> Reach:
    return Reach((Condition("owner_id", frozenset(owners)),))


def change(pk: int | None, **values: int | None) -> Change:
    held = {column: (value,) for column, value in values.items()}
    return Change(TASK, pk, ChangeKind.UPDATED, held)


def rooted(index: Index, changed: Change) -> set[Audience]:
    return set(index.rooted(changed))


def test_rows_with_another_value_concern_nobody() -> None:
    index = Index()
    ada, grace = placed(index, owned(1)), placed(index, owned(2, 3))
    assert rooted(index, change(7, owner_id=1)) == {ada}
    assert rooted(index, change(7, owner_id=3)) == {grace}
    assert rooted(index, change(7, owner_id=4)) == set()
    assert rooted(index, change(7, owner_id=None)) == set()


def test_a_value_that_is_not_told_may_be_any() -> None:
    index = Index()
    everybody = {placed(index, owned(1)), placed(index, owned(2))}
    assert rooted(index, change(7)) == everybody
    assert index.columns(TASK) == {"owner_id"}


def test_a_row_that_is_seen_concerns_whatever_it_holds_now() -> None:
    index = Index()
    ada = placed(index, owned(1), members=(7,))
    assert rooted(index, change(7, owner_id=2)) == {ada}
    index.place(ada, Known(members=Members.of([]), reach=owned(1)), Moves(left=[7]))
    assert rooted(index, change(7, owner_id=2)) == set()
    index.place(ada, Known(members=Members.of([(8, "8")]), reach=owned(1)), Moves(entered={8: "8"}))
    assert rooted(index, change(8, owner_id=2)) == {ada}


def test_a_row_that_went_from_one_to_another_concerns_both() -> None:
    index = Index()
    ada, grace = placed(index, owned(1)), placed(index, owned(2))
    placed(index, owned(3))
    moved = Change(TASK, 7, ChangeKind.UPDATED, {"owner_id": (1, 2)})
    assert rooted(index, moved) == {ada, grace}


def test_an_audience_that_sees_other_rows_altogether_is_found_by_those() -> None:
    index = Index()
    ada = placed(index, owned(1), members=(7, 8))
    index.place(ada, Known(members=Members.of([(8, "8"), (9, "9")]), reach=owned(1)), None)
    assert rooted(index, change(7, owner_id=2)) == set()
    assert rooted(index, change(8, owner_id=2)) == rooted(index, change(9, owner_id=2)) == {ada}


@pytest.mark.parametrize("few", [1, 999, 1000])
def test_an_audience_is_found_by_each_of_its_rows_however_many_they_become(few: int) -> None:
    index = Index()
    ada = placed(index, owned(1), members=tuple(range(3000)))
    for size in (few, 3000, few, 3000):
        before = ada.known.members or {}
        now = Members.of((pk, str(pk)) for pk in range(size))
        moves = Moves(
            left=[pk for pk in before if pk not in now],
            entered={pk: lookup for pk, lookup in now.items() if pk not in before},
        )
        index.place(ada, Known(members=now, reach=owned(1)), moves)
        assert rooted(index, change(size - 1, owner_id=2)) == {ada}
        assert rooted(index, change(0, owner_id=2)) == {ada}
        assert rooted(index, change(size, owner_id=2)) == set()
    index.remove(ada)
    assert not any(vars(index).values())


def test_an_audience_of_many_rows_is_found_by_each() -> None:
    index = Index()
    ada = placed(index, owned(1), members=tuple(range(2000)))
    assert rooted(index, change(1999, owner_id=2)) == {ada}
    assert rooted(index, change(2000, owner_id=2)) == set()
    index.remove(ada)
    assert rooted(index, change(1999, owner_id=1)) == set()


def test_further_conditions_are_asked_as_well() -> None:
    index = Index()
    open_tasks = Reach(
        (Condition("owner_id", frozenset({1})), Condition("done", frozenset({False})))
    )
    ada = placed(index, open_tasks)
    assert rooted(index, change(7, owner_id=1, done=True)) == set()
    assert rooted(index, change(7, owner_id=1, done=False)) == {ada}
    assert rooted(index, change(7, owner_id=1)) == {ada}


def test_nobody_can_say_which_rows_so_everybody_is_concerned() -> None:
    index = Index()
    ada, anybody, watching = placed(index, owned(1)), placed(index, Reach()), made(watches=5)
    index.add(watching)
    assert rooted(index, change(None)) == {ada, anybody, watching}


def test_an_audience_without_conditions_is_concerned_by_any_row() -> None:
    index = Index()
    unread = made()
    index.add(unread)
    anybody = placed(index, Reach())
    assert rooted(index, change(1, owner_id=5)) == {unread, anybody}


def test_paths_and_models_lead_to_those_that_depend_on_them() -> None:
    index = Index()
    reach = Reach(
        paths=frozenset({OWNERS, LINKS}),
        membership=frozenset({"todo.team"}),
        content=frozenset({"todo.tag"}),
    )
    audience = placed(index, reach)
    assert set(index.paths("todo.list")) == {OWNERS, LINKS}
    assert set(index.paths("todo.link")) == {LINKS}
    assert set(index.on_path(OWNERS)) == {audience}
    assert set(index.by_membership("todo.team")) == {audience}
    assert set(index.by_content("todo.tag")) == {audience}
    index.place(audience, Known(reach=Reach(paths=frozenset({OWNERS}))), None)
    assert set(index.paths("todo.link")) == set()
    assert set(index.paths("todo.list")) == {OWNERS}
    assert not index.by_membership("todo.team")
    assert not index.by_content("todo.tag")
    index.remove(audience)
    assert not index.paths("todo.list")


def test_what_others_still_depend_on_stays() -> None:
    index = Index()
    reach = Reach(paths=frozenset({OWNERS, LINKS}), membership=frozenset({"todo.team"}))
    gone, staying = placed(index, reach), placed(index, reach)
    index.remove(gone)
    assert set(index.paths("todo.list")) == {OWNERS, LINKS}
    assert set(index.on_path(LINKS)) == set(index.by_membership("todo.team")) == {staying}


def test_what_an_audience_depends_on_is_learnt_anew_under_the_same_condition() -> None:
    index = Index()
    audience = placed(index, owned(1))
    reach = Reach(owned(1).conditions, frozenset({OWNERS}), content=frozenset({"todo.tag"}))
    index.place(audience, Known(members=Members.of([]), reach=reach), Moves())
    assert set(index.on_path(OWNERS)) == set(index.by_content("todo.tag")) == {audience}


def test_whoever_leaves_leaves_nothing_behind() -> None:
    """What is left in the books would be looked up at each change, and held for ever."""
    index = Index()
    staying, watching, unread = placed(index, Reach()), made(watches=5), made()
    index.add(watching)
    index.add(unread)
    reach = Reach(
        owned(1, 2).conditions,
        frozenset({OWNERS, LINKS}),
        frozenset({"todo.team"}),
        frozenset({"todo.tag"}),
    )
    leaving = [
        placed(index, reach, members=(7, 8)),
        placed(index, owned(3), members=tuple(range(2000))),
        placed(index, owned()),
        watching,
        unread,
    ]
    for audience in leaving:
        index.remove(audience)
    assert not index.columns(TASK)
    assert not any(map(index.paths, (TASK, "todo.list", "todo.link")))
    assert rooted(index, change(7)) == {staying}
    index.remove(staying)
    assert not any(vars(index).values())


conditions = st.lists(
    st.builds(Condition, st.sampled_from(["a", "b"]), st.frozensets(st.integers(0, 2))),
    max_size=2,
    unique_by=lambda condition: condition.column,
)
memberships = st.dictionaries(st.integers(0, 4), st.just("x"), max_size=4)


@given(
    steps=st.lists(st.tuples(st.integers(0, 2), conditions, memberships), max_size=12),
    pk=st.integers(0, 4),
    values=st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 2)),
)
def test_whom_a_change_concerns_is_what_asking_each_would_say(
    steps: list[tuple[int, list[Condition], dict[int | str, str]]],
    pk: int,
    values: dict[str, int],
) -> None:
    """Audiences come, learn and go in any order; then one row changes."""
    index = Index()
    audiences = [made() for _ in range(3)]
    inside: set[Audience] = set()
    for number, told, members in steps:
        audience = audiences[number]
        if audience not in inside:
            index.add(audience)
            inside.add(audience)
        elif not told and not members:
            index.remove(audience)
            inside.remove(audience)
            audience.known = Known()
        else:
            before = audience.known.members or {}
            moves = Moves(
                left=[key for key in before if key not in members],
                entered={key: each for key, each in members.items() if key not in before},
            )
            known = Known(members=members, reach=Reach(tuple(told)))
            index.place(audience, known, moves)
    changed = change(pk, **values)
    expected = {each for each in inside if may_see(each, changed)}
    found = rooted(index, changed)
    assert expected <= found
    if values.keys() == {"a", "b"}:
        assert found == expected


def may_see(audience: Audience, changed: Change) -> bool:
    reach, pk = audience.known.reach, changed.pk
    return (
        reach is None
        or pk in (audience.known.members or {})
        or all(
            not each.values.isdisjoint(changed.values.get(each.column, each.values))
            for each in reach.conditions
        )
    )
