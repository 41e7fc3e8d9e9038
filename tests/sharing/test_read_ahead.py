"""What is read ahead is what each would have looked up; whatever is not there is looked up."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token

from gql_live.read_ahead import ReadAhead, Sought
from gql_live.recording import content
from tests.todo.models import List

Look = Callable[[int], Any]
User: Any = get_user_model()
MANY = 5


class Filtered(QuerySet[Any]):
    """Decides by itself which rows there are."""

    def filter(self, *args: Any, **kwargs: Any) -> Any:
        return super().filter(*args, **kwargs).exclude(username="nobody")


class Named(QuerySet[Any]):
    """Says things shorter."""

    def by_key(self, key: Any) -> Any:
        return self.get(pk=key)


@pytest.fixture
def keys(db: None) -> list[int]:
    """Users from 101 on, each with a token, a session and a group of the same number."""
    numbers = list(range(101, 101 + MANY))
    for number in numbers:
        user = User.objects.create(pk=number, username=f"user-{number - 100}")
        Token.objects.create(key=f"token-{number}", user=user)
        Group.objects.create(pk=number, name=f"group-{number}")
        at = timezone.now() + timedelta(days=1)
        Session.objects.create(session_key=f"session-{number}", session_data="", expire_date=at)
    return numbers


def looked_up(
    look: Look, keys: Iterable[int], ahead: ReadAhead | None = None
) -> tuple[list[Any], list[Any], int]:
    """What each key finds, what of it may be read ahead, and the queries."""
    noted: list[Sought] = []
    ahead = ahead or ReadAhead()
    with CaptureQueriesContext(connection) as captured, ahead.answering(noted):
        found = [look(key) for key in keys]
    return found, noted, len(captured)


def store_of(key: int) -> Any:
    return SessionStore(f"session-{key}")


READ_AHEAD: dict[str, Look] = {
    "a token and its user": lambda key: Token.objects.select_related("user").get(
        key=f"token-{key}"
    ),
    "all that can be read along": lambda key: Token.objects.select_related().get(pk=f"token-{key}"),
    "a user by key": lambda key: User._default_manager.get(pk=key),
    "a user by a key in words": lambda key: User.objects.get(id=str(key)),
    "a user by name": lambda key: User.objects.get(username=f"user-{key - 100}"),
    "a token by its user": lambda key: Token.objects.get(user=key),
    "a row of a database by name": lambda key: User.objects.using("default").get(pk=key),
    "a row of a queryset": lambda key: User.objects.all().get(pk=key),
    "a row by a method of a queryset's own": lambda key: Named(User).by_key(key),
    "a token as rest framework looks it up": lambda key: (
        TokenAuthentication().authenticate_credentials(f"token-{key}")[1]
    ),
    "a user as Django looks it up": lambda key: ModelBackend().get_user(key),
    "a session as Django looks it up": lambda key: store_of(key)._get_session_from_db(),
    "a session that has not ended": lambda key: Session.objects.get(
        session_key=f"session-{key}", expire_date__gt=timezone.now()
    ),
}

LOOKED_UP: dict[str, Look] = {
    "a condition": lambda key: User.objects.filter(is_active=True).get(pk=key),
    "an exception": lambda key: User.objects.exclude(username="nobody").get(pk=key),
    "another condition": lambda key: User.objects.get(pk=key, is_active=True),
    "a condition as an expression": lambda key: User.objects.get(Q(pk=key)),
    "another comparison": lambda key: User.objects.get(pk__exact=key),
    "a path": lambda key: Token.objects.get(user__pk=key),
    "two columns": lambda key: User.objects.get(pk=key, username=f"user-{key - 100}"),
    "a column of many equal values": lambda key: List.objects.get(name=f"list-{key}"),
    "a row": lambda key: Token.objects.get(user=User(pk=key)),
    "an expression": lambda key: User.objects.get(pk=Value(key)),
    "an order": lambda key: User.objects.order_by("username").get(pk=key),
    "an annotation": lambda key: User.objects.annotate(twice=F("pk") * 2).get(pk=key),
    "an alias": lambda key: User.objects.alias(twice=F("pk") * 2).get(pk=key),
    "a permission by its names": lambda key: Permission.objects.select_related("content_type").get(
        codename="add_user", content_type__app_label="auth"
    ),
    "some columns": lambda key: User.objects.only("username").get(pk=key),
    "all columns but one": lambda key: User.objects.defer("password").get(pk=key),
    "values": lambda key: User.objects.values("username").get(pk=key),
    "what is fetched along": lambda key: User.objects.prefetch_related("groups").get(pk=key),
    "each row once": lambda key: User.objects.distinct().get(pk=key),
    "a lock": lambda key: User.objects.select_for_update().get(pk=key),
    "other SQL": lambda key: User.objects.extra(select={"one": "1"}).get(pk=key),
    "rows of a row": lambda key: User(pk=key).owned_lists.get(name=f"list-{key}"),
    "a queryset that filters in its own way": lambda key: Filtered(User).get(pk=key),
}


@pytest.mark.parametrize("look", READ_AHEAD.values(), ids=READ_AHEAD)
def test_rows_are_read_at_once_that_many_look_up_in_the_same_words(
    look: Look, keys: list[int]
) -> None:
    alone, noted, queries = looked_up(look, keys)
    assert queries == len(noted) == MANY
    assert not any(str(key) in repr(each) for key, each in zip(keys, noted, strict=True))
    together, again, queries = looked_up(look, keys, ReadAhead(noted))
    assert queries == 1
    assert again == noted
    assert [*map(content, together)] == [*map(content, alone)]
    assert len({*map(id, together)}) == MANY


@pytest.mark.parametrize("look", LOOKED_UP.values(), ids=LOOKED_UP)
def test_whatever_says_more_than_one_column_of_a_whole_table_is_looked_up(
    look: Look, keys: list[int]
) -> None:
    for key in keys:
        List.objects.create(name=f"list-{key}", owner_id=key)
    with CaptureQueriesContext(connection) as captured:
        alone = [look(key) for key in keys]
    by_key, by_token = READ_AHEAD["a user by key"], READ_AHEAD["a token by its user"]
    _, could_be, _ = looked_up(lambda key: (by_key(key), by_token(key)), keys)
    found, noted, queries = looked_up(look, keys, ReadAhead(could_be))
    assert queries == len(captured)
    assert noted == []
    assert found == alone


def test_nothing_is_read_ahead_unless_it_was_asked_for(keys: list[int]) -> None:
    by_key = READ_AHEAD["a user by key"]
    _, noted, _ = looked_up(by_key, keys)
    ahead = ReadAhead(noted)
    with CaptureQueriesContext(connection) as captured:
        for key in keys:
            by_key(key)
    assert len(captured) == MANY
    _, _, queries = looked_up(by_key, keys[:1], ahead)
    assert queries == 1


def test_a_row_is_given_once_and_then_looked_up(keys: list[int]) -> None:
    by_key = READ_AHEAD["a user by key"]
    _, noted, _ = looked_up(by_key, keys)
    ahead = ReadAhead(noted)
    first, _, _ = looked_up(by_key, keys, ahead)
    User.objects.update(first_name="Anew")
    second, _, queries = looked_up(by_key, keys, ahead)
    assert queries == MANY
    assert {user.first_name for user in first} == {""}
    assert {user.first_name for user in second} == {"Anew"}


def test_who_looks_up_alone_looks_up_as_ever(keys: list[int]) -> None:
    by_key = READ_AHEAD["a user by key"]
    _, noted, _ = looked_up(by_key, keys[:1])
    with CaptureQueriesContext(connection) as captured, ReadAhead(noted).answering([]):
        by_key(keys[0])
    assert "LIMIT" in captured[0]["sql"]


def test_few_are_read_at_once_so_that_none_is_old(db: None) -> None:
    users = User.objects.bulk_create([User(username=f"user-{number}") for number in range(50)])
    look, keys = READ_AHEAD["a user by key"], [user.pk for user in users]
    _, noted, _ = looked_up(look, keys)
    _, _, queries = looked_up(look, keys, ReadAhead(noted))
    assert queries == 3


@pytest.mark.parametrize("told_of", ["a token and its user", "a user by name"])
def test_what_is_gone_is_not_there(keys: list[int], told_of: str) -> None:
    look = READ_AHEAD[told_of]
    _, noted, _ = looked_up(look, keys)
    User.objects.filter(pk=keys[2]).delete()
    ahead = ReadAhead(noted)
    found, noted, _ = looked_up(look, keys[:2], ahead)
    assert len(found) == len(noted) == 2
    noted.clear()
    with pytest.raises(ObjectDoesNotExist), ahead.answering(noted):
        look(keys[2])
    assert noted == []


def test_a_row_that_cannot_be_read_is_its_own_askers_trouble(keys: list[int]) -> None:
    by_key = READ_AHEAD["a user by key"]
    _, noted, _ = looked_up(by_key, keys)

    def break_one(instance: Any, **_: Any) -> None:
        if instance.pk == keys[1]:
            raise ZeroDivisionError

    post_init.connect(break_one, sender=User)
    try:
        ahead = ReadAhead(noted)
        found, _, _ = looked_up(by_key, [keys[0], *keys[2:]], ahead)
        assert [user.pk for user in found] == [keys[0], *keys[2:]]
        with pytest.raises(ZeroDivisionError), ahead.answering([]):
            by_key(keys[1])
    finally:
        post_init.disconnect(break_one, sender=User)


def test_what_was_put_in_the_place_of_a_row_is_found(keys: list[int]) -> None:
    by_name = READ_AHEAD["a user by name"]
    _, noted, _ = looked_up(by_name, keys)
    User.objects.filter(pk=keys[2]).update(username="other")
    User.objects.filter(pk=keys[3]).update(username="user-3")
    found, _, queries = looked_up(by_name, keys[:3], ReadAhead(noted))
    assert [user.pk for user in found] == [keys[0], keys[1], keys[3]]
    assert queries == 1


@pytest.mark.parametrize("ends", [timedelta(seconds=-1), timedelta(0)])
def test_a_session_that_has_ended_is_not_there(keys: list[int], ends: timedelta) -> None:
    now = timezone.now()

    def look(key: int) -> Any:
        return Session.objects.get(session_key=f"session-{key}", expire_date__gt=now)

    _, noted, _ = looked_up(look, keys)
    Session.objects.filter(session_key=f"session-{keys[1]}").update(expire_date=now + ends)
    ahead = ReadAhead(noted)
    looked_up(look, keys[:1], ahead)
    with pytest.raises(Session.DoesNotExist), ahead.answering([]):
        look(keys[1])


@pytest.mark.parametrize("value", ["no number", None, 1.0, True, b"1", [1]])
def test_a_value_that_is_no_key_is_what_django_says_of_it(keys: list[int], value: Any) -> None:
    _, noted, _ = looked_up(READ_AHEAD["a user by key"], keys)

    def outcome() -> Any:
        try:
            return User.objects.get(pk=value)
        except Exception as error:
            return type(error), str(error)

    alone = outcome()
    with ReadAhead(noted).answering([]):
        assert outcome() == alone


def test_tables_are_kept_apart(keys: list[int]) -> None:
    def look(key: int) -> Any:
        return (
            User.objects.get(pk=key),
            Group.objects.get(pk=key),
            Token.objects.get(user=key),
            Token.objects.select_related("user").get(user=key),
        )

    _, noted, queries = looked_up(look, keys)
    assert queries == len(noted) == 4 * MANY
    found, _, queries = looked_up(look, keys, ReadAhead(noted))
    assert queries == 4
    for key, (user, group, token, with_user) in zip(keys, found, strict=True):
        assert (user.pk, group.pk, token.user_id, with_user.user_id) == (key,) * 4
        assert "user" not in token._state.fields_cache
        assert "user" in with_user._state.fields_cache
