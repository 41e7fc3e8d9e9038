"""Ways to write, one a function: what a project does to its rows through Django."""

from asgiref.sync import async_to_sync
from django.db.models import F

from tests.convergence.tracker.models import Chore, Comment, Milestone, Project, Tag, Task, Team
from tests.convergence.world import Choices, User, World

# --- tasks, one at a time ---


def create_task(world: World, choose: Choices) -> None:
    Task.objects.create(
        project=choose.one(Project.objects),
        text=world.word(),
        done=choose.flag(),
        position=choose.number(),
        version=world.tick(),
    )


def save_task(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    task.text, task.version = world.word(), world.tick()
    task.save()


def save_some_fields(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    task.done, task.version = not task.done, world.tick()
    task.save(update_fields=["done", "version"])


def move_task(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    task.project, task.version = choose.one(Project.objects), world.tick()
    task.save()


def assign_task(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    task.assignee = choose.one(User.objects) if choose.flag() else None
    task.version = world.tick()
    task.save()


def reposition_task(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    task.position, task.version = choose.number() - 4, world.tick()
    task.save(update_fields=["position", "version"])


def save_task_with_deferred_columns(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects.only("id", "text"))
    task.text, task.version = world.word(), world.tick()
    task.save()


def save_task_asynchronously(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    task.done, task.version = not task.done, world.tick()
    async_to_sync(task.asave)()


def get_or_create_task(world: World, choose: Choices) -> None:
    number = choose.number() % 3
    project = choose.one(Project.objects)
    defaults = {"version": world.tick()}
    task = Task.objects.filter(project=project, text=f"named {number}").first()
    if task is None:
        Task.objects.get_or_create(project=project, text=f"named {number}", defaults=defaults)
    else:
        Task.objects.update_or_create(pk=task.pk, defaults={**defaults, "done": not task.done})


def delete_task(world: World, choose: Choices) -> None:
    choose.one(Task.objects).delete()


def put_a_deleted_task_back(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects.filter(milestone=None))
    key = task.pk
    task.delete()
    task.pk, task.text, task.version = key, world.word(), world.tick()
    task.save()


# --- tasks, many at once ---


def update_tasks(world: World, choose: Choices) -> None:
    tasks = Task.objects.filter(project=choose.one(Project.objects))
    tasks.update(done=choose.flag(), text=world.word(), version=world.tick())


def update_tasks_through_a_join(world: World, choose: Choices) -> None:
    tasks = Task.objects.filter(project__team=choose.one(Team.objects))
    tasks.update(done=choose.flag(), version=world.tick())


def update_tasks_that_leave_their_condition(world: World, choose: Choices) -> None:
    done = choose.flag()
    Task.objects.filter(done=done).update(done=not done, version=world.tick())


def move_tasks(world: World, choose: Choices) -> None:
    tasks = Task.objects.filter(project=choose.one(Project.objects))
    tasks.update(project=choose.one(Project.objects), version=world.tick())


def update_tasks_by_an_expression(world: World, choose: Choices) -> None:
    keys = [task.pk for task in choose.some(Task.objects)]
    Task.objects.filter(pk__in=keys).update(position=F("position") + 1, version=world.tick())


def update_tasks_asynchronously(world: World, choose: Choices) -> None:
    tasks = Task.objects.filter(project=choose.one(Project.objects))
    async_to_sync(tasks.aupdate)(text=world.word(), version=world.tick())


def bulk_create_tasks(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    tasks = [Task(project=project, text=world.word(), version=world.tick()) for _ in range(3)]
    Task.objects.bulk_create(tasks, batch_size=2)


def bulk_create_rows_that_get_no_keys(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    tasks = [Task(project=project, text=world.word(), version=world.tick()) for _ in range(2)]
    Task.objects.bulk_create(tasks, ignore_conflicts=True)


def bulk_create_beside_what_is_there(world: World, choose: Choices) -> None:
    there, project = choose.one(Task.objects), choose.one(Project.objects)
    again = Task(pk=there.pk, project=project, text="never", version=world.tick())
    Task.objects.bulk_create([again], ignore_conflicts=True)


def bulk_create_over_what_is_there(world: World, choose: Choices) -> None:
    there, project = choose.one(Task.objects), choose.one(Project.objects)
    again = Task(pk=there.pk, project=project, text=world.word(), version=world.tick())
    Task.objects.bulk_create(
        [again],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["text", "project", "version"],
    )


def bulk_update_tasks(world: World, choose: Choices) -> None:
    tasks = choose.some(Task.objects)
    for task in tasks:
        task.done, task.version = not task.done, world.tick()
    Task.objects.bulk_update(tasks, ["done", "version"])


def delete_tasks(world: World, choose: Choices) -> None:
    keys = [task.pk for task in choose.some(Task.objects)]
    Task.objects.filter(pk__in=keys).delete()


def delete_done_tasks(world: World, choose: Choices) -> None:
    Task.objects.filter(done=True).delete()


# --- rows in two tables, and rows under two names ---


def create_milestone(world: World, choose: Choices) -> None:
    Milestone.objects.create(
        project=choose.one(Project.objects), text=world.word(), version=world.tick()
    )


def make_a_task_a_milestone(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects.filter(milestone=None))
    milestone = Milestone(task_ptr=task, due=choose.number())
    milestone.save_base(raw=True)


def save_milestone(world: World, choose: Choices) -> None:
    milestone = choose.one(Milestone.objects)
    milestone.due, milestone.text = choose.number(), world.word()
    milestone.version = world.tick()
    milestone.save()


def update_milestones(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    Milestone.objects.filter(project=project).update(due=F("due") + 1)


def update_milestones_in_both_tables(world: World, choose: Choices) -> None:
    Milestone.objects.update(due=choose.number(), done=choose.flag(), version=world.tick())


def delete_milestone_only(world: World, choose: Choices) -> None:
    choose.one(Milestone.objects).delete(keep_parents=True)


def delete_milestones(world: World, choose: Choices) -> None:
    keys = [each.pk for each in choose.some(Milestone.objects)]
    Milestone.objects.filter(pk__in=keys).delete()


def save_chore(world: World, choose: Choices) -> None:
    chore = choose.one(Chore.objects.all())
    chore.text, chore.version = world.word(), world.tick()
    chore.save()


def finish_chores(world: World, choose: Choices) -> None:
    keys = [each.pk for each in choose.some(Chore.objects.all())]
    Chore.objects.filter(pk__in=keys).update(done=True, version=world.tick())


# --- what is nested in tasks ---


def create_comment(world: World, choose: Choices) -> None:
    Comment.objects.create(
        task=choose.one(Task.objects),
        author=choose.one(User.objects),
        text=world.word(),
        hidden=choose.flag(),
    )


def save_comment(world: World, choose: Choices) -> None:
    comment = choose.one(Comment.objects)
    comment.text = world.word()
    comment.save()


def hide_comment(world: World, choose: Choices) -> None:
    comment = choose.one(Comment.objects)
    comment.hidden = not comment.hidden
    comment.save(update_fields=["hidden"])


def move_comment(world: World, choose: Choices) -> None:
    comment = choose.one(Comment.objects)
    comment.task = choose.one(Task.objects)
    comment.save()


def move_comments(world: World, choose: Choices) -> None:
    comments = Comment.objects.filter(task=choose.one(Task.objects))
    comments.update(task=choose.one(Task.objects))


def move_comments_one_by_one(world: World, choose: Choices) -> None:
    comments = choose.some(Comment.objects)
    for comment in comments:
        comment.task = choose.one(Task.objects)
    Comment.objects.bulk_update(comments, ["task"])


def delete_comment(world: World, choose: Choices) -> None:
    choose.one(Comment.objects).delete()


def bulk_create_comments(world: World, choose: Choices) -> None:
    task = choose.one(Task.objects)
    Comment.objects.bulk_create([Comment(task=task, text=world.word()) for _ in range(2)])


def delete_comments(world: World, choose: Choices) -> None:
    Comment.objects.filter(task__project=choose.one(Project.objects)).delete()


# --- what they belong to ---


def create_project(world: World, choose: Choices) -> None:
    Project.objects.create(
        name=world.word(),
        slug=world.word(),
        team=choose.one(Team.objects),
        visible=choose.flag(),
        version=world.tick(),
    )


def rename_project(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    project.name, project.version = world.word(), world.tick()
    project.save()


def change_slug(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    project.slug, project.version = world.word(), world.tick()
    project.save()


def swap_slugs(world: World, choose: Choices) -> None:
    one, other = choose.one(Project.objects), choose.one(Project.objects)
    first, second = one.slug, other.slug
    Project.objects.filter(pk=one.pk).update(slug=world.word(), version=world.tick())
    Project.objects.filter(pk=other.pk).update(slug=first, version=world.tick())
    if one.pk != other.pk:
        Project.objects.filter(pk=one.pk).update(slug=second, version=world.tick())


def show_or_hide_project(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    project.visible, project.version = not project.visible, world.tick()
    project.save()


def show_or_hide_projects(world: World, choose: Choices) -> None:
    Project.objects.filter(team=choose.one(Team.objects)).update(
        visible=choose.flag(), name=world.word(), version=world.tick()
    )


def move_project(world: World, choose: Choices) -> None:
    project = choose.one(Project.objects)
    project.team, project.version = choose.one(Team.objects), world.tick()
    project.save()


def move_projects(world: World, choose: Choices) -> None:
    projects = Project.objects.filter(team=choose.one(Team.objects))
    projects.update(team=choose.one(Team.objects), version=world.tick())


def delete_project(world: World, choose: Choices) -> None:
    choose.one(Project.objects).delete()


def rename_team(world: World, choose: Choices) -> None:
    team = choose.one(Team.objects)
    team.name = world.word()
    team.save()


def rename_teams(world: World, choose: Choices) -> None:
    Team.objects.update(name=world.word())


def delete_team(world: World, choose: Choices) -> None:
    choose.one(Team.objects).delete()


def delete_tag(world: World, choose: Choices) -> None:
    choose.one(Tag.objects).delete()


def rename_tag(world: World, choose: Choices) -> None:
    tag = choose.one(Tag.objects)
    tag.name = world.word()
    tag.save()


def rename_tags(world: World, choose: Choices) -> None:
    Tag.objects.update(name=world.word())


ROW_WRITES = (
    create_task,
    save_task,
    save_some_fields,
    move_task,
    assign_task,
    reposition_task,
    save_task_with_deferred_columns,
    save_task_asynchronously,
    get_or_create_task,
    delete_task,
    put_a_deleted_task_back,
    update_tasks,
    update_tasks_through_a_join,
    update_tasks_that_leave_their_condition,
    move_tasks,
    update_tasks_by_an_expression,
    update_tasks_asynchronously,
    bulk_create_tasks,
    bulk_create_rows_that_get_no_keys,
    bulk_create_beside_what_is_there,
    bulk_create_over_what_is_there,
    bulk_update_tasks,
    delete_tasks,
    delete_done_tasks,
    create_milestone,
    make_a_task_a_milestone,
    save_milestone,
    update_milestones,
    update_milestones_in_both_tables,
    delete_milestone_only,
    delete_milestones,
    save_chore,
    finish_chores,
    create_comment,
    save_comment,
    hide_comment,
    move_comment,
    move_comments,
    move_comments_one_by_one,
    delete_comment,
    bulk_create_comments,
    delete_comments,
    create_project,
    rename_project,
    change_slug,
    swap_slugs,
    show_or_hide_project,
    show_or_hide_projects,
    move_project,
    move_projects,
    delete_project,
    rename_team,
    rename_teams,
    delete_team,
    delete_tag,
    rename_tag,
    rename_tags,
)
