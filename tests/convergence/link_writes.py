"""Ways to write what links two rows: many-to-many, through rows, generic rows; and raw SQL."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection

from gql_live import notify
from tests.convergence.tracker.models import Note, Project, Role, Tag, Task, Team
from tests.convergence.world import Choices, User, World


def _change_links(manager: Any, rows: list[Any], how: int) -> None:
    """Add, remove, set or clear."""
    match how % 5:
        case 0:
            manager.add(*rows)
        case 1:
            manager.remove(*rows)
        case 2:
            manager.set(rows)
        case 3:
            manager.set(rows, clear=True)
        case _:
            manager.clear()


def tag_a_task(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    _change_links(task.tags, choose.some(Tag.objects), choose.number())


def tag_tasks(world: World, choose: Choices) -> None:
    tag: Any = choose.one(Tag.objects)
    _change_links(tag.tasks, choose.some(Task.objects), choose.number())


def tag_a_project(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    _change_links(project.tags, choose.some(Tag.objects), choose.number())


def create_a_tag_of_a_task(world: World, choose: Choices) -> None:
    choose.one(Task.objects).tags.create(name=world.word())


def write_the_links_table(world: World, choose: Choices) -> None:
    links: Any = Task.tags.through.objects
    task, tag = choose.one(Task.objects), choose.one(Tag.objects)
    link = links.filter(task=task, tag=tag)
    match choose.number() % 3:
        case 0 if not link.exists():
            links.create(task=task, tag=tag)
        case 1 if not link.exists():
            links.bulk_create([Task.tags.through(task=task, tag=tag)])
        case _:
            link.delete()


def change_members(world: World, choose: Choices) -> None:
    team = choose.one(Team.objects)
    _change_links(team.members, choose.some(User.objects), choose.number())


def change_teams_of_a_user(world: World, choose: Choices) -> None:
    user = choose.one(User.objects)
    _change_links(user.teams, choose.some(Team.objects), choose.number())


def write_the_members_table(world: World, choose: Choices) -> None:
    links: Any = Team.members.through.objects
    team, user = choose.one(Team.objects), choose.one(User.objects)
    link = links.filter(team=team, user=user)
    if link.exists():
        link.delete()
    else:
        links.bulk_create([Team.members.through(team=team, user=user)])


def move_members(world: World, choose: Choices) -> None:
    links: Any = Team.members.through.objects
    team = choose.one(Team.objects)
    links.filter(user__in=links.filter(team=team).values("user")).exclude(team=team).delete()
    links.filter(user=choose.one(User.objects)).update(team=team)


def grant_role(world: World, choose: Choices) -> None:
    Role.objects.update_or_create(
        team=choose.one(Team.objects),
        user=choose.one(User.objects),
        defaults={"active": choose.flag()},
    )


def suspend_roles(world: World, choose: Choices) -> None:
    Role.objects.filter(team=choose.one(Team.objects)).update(active=choose.flag())


def delete_role(world: World, choose: Choices) -> None:
    choose.one(Role.objects).delete()


def change_staff_through_the_relation(world: World, choose: Choices) -> None:
    team: Any = choose.one(Team.objects)
    _change_links(team.staff, choose.some(User.objects), choose.number())


def create_note(world: World, choose: Choices) -> None:
    if choose.flag():
        choose.one(Task.objects).notes.create(text=world.word())
    else:
        Note.objects.create(row=choose.one(Task.objects), text=world.word())


def save_note(world: World, choose: Choices) -> None:
    note = choose.one(Note.objects)
    note.text = world.word()
    note.save()


def move_note(world: World, choose: Choices) -> None:
    note = choose.one(Note.objects)
    note.row = choose.one(Task.objects)
    note.save()


def move_notes(world: World, choose: Choices) -> None:
    keys = [note.pk for note in choose.some(Note.objects)]
    Note.objects.filter(pk__in=keys).update(object_id=choose.one(Task.objects).pk)


def turn_a_note_to_a_project(world: World, choose: Choices) -> None:
    note = choose.one(Note.objects)
    note.row = choose.one(Project.objects)
    note.save()


def change_notes(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    content_type = ContentType.objects.get_for_model(Task)
    notes: Any = Note.objects.filter(content_type=content_type)
    _change_links(task.notes, choose.some(notes), choose.number())


def delete_notes(world: World, choose: Choices) -> None:
    keys = [note.pk for note in choose.some(Note.objects)]
    Note.objects.filter(pk__in=keys).delete()


def write_raw_sql(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracker_task SET text = %s, version = %s WHERE id = %s",
            [world.word(), world.tick(), task.pk],
        )
    notify(task)


def write_raw_sql_to_many(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracker_task SET text = %s, version = %s WHERE project_id = %s",
            [world.word(), world.tick(), project.pk],
        )
    notify(Task.objects.filter(project=project))


LINK_WRITES = (
    tag_a_task,
    tag_tasks,
    tag_a_project,
    create_a_tag_of_a_task,
    write_the_links_table,
    change_members,
    change_teams_of_a_user,
    write_the_members_table,
    move_members,
    grant_role,
    suspend_roles,
    delete_role,
    change_staff_through_the_relation,
    create_note,
    save_note,
    move_note,
    move_notes,
    turn_a_note_to_a_project,
    change_notes,
    delete_notes,
    write_raw_sql,
    write_raw_sql_to_many,
)
