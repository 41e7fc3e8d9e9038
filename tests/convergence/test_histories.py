"""Histories that are worth a name: each promise once, and whatever random histories have found."""

import pytest
from django.db import connection

from tests.convergence import identity_writes, link_writes, questions, writes
from tests.convergence.faults import FAULTS
from tests.convergence.gate import POINTS
from tests.convergence.history import WAYS, Block, History, Step, Write
from tests.convergence.tracker.models import Comment

MOVES = (
    writes.move_task,
    writes.move_comments,
    writes.move_project,
    writes.update_tasks_that_leave_their_condition,
    writes.bulk_create_over_what_is_there,
    writes.change_slug,
    link_writes.change_members,
    link_writes.suspend_roles,
    link_writes.move_notes,
)
"""What takes rows out of one list and puts them into another."""


def watch(history: History, *asked: questions.Asks) -> None:
    """Ada follows each of these questions, in each way."""
    for asks in asked:
        for way in WAYS:
            history.subscribe(0, asks, (0, 0), way)


def watch_by_all(history: History, *asked: questions.Asks) -> None:
    """Each person follows each of these questions, in one way or another."""
    for person in range(6):
        for asks in asked:
            history.subscribe(person, asks, (0, 0), WAYS[person % len(WAYS)])


@pytest.mark.parametrize("fault", FAULTS)
def test_changes_may_be_lost_or_late_or_come_twice(history: History, fault: str) -> None:
    watch(history, questions.tasks, questions.one_task, questions.projects)
    history.break_layer(fault)
    for write in (writes.save_task, writes.delete_task, writes.create_task, writes.move_task):
        history.write(write, (1, 0))
        history.run()


def test_who_shares_a_question_is_told_what_is_so_for_them(history: History) -> None:
    watch_by_all(history, questions.board, questions.tasks)
    for write in (writes.save_task, writes.assign_task, identity_writes.flip_staff):
        for row in range(3):
            history.write(write, (row, 1, 1))
            history.quiet()


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("move", MOVES)
def test_what_is_written_during_an_evaluation_is_told_after_it(
    history: History, point: str, move: Write
) -> None:
    watch(history, questions.tasks, questions.projects)
    watch(history, questions.quiet_tasks, questions.project_tasks)
    history.hold(point)
    history.write(writes.save_task, (0,))
    history.run()
    history.write(move, (0, 3, 1, 1))


@pytest.mark.parametrize("way", ["snapshot", "plain"])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    "write", [writes.save_task, writes.move_task, writes.save_comment, link_writes.create_note]
)
def test_what_is_written_during_a_first_evaluation_follows_it(
    history: History, write: Write, point: str, way: str
) -> None:
    history.subscribe(0, questions.tasks, (0,), way, point)
    history.write(write, (1, 1))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    "write", [writes.delete_task, writes.move_project, writes.finish_chores, writes.save_task]
)
def test_who_fetched_before_its_first_evaluation_fetches_again_what_changed_since(
    history: History, write: Write, point: str
) -> None:
    history.subscribe(0, questions.tasks, (0,), "plain")
    for asks in (questions.tasks, questions.chores, questions.projects):
        history.subscribe(1, asks, (0,), "plain", point)
        history.write(write, (1, 7, 1))


@pytest.mark.parametrize("way", WAYS)
def test_what_a_joiner_is_shown_is_told_to_those_who_were_there_before(
    history: History, way: str
) -> None:
    history.subscribe(1, questions.tasks, (0,), way)
    history.break_layer("delay")
    history.write(link_writes.create_note, (1, 4))
    history.subscribe(1, questions.tasks, (0,), way)


def test_what_is_rolled_back_is_told_to_nobody_and_what_is_around_it_is(history: History) -> None:
    watch(history, questions.tasks, questions.top_tasks)
    create, save = Step(writes.create_task), Step(writes.save_task)
    history.transaction(Block((create, save), commit=False))
    history.run()
    undone = Block((create, save), commit=False)
    kept = Block((create, undone, save))
    history.transaction(Block((save, undone, kept, undone, Step(writes.delete_task, (1,)))))


def test_what_the_database_refuses_to_commit_is_told_to_nobody(history: History) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time.")
    watch(history, questions.tasks, questions.one_task)
    history.write_with_the_other_hand(writes.create_comment, (0,))
    history.write(writes.delete_task, (0,))
    there = Comment.objects.count()
    history.end_the_other_hand(commit=True)
    assert Comment.objects.count() == there


@pytest.mark.parametrize("write", identity_writes.IDENTITY_WRITES)
def test_who_somebody_is_counts_at_once(history: History, write: Write) -> None:
    watch_by_all(history, questions.tasks, questions.audited_tasks, questions.board)
    for person in range(2):
        history.write(write, (person, person, 1, person))
        history.quiet()


@pytest.mark.parametrize("write", identity_writes.SWITCH_WRITES)
def test_what_a_permission_reads_in_a_table_that_no_relation_leads_to_counts_at_once(
    history: History, write: Write
) -> None:
    watch_by_all(history, questions.board)
    for number in range(2):
        history.write(write, (0, number))
        history.quiet()


def test_who_somebody_is_counts_with_the_transaction_that_says_so(history: History) -> None:
    watch_by_all(history, questions.tasks, questions.audited_tasks)
    promote = Step(identity_writes.flip_staff, (1,))
    join = Step(identity_writes.change_groups, (1,))
    history.transaction(Block((promote, join, Step(writes.save_task, (1,))), commit=False))
    history.quiet()
    undone = Block((promote, Step(writes.delete_task, (1,))), commit=False)
    history.transaction(Block((undone, join, promote, Step(writes.save_task, (0,)))))


def test_a_session_that_ends_counts_at_once(history: History) -> None:
    watch_by_all(history, questions.tasks, questions.public_projects)
    history.log_out(0)
    history.end_session(1)
    history.quiet()
    history.log_in(0)
    watch(history, questions.tasks)
    history.write(writes.save_task, (0,))


def test_each_row_that_leaves_the_first_three_lets_another_in(history: History) -> None:
    watch(history, questions.top_tasks)
    for write in (writes.reposition_task, writes.delete_task, writes.create_task):
        history.write(write, (0, 7, 7))
        history.quiet()
