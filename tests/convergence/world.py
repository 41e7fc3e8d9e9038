"""The rows that a history begins with, the people in it, and how a step chooses among rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Manager, Model, QuerySet
from rest_framework.authtoken.models import Token

from tests.convergence.tracker.models import (
    Comment,
    Milestone,
    Project,
    Role,
    Switch,
    Tag,
    Task,
    Team,
)
from tests.convergence.tracker.views import BOARD

User: Any = get_user_model()
Row = TypeVar("Row", bound=Model)

AUDITORS = "auditors"
NAMES = ("ada", "grace", "eve", "root")
"""Ada is in the first team, Grace in the second, Eve in none; root is on the staff."""


class NothingToChoose(Exception):
    """A step has no row to work on, and is left out."""


class Choices:
    """The numbers that a step was drawn with, made into rows, one after the other."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = iter(numbers)

    def number(self) -> int:
        """The next number; 0 where there is none left."""
        return next(self._numbers, 0)

    def flag(self) -> bool:
        """Yes or no."""
        return bool(self.number() % 2)

    def one(self, rows: "QuerySet[Row] | Manager[Row]") -> Row:
        """Any of the rows. Raises ``NothingToChoose``."""
        ordered = list(rows.order_by("pk"))
        if not ordered:
            raise NothingToChoose
        return ordered[self.number() % len(ordered)]

    def some(self, rows: "QuerySet[Row] | Manager[Row]") -> list[Row]:
        """Any of the rows, or none, or all: those whose bit is set in the next number."""
        mask = self.number()
        return [row for index, row in enumerate(rows.order_by("pk")) if mask >> index & 1]


class World:
    """What there is at the beginning, and what tells a later state of a row from an earlier one."""

    def __init__(self) -> None:
        self._clock = count(1)
        with transaction.atomic():
            _clear()
            self._make_people()
            self._make_rows()

    def tick(self) -> int:
        """A number greater than all before."""
        return next(self._clock)

    def word(self) -> str:
        """A word that nobody used before."""
        return f"w{self.tick()}"

    def _make_people(self) -> None:
        self.users = [User.objects.create(username=name) for name in NAMES]
        User.objects.filter(username="root").update(is_staff=True)
        Token.objects.create(user=self.users[2], key="token-eve")
        auditors = Group.objects.create(name=AUDITORS)
        auditors.permissions.add(may_view())
        self.users[0].groups.add(auditors)
        Switch.objects.create(name=BOARD)

    def _make_rows(self) -> None:
        ada, grace = self.users[:2]
        tags = [Tag.objects.create(name=name) for name in ("red", "green")]
        for index, user in enumerate((ada, grace)):
            team = Team.objects.create(name=f"team{index}")
            team.members.add(user)
            Role.objects.create(team=team, user=user)
            for visible in (True, False):
                project = Project.objects.create(
                    name=f"project{index}", slug=self.word(), team=team, visible=visible
                )
                project.tags.add(tags[index])
                task = Task.objects.create(project=project, text=self.word(), assignee=user)
                task.tags.add(tags[index])
                Comment.objects.create(task=task, author=user, text=self.word())
                task.notes.create(text=self.word())
            Milestone.objects.create(project=project, text=self.word(), due=index)


@contextmanager
def hurried() -> Iterator[None]:
    """Meanwhile, this thread's connection waits for no disk, and not long for rows that another
    hand has locked: nobody moves that one on.
    """
    _set(synchronous_commit="off", lock_timeout="100")
    try:
        yield
    finally:
        _set(synchronous_commit="DEFAULT", lock_timeout="DEFAULT")


def _set(**options: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name, value in options.items():
                cursor.execute(f"SET {name} = {value}")


def may_view() -> Permission:
    """The permission to view tasks."""
    return Permission.objects.get(codename="view_task", content_type__app_label="tracker")


def _clear() -> None:
    """Delete every row that a history can have made; truncating tables would take longer."""
    models: list[Any] = list(apps.get_app_config("tracker").get_models(include_auto_created=True))
    models += [Session, Token, User.groups.through, User.user_permissions.through]
    models += [Group.permissions.through, Group, User]
    with connection.cursor() as cursor:
        for model in _children_first([each for each in models if not each._meta.proxy]):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")


def _children_first(models: list[Any]) -> list[Any]:
    ordered: list[Any] = []
    waiting = list(models)
    while waiting:
        referred = {
            field.related_model
            for model in waiting
            for field in model._meta.local_concrete_fields
            if field.is_relation and field.related_model is not model
        }
        free = [model for model in waiting if model not in referred]
        ordered += free
        waiting = [model for model in waiting if model in referred]
    return ordered
