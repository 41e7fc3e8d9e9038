"""What is written to users, groups and permissions, and who is concerned."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, Permission, User, update_last_login
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model
from django.utils.timezone import now
from rest_framework.authtoken.models import Token

from gql_live.changes import EVERYBODY, IDENTITY
from tests.publish.conftest import Published

pytestmark = pytest.mark.django_db(transaction=True)

ADA, BOB = "1", "2"
ANYBODY = EVERYBODY


@dataclass
class People:
    """Who is there before each write."""

    ada: User
    bob: User
    editors: Group
    readers: Group
    permission: Permission


@pytest.fixture
def people(published: Published) -> People:
    ada = User.objects.create(pk=1, username="ada")
    bob = User.objects.create(pk=2, username="bob")
    editors, readers = (Group.objects.create(name=name) for name in ("editors", "readers"))
    permission = Permission.objects.all()[0]
    ada.groups.add(editors)
    editors.permissions.add(permission)
    Token.objects.create(user=ada)
    session = SessionStore()
    session[SESSION_KEY] = "1"
    session.save()
    published.take()
    return People(ada, bob, editors, readers, permission)


def saved(row: Model, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def unreadable_session() -> Session:
    return Session.objects.create(session_key="x", session_data="x", expire_date=now())


def log_in(it: People) -> None:
    user_logged_in.send(User, request=None, user=it.ada)


WRITES: list[tuple[str, Callable[[People], object], set[str]]] = [
    ("a save", lambda it: saved(it.ada, first_name="Ada"), {ADA}),
    ("a save of some fields", lambda it: it.ada.save(update_fields=["is_active"]), {ADA}),
    ("a look at the clock", lambda it: update_last_login(User, it.ada), set()),
    ("the clock and more", lambda it: it.ada.save(update_fields=["last_login", "email"]), {ADA}),
    ("an update", lambda _: User.objects.filter(username="ada").update(is_active=False), {ADA}),
    ("an update of all", lambda _: User.objects.update(is_staff=True), {ADA, BOB}),
    ("a delete", lambda it: it.bob.delete(), {BOB}),
    ("rows deleted", lambda _: User.objects.filter(username="bob").delete(), {BOB}),
    ("a group", lambda it: it.bob.groups.add(it.editors), {BOB}),
    ("a group from its side", lambda it: it.editors.user_set.add(it.ada, it.bob), {BOB}),
    ("a group left", lambda it: it.ada.groups.remove(it.editors), {ADA}),
    ("all groups left", lambda it: it.ada.groups.clear(), {ADA}),
    ("all members gone", lambda it: it.editors.user_set.clear(), {ADA}),
    ("other groups", lambda it: it.ada.groups.set([it.readers]), {ADA}),
    (
        "members at once",
        lambda it: User.groups.through.objects.bulk_create(
            [User.groups.through(user=it.bob, group=it.readers)]
        ),
        {BOB},
    ),
    (
        "members moved",
        lambda it: User.groups.through.objects.update(user=it.bob),
        {ANYBODY},
    ),
    ("a permission", lambda it: it.bob.user_permissions.add(it.permission), {BOB}),
    ("a group's permission", lambda it: it.readers.permissions.add(it.permission), {ANYBODY}),
    ("a group's permission taken", lambda it: it.editors.permissions.clear(), {ANYBODY}),
    ("a new group", lambda _: Group.objects.create(name="new"), set()),
    ("another name for a group", lambda it: saved(it.readers, name="x"), {ANYBODY}),
    ("a deleted group", lambda it: it.readers.delete(), {ANYBODY}),
    ("a login", log_in, {ADA}),
    ("a logout", lambda it: user_logged_out.send(User, request=None, user=it.ada), {ADA}),
    ("nobody's logout", lambda _: user_logged_out.send(User, request=None, user=None), set()),
    ("a session's end", lambda _: Session.objects.get().delete(), {ADA}),
    ("a token's end", lambda _: Token.objects.all().delete(), {ADA}),
    ("a session that nobody can read", lambda _: unreadable_session().delete(), set()),
]


@pytest.mark.parametrize(
    ("write", "concerned"), [pytest.param(*case[1:], id=case[0]) for case in WRITES]
)
def test_whom_a_write_concerns(
    people: People,
    published: Published,
    write: Callable[[People], object],
    concerned: set[str],
) -> None:
    with transaction.atomic():
        write(people)
        assert published.take(IDENTITY) == []
    assert {change.pk for change in published.take(IDENTITY)} == concerned


def test_no_key_of_a_session_or_token_travels(people: People, published: Published) -> None:
    Session.objects.get().save()
    Session.objects.all().delete()
    Token.objects.create(user=people.bob)
    Token.objects.all().delete()
    assert {change.model for change in published.take("")} <= {IDENTITY}
