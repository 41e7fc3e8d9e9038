"""Roundabout ways to who asks: each counts as read, or makes the rows private."""

import copy
import json
import pickle
import weakref
from operator import attrgetter
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.context_processors import auth
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, OuterRef, Q, Value
from django.utils import translation
from rest_framework import permissions, serializers
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle, UserRateThrottle

from tests.sharing.opening import Everybody, Question, Read, share, view_that_shows
from tests.sharing.tables import cases, named
from tests.todo.models import List, Task


def request(serializer: Any) -> Any:
    return serializer.context["request"]


def user(serializer: Any) -> Any:
    return request(serializer).user


def view(serializer: Any) -> Any:
    return serializer.context["view"]


def owner() -> Any:
    return List.objects.get().owner


def by_cursor(serializer: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT username FROM auth_user WHERE id = %s", [user(serializer).pk])
        return cursor.fetchone()


def by_subquery(serializer: Any) -> list[int]:
    mine = List.objects.filter(pk=OuterRef("list"), owner=user(serializer).pk)
    return [*Task.objects.filter(Exists(mine)).values_list("pk", flat=True)]


def counted(serializer: Any) -> int:
    """Kept on what is asked, as code does that caches there."""
    who = user(serializer)
    who.counted = getattr(who, "counted", 0) + 1
    return int(who.counted)


def by_validator(serializer: Any) -> str:
    hidden = serializers.HiddenField(default=serializers.CurrentUserDefault())
    hidden.bind("who", serializer)
    return str(hidden.get_default())


def unread(serializer: Any) -> Any:
    """What is refused to a careless reader."""
    try:
        return request(serializer).user.nothing_of_the_sort
    except AttributeError:
        return "nothing"


def by_reference(serializer: Any) -> str:
    referred: Any = weakref.ref(request(serializer))
    return str(referred().user.username)


def rendered(serializer: Any) -> str:
    context = auth(request(serializer))
    return f"{context['user']} {context['perms']['todo']['add_task']}"


READS: dict[str, Read] = {
    # of the user
    "the user's words": lambda s: f"{user(s)}",
    "the user in words": lambda s: repr(user(s)),
    "the user's hash": lambda s: {user(s): 1}.get(owner(), 0),
    "whether the user is the owner": lambda s: user(s) == owner(),
    "whether the owner is the user": lambda s: owner() == user(s),
    "whether the user is not the owner": lambda s: user(s) != owner(),
    "whether the user is one of these": lambda s: user(s) in {owner(), None},
    "whether this is the user's key": lambda s: s.root.instance[0].list.owner_id == user(s).pk,
    "the user's class": lambda s: user(s).__class__.__name__,
    "whether the user is a user": lambda s: isinstance(user(s), get_user_model()),
    "whether the user is nobody": lambda s: isinstance(user(s), AnonymousUser),
    "the user's groups": lambda s: [*user(s).groups.values_list("name", flat=True)],
    "the user's permissions": lambda s: sorted(user(s).get_all_permissions()),
    "rows of the user's": lambda s: List.objects.filter(owner=user(s).pk).count(),
    "rows by a cursor": by_cursor,
    "rows by a subquery": by_subquery,
    "rows by a condition": lambda s: Task.objects.filter(
        Q(list__owner=user(s).pk) | Q(text=Value("Read"))
    ).count(),
    "a copy of the user's": lambda s: copy.deepcopy(user(s)).username,
    "what is kept on the user": counted,
    "what the user lacks": unread,
    "the current user, by default": by_validator,
    # of the serializer
    "by the root": lambda s: s.root.context["request"].user.username,
    "by the parent": lambda s: s.parent.context["request"].user.username,
    "by the child": lambda s: s.parent.child.context["request"].user.username,
    "by a field": lambda s: s.fields["id"].context["request"].user.username,
    # of the view
    "by the serializer's context": lambda s: (
        view(s).get_serializer_context()["request"].user.username
    ),
    "by the renderer's context": lambda s: view(s).get_renderer_context()["request"].user.username,
    "by the handler's context": lambda s: (
        view(s).get_exception_handler_context()["request"].user.username
    ),
    "by another serializer": lambda s: view(s).get_serializer().context["request"].user.username,
    "by permission": lambda s: view(s).check_permissions(view(s).request),
    "by the view's rows": lambda s: [each.pk for each in view(s).get_queryset()],
    # of the request
    "by a getter": lambda s: attrgetter("user.username")(request(s)),
    "by a name": lambda s: getattr(request(s), "us" + "er").username,
    "by its method": lambda s: request(s).__getattribute__("user").username,
    "by every object's method": lambda s: object.__getattribute__(request(s), "user").username,
    "by a weak reference": by_reference,
    "by a deep copy": lambda s: str(copy.deepcopy(request(s).headers)),
    "by pickling": lambda s: str(pickle.loads(pickle.dumps(request(s).META))),
    "by its state": lambda s: sorted(request(s).__getstate__()) != [],
    "by its type": lambda s: type(request(s)).user.fget(request(s)).username,
    "by authentication": lambda s: (
        Request(request(s)._request, authenticators=view(s).get_authenticators()).user.username
    ),
    "by the authenticators": lambda s: len(request(s).authenticators),
    "whether it is the view's": lambda s: request(s) is view(s).request,
    "whether it is not itself": lambda s: request(s) != request(s),
    "whether it is true": lambda s: bool(request(s)),
    "what it accepts": lambda s: request(s).accepts("text/html"),
    "its language": lambda s: translation.get_language_from_request(request(s)),
    "the address": lambda s: BaseThrottle().get_ident(request(s)),
    "a throttle's key": lambda s: UserRateThrottle.get_cache_key(
        UserRateThrottle.__new__(UserRateThrottle), request(s), view(s)
    ),
    "headers as JSON": lambda s: json.dumps(dict(request(s).headers)),
    "a header by its variable's rest": lambda s: [
        value for name, value in request(s).META.items() if name.endswith("TENANT")
    ],
    "a header in another case": lambda s: request(s).headers["X-TENANT"],
    "what the session holds": lambda s: [*request(s).session.items()],
    "a template's context": rendered,
    "the version's scheme": lambda s: request(s).versioning_scheme is api_settings.VERSION_PARAM,
}

SHARED = """
the user's words                 | ada x_tenant=a  | ada
the user in words                | ada x_tenant=a  | ada
the user's hash                  | ada x_tenant=a  | ada
whether the user is the owner    | ada x_tenant=a  | ada
whether the owner is the user    | ada x_tenant=a  | ada
whether the user is not the owner | ada x_tenant=a | ada
whether the user is one of these | ada x_tenant=a  | ada
whether this is the user's key   | ada x_tenant=a  | ada
the user's class                 | nobody          | nobody x_tenant=a
whether the user is a user       | ada x_tenant=a  | ada
whether the user is nobody       | ada x_tenant=a  | ada
the user's groups                | ada x_tenant=a  | ada
the user's permissions           | ada x_tenant=a  | ada
rows of the user's               | ada x_tenant=a  | ada
rows by a cursor                 | ada x_tenant=a  | ada
rows by a subquery               | ada x_tenant=a  | ada
rows by a condition              | ada x_tenant=a  | ada
a copy of the user's             | ada x_tenant=a  | ada
what is kept on the user         | ada x_tenant=a  | ada
what the user lacks              | ada x_tenant=a  | ada
the current user, by default     | ada x_tenant=a  | ada
by the root                      | ada x_tenant=a  | ada
by the parent                    | ada x_tenant=a  | ada
by the child                     | ada x_tenant=a  | ada
by a field                       | ada x_tenant=a  | ada
by the serializer's context      | ada x_tenant=a  | ada
by the renderer's context        | ada x_tenant=a  | ada
by the handler's context         | ada x_tenant=a  | ada
by another serializer            | ada x_tenant=a  | ada
by permission                    | ada x_tenant=a  | ada
by the view's rows               | ada x_tenant=a  | ada
by a getter                      | ada x_tenant=a  | ada
by a name                        | ada x_tenant=a  | ada
by every object's method         | ada x_tenant=a  | ada
by a weak reference              | ada x_tenant=a  | ada
by its type                      | ada x_tenant=a  | ada
by a deep copy                   | ada x_tenant=a  | grace x_tenant=a
by pickling                      | ada x_tenant=a  | grace x_tenant=a
whether it is the view's         | ada x_tenant=a  | grace
whether it is not itself         | ada x_tenant=a  | grace
whether it is true               | ada x_tenant=a  | grace
its language                     | ada accept_language=de | grace accept_language=de
the address                      | ada x_tenant=a  | grace
a throttle's key                 | ada x_tenant=a  | ada
headers as JSON                  | ada x_tenant=a  | grace x_tenant=a
a header by its variable's rest  | ada x_tenant=a  | grace x_tenant=a
a header in another case         | ada x_tenant=a  | grace x_tenant=a
what the session holds           | ada session=1 x_tenant=a | ada session=1
a template's context             | ada x_tenant=a  | ada
the version's scheme             | ada x_tenant=a  | grace
"""

NOT_SHARED = """
the user's words                 | ada   | grace
the user in words                | ada   | grace
the user's hash                  | ada   | grace
whether the user is the owner    | ada   | grace
whether the owner is the user    | ada   | grace
whether the user is not the owner | ada  | grace
whether the user is one of these | ada   | grace
whether this is the user's key   | ada   | grace
the user's class                 | ada   | nobody
whether the user is a user       | ada   | nobody
whether the user is nobody       | ada   | nobody
the user's groups                | ada   | grace
the user's permissions           | ada   | grace
rows of the user's               | ada   | grace
rows by a cursor                 | ada   | grace
rows by a subquery               | ada   | grace
rows by a condition              | ada   | grace
a copy of the user's             | ada   | grace
what is kept on the user         | ada   | grace
what the user lacks              | ada   | nobody
the current user, by default     | ada   | grace
by the root                      | ada   | grace
by the parent                    | ada   | grace
by the child                     | ada   | grace
by a field                       | ada   | grace
by the serializer's context      | ada   | grace
by the renderer's context        | ada   | grace
by the handler's context         | ada   | grace
by another serializer            | ada   | grace
by permission                    | ada   | grace
by the view's rows               | ada   | grace
by a getter                      | ada   | grace
by a name                        | ada   | grace
by its method                    | ada   | ada
by every object's method         | ada   | grace
by a weak reference              | ada   | grace
by its type                      | ada   | grace
by a deep copy                   | ada   | ada x_tenant=a
by pickling                      | ada   | ada x_tenant=a
by its state                     | ada   | ada
by authentication                | ada   | ada
by the authenticators            | ada   | ada
what it accepts                  | ada   | ada
its language                     | ada accept_language=de | ada accept_language=fr
the address                      | ada x_forwarded_for=1.1.1.1 | ada x_forwarded_for=2.2.2.2
a throttle's key                 | ada   | grace
headers as JSON                  | ada   | ada x_tenant=a
a header by its variable's rest  | ada   | ada x_tenant=a
a header in another case         | ada x_tenant=a | ada x_tenant=b
what the session holds           | ada session=1 | ada session=2
a template's context             | ada   | grace
"""


class Looking(permissions.BasePermission):
    """Looks who asks."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return str(request.user) != "somebody else"


def question(read: str) -> Question:
    def get_queryset(view: Any) -> Any:
        """Looks who asks, to no avail."""
        return Task.objects.order_by("pk" if view.request.user.is_staff else "id")

    shown = view_that_shows(READS[read], permission_classes=[Looking], get_queryset=get_queryset)
    return Question(shown, params=(("done", "1"),))


@pytest.mark.parametrize(("read", "one", "other"), cases(SHARED))
def test_they_share_who_have_the_same_of_what_was_read(
    everybody: Everybody, read: str, one: str, other: str
) -> None:
    assert share(question(read), everybody.who(one), everybody.who(other))


@pytest.mark.parametrize(("read", "one", "other"), cases(NOT_SHARED))
def test_they_share_nothing_who_differ_in_what_was_read(
    everybody: Everybody, read: str, one: str, other: str
) -> None:
    assert not share(question(read), everybody.who(one), everybody.who(other))


def test_each_read_has_its_cases() -> None:
    assert named(SHARED, NOT_SHARED) == READS.keys()
