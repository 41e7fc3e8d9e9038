"""What nobody should do to rows, and what happens to them at the wrong moment: the writer gets what
Django gives without gql_live, and each client ends with what REST lists.
"""

import pytest
from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save, pre_save

from gql_live import notify
from gql_live.changes import NAMED_ROWS
from tests.convergence import questions, writes
from tests.convergence.gate import POINTS
from tests.convergence.history import WAYS, History, Write
from tests.convergence.questions import TASK, Question
from tests.convergence.tracker.models import Comment, Project, Task
from tests.convergence.tracker.serializers import BROKEN
from tests.convergence.world import Choices, World

MANY = 100_000
MAKE_MANY = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
INSERT INTO tracker_task (project_id, text, done, position, version)
SELECT %s, 'many', true, 9, 0 FROM numbers
"""


def watch_tasks(history: History) -> None:
    """What shows tasks, in each way to follow it."""
    for way in WAYS:
        for asks in (questions.tasks, questions.one_task, questions.top_tasks, questions.projects):
            history.subscribe(0, asks, (0,), way)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("delete", [writes.delete_task, writes.delete_project])
def test_a_row_may_be_deleted_while_it_is_evaluated(
    history: History, point: str, delete: Write
) -> None:
    watch_tasks(history)
    history.hold(point)
    history.write(writes.save_task)
    history.run()
    history.write(delete)
    history.quiet()
    assert not any(row.text == "w19" for row in Task.objects.all())


@pytest.mark.parametrize("delete", [writes.delete_team, writes.delete_project])
def test_what_a_row_is_made_of_may_be_deleted_while_it_is_evaluated(
    history: History, delete: Write
) -> None:
    for way in ("snapshot", "plain"):
        history.subscribe(0, questions.board, (0,), way)
    history.hold("row")
    history.write(writes.save_task)
    history.run()
    history.write(delete)  # the team of its project is read when the row shows its name
    history.quiet()


def test_a_serializer_that_fails_on_one_row_costs_nobody_else_anything(history: History) -> None:
    def break_one(world: World, choose: Choices) -> None:
        task = choose.one(Task.objects)
        task.text, task.version = BROKEN, world.tick()
        task.save()

    history.tolerant = True  # of the view's own fault
    watch_tasks(history)
    for way in ("snapshot", "plain"):
        history.subscribe(0, questions.fragile_tasks, (), way)
    history.write(break_one, (1,))
    history.quiet()
    history.write(writes.save_task, (0,))  # another one of many, meanwhile
    history.quiet()
    history.write(writes.save_task, (1,))
    history.quiet()


def test_an_instance_with_deferred_columns_or_relations_may_be_saved(history: History) -> None:
    def save(world: World, choose: Choices) -> None:
        task = Task.objects.defer("project", "text").earliest("pk")
        task.version = world.tick()
        task.save()
        task = Task.objects.only("pk").earliest("pk")
        task.project_id = Project.objects.latest("pk").pk
        task.version = world.tick()
        task.save()

    watch_tasks(history)
    history.write(save)


def test_an_instance_with_an_unsaved_relation_is_refused_as_ever(history: History) -> None:
    def save(world: World, choose: Choices) -> None:
        with pytest.raises(ValueError, match="unsaved related object"):
            Task.objects.create(project=Project(name="unsaved"), text=world.word())
        comment = Comment.objects.earliest("pk")
        comment.task = Task(project=Project.objects.earliest("pk"))
        with pytest.raises(ValueError, match="unsaved related object"):
            comment.save()

    watch_tasks(history)
    history.write(save)


def test_a_signal_may_be_sent_by_hand_with_a_stale_instance(history: History) -> None:
    def send(world: World, choose: Choices) -> None:
        stale, gone = Task.objects.order_by("pk")[:2]
        Task.objects.filter(pk=stale.pk).update(text=world.word(), version=world.tick())
        Task.objects.filter(pk=gone.pk).delete()
        for instance in (stale, gone):
            options = {"instance": instance, "using": "default"}
            pre_save.send(Task, raw=False, update_fields=None, **options)
            post_save.send(Task, created=True, raw=False, update_fields=None, **options)
            post_save.send(Task, created=False, raw=True, update_fields=None, **options)
            post_delete.send(Task, origin=instance, **options)

    watch_tasks(history)
    history.write(send)


def test_a_row_without_a_key_harms_nobody(history: History) -> None:
    def write(world: World, choose: Choices) -> None:
        keyless = Task(project=Project.objects.earliest("pk"), text=world.word())
        options = {"instance": keyless, "using": "default"}
        post_save.send(Task, created=True, raw=False, update_fields=None, **options)
        post_delete.send(Task, origin=keyless, **options)
        with pytest.raises(ValueError, match="no key"):
            notify(keyless)
        with pytest.raises(ValueError, match="id attribute is set to None"):
            keyless.delete()
        keyless.version = world.tick()
        Task.objects.bulk_create([keyless], ignore_conflicts=True)
        assert keyless.pk is None

    watch_tasks(history)
    history.write(write)


def make_tasks(count: int) -> None:
    """By hand: nobody is told."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE_MANY, [count, Project.objects.earliest("pk").pk])


def test_more_rows_than_are_named_may_change_within_others(history: History) -> None:
    def add(world: World, choose: Choices) -> None:
        task = Task.objects.earliest("pk")
        with transaction.atomic():
            Comment.objects.bulk_create(
                [Comment(task=task, text="many") for _ in range(NAMED_ROWS + 1)]
            )

    def remove(world: World, choose: Choices) -> None:
        Comment.objects.filter(text="many").delete()

    for asks in (questions.tasks, questions.one_task):
        for way in ("snapshot", "plain"):
            history.subscribe(0, asks, (0, 4), way)
    for write in (add, remove):
        history.write(write)
        history.quiet()


def test_a_hundred_thousand_rows_may_change_in_one_transaction(history: History) -> None:
    def write(world: World, choose: Choices) -> None:
        many = Task.objects.filter(text="many")
        with transaction.atomic():
            assert many.update(done=True, version=world.tick()) == MANY
            many.update(project=Project.objects.latest("pk"), position=-1, version=world.tick())

    make_tasks(MANY)
    for way in WAYS:
        for asks in (questions.one_task, questions.top_tasks, questions.chores):
            history.subscribe(0, asks, (0,), way)
    pk = str(Task.objects.filter(text="many").earliest("pk").pk)
    one = Question("task", "tasks/", TASK, "tracker.Task", f"id: {pk}", lookup=pk)
    for person in (0, 3):  # from whom it is taken, and who keeps it
        history.subscribe(person, lambda _: one)
    history.subscribe(1, questions.projects)
    history.write(write)
    history.quiet()
    assert Task.objects.filter(position=-1).count() == MANY
