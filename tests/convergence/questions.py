"""What subscriptions ask, in GraphQL and in REST, and what REST answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from graphql import DocumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, parse
from rest_framework.test import APIClient

from tests.convergence.tracker.models import Comment, Milestone, Project, Task
from tests.convergence.world import Choices

Fields = dict[str, "Fields | None"]
Shown = dict[str, Any]
"""A row as a client sees it."""

TASK = (
    "id version text done position project project_name assignee tags"
    " comments { id text author } comment_count is_mine is_editable team_name note_texts"
)
PLAIN = "id version text done position"
PROJECT = "id version slug name visible team tags open_tasks"
MILESTONE = "id version text done due"
COMMENT = "id task text author hidden"
BUSY = f"{PLAIN} last_comment"
CREW = "id name roles { id user active } members"

SELECTIONS: Mapping[str, tuple[str, ...]] = {
    TASK: (
        TASK,
        "id version text",
        "id comments { text author }",
        "id project_name tags note_texts",
        "id comment_count is_mine is_editable team_name assignee",
    ),
    PLAIN: (PLAIN, "id done"),
    PROJECT: (PROJECT, "id slug name", "id slug tags team", "id slug open_tasks"),
    MILESTONE: (MILESTONE, "id due", "id text"),
    COMMENT: (COMMENT, "id author"),
    BUSY: (BUSY, "id done", "id last_comment"),
    CREW: (CREW, "id name", "id roles { active }", "id members"),
}
"""What may be selected of a row, all of it first; what a client knows a row by is always there."""


@dataclass(frozen=True)
class Question:
    """One list, or one object. ``key`` is the field whose value is the client's id of a row.

    ``asks_twice``: the view asks first what one may see and then for it, so that rows which are
    written in between may make it show what nobody was to see at any moment, as over REST.
    """

    root: str
    path: str
    fields: str
    model: str
    arguments: str = ""
    params: tuple[tuple[str, str], ...] = ()
    lookup: str | None = None
    key: str = "id"
    asks_twice: bool = False

    @property
    def url(self) -> str:
        """Where REST answers it."""
        lookup = "" if self.lookup is None else f"{self.lookup}/"
        query = f"?{urlencode(self.params)}" if self.params else ""
        return f"/tracker/{self.path}{lookup}{query}"

    def document(self, selection: str, *, snapshot: bool) -> str:
        """The subscription."""
        arguments = f"{self.arguments} snapshot: {json.dumps(snapshot)}"
        rows = f"instance {{ {selection} }} instances {{ {selection} }}"
        return f"subscription {{ {self.root}({arguments}) {{ action id {rows} }} }}"


@dataclass(frozen=True)
class Answer:
    """What REST says: a status, and the rows by the client's id of them."""

    status: int
    rows: Mapping[str, Shown]


def ask(client: APIClient, question: Question) -> Answer:
    """``GET`` it, every page."""
    url: str | None = question.url
    rows: list[Any] = []
    while url is not None:
        response: Any = client.get(url)
        if response.status_code != 200:
            return Answer(response.status_code, {})
        body = json.loads(response.content)
        if question.lookup is not None:
            body = [body]
        url = None
        if isinstance(body, dict):
            url, body = body["next"], body["results"]
        rows += body
    return Answer(200, {str(row[question.key]): canonical(row) for row in rows})


def canonical(value: Any) -> Any:
    """A JSON value with its numbers as text: keys are ``ID`` in GraphQL."""
    if isinstance(value, dict):
        return {name: canonical(each) for name, each in value.items()}
    if isinstance(value, list):
        return [canonical(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def selected(row: Any, selection: str) -> Any:
    """What a selection leaves of a row."""
    return _prune(row, _fields(selection))


def _prune(value: Any, fields: Fields | None) -> Any:
    if fields is None:
        return value
    if isinstance(value, list):
        return [_prune(each, fields) for each in value]
    return {name: _prune(value[name], nested) for name, nested in fields.items()}


@cache
def _fields(selection: str) -> Fields:
    document: DocumentNode = parse(f"{{ {selection} }}")
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return _read(operation.selection_set)


def _read(selection_set: SelectionSetNode) -> Fields:
    fields = [each for each in selection_set.selections if isinstance(each, FieldNode)]
    return {
        each.name.value: _read(each.selection_set) if each.selection_set else None
        for each in fields
    }


# --- the questions ---


def tasks(_: Choices) -> Question:
    """All tasks of one's teams."""
    return Question("tasks", "tasks/", TASK, "tracker.Task")


def open_tasks(_: Choices) -> Question:
    """Those that are not done."""
    return Question(
        "tasks", "tasks/", TASK, "tracker.Task", "filter: {done: false}", (("done", "false"),)
    )


def tasks_of_a_project(choose: Choices) -> Question:
    """Those of one project, by a filter."""
    pk = str(choose.one(Project.objects).pk)
    return Question(
        "tasks", "tasks/", TASK, "tracker.Task", f"filter: {{project: {pk}}}", (("project", pk),)
    )


def one_task(choose: Choices) -> Question:
    """One task."""
    pk = str(choose.one(Task.objects).pk)
    return Question("task", "tasks/", TASK, "tracker.Task", f"id: {pk}", lookup=pk)


def projects(_: Choices) -> Question:
    """The projects of one's teams."""
    return Question(
        "projects", "projects/", PROJECT, "tracker.Project", key="slug", asks_twice=True
    )


def one_project(choose: Choices) -> Question:
    """One project, by its slug."""
    slug = choose.one(Project.objects).slug
    return Question(
        "project",
        "projects/",
        PROJECT,
        "tracker.Project",
        f"slug: {json.dumps(slug)}",
        lookup=slug,
        key="slug",
        asks_twice=True,
    )


def public_projects(_: Choices) -> Question:
    """What anybody may see."""
    return Question("publicProjects", "public-projects/", PROJECT, "")


def project_tasks(choose: Choices) -> Question:
    """The tasks below a project's URL."""
    pk = choose.one(Project.objects).pk
    return Question("projectTasks", f"projects/{pk}/tasks/", PLAIN, "", f"project_pk: {pk}")


def milestones(_: Choices) -> Question:
    """Children, by pages."""
    return Question("milestones", "milestones/", MILESTONE, "tracker.Milestone")


def one_milestone(choose: Choices) -> Question:
    """One child."""
    pk = str(choose.one(Milestone.objects).pk)
    return Question(
        "milestone", "milestones/", MILESTONE, "tracker.Milestone", f"id: {pk}", lookup=pk
    )


def comments(_: Choices) -> Question:
    """The comments that one may read."""
    return Question("comments", "comments/", COMMENT, "tracker.Comment")


def one_comment(choose: Choices) -> Question:
    """One comment."""
    pk = str(choose.one(Comment.objects).pk)
    return Question("comment", "comments/", COMMENT, "tracker.Comment", f"id: {pk}", lookup=pk)


def audited_tasks(_: Choices) -> Question:
    """All tasks, for those who may view them."""
    return Question("auditedTasks", "audited-tasks/", PLAIN, "")


def board(_: Choices) -> Question:
    """The tasks of visible projects, while the board is open."""
    return Question("boardTasks", "board/", TASK, "")


def top_tasks(_: Choices) -> Question:
    """The first three."""
    return Question("topTasks", "top-tasks/", PLAIN, "")


def quiet_tasks(_: Choices) -> Question:
    """Tasks with a note and no hidden comment."""
    return Question("quietTasks", "quiet-tasks/", PLAIN, "")


def crews(_: Choices) -> Question:
    """The teams that one belongs to."""
    return Question("crews", "crews/", CREW, "tracker.Team")


def busy_tasks(_: Choices) -> Question:
    """Tasks that are spoken of."""
    return Question("busyTasks", "busy-tasks/", BUSY, "")


def latest_comments(_: Choices) -> Question:
    """The first two."""
    return Question("latestComments", "latest-comments/", COMMENT, "")


def either_tasks(_: Choices) -> Question:
    """Done, or to be seen."""
    return Question("eitherTasks", "either-tasks/", PLAIN, "")


def fragile_tasks(_: Choices) -> Question:
    """All tasks, unless one cannot be shown."""
    return Question("fragileTasks", "fragile-tasks/", PLAIN, "")


def chores(_: Choices) -> Question:
    """Open tasks, by their proxy."""
    return Question("chores", "chores/", PLAIN, "tracker.Chore")


Asks = Callable[[Choices], Question]
QUESTIONS: tuple[Asks, ...] = (
    tasks,
    open_tasks,
    tasks_of_a_project,
    one_task,
    projects,
    one_project,
    public_projects,
    project_tasks,
    milestones,
    one_milestone,
    comments,
    one_comment,
    audited_tasks,
    board,
    top_tasks,
    quiet_tasks,
    crews,
    busy_tasks,
    latest_comments,
    either_tasks,
    chores,
)
