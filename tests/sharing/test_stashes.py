"""What is put aside while a view is opened counts as read."""

from collections.abc import Callable
from contextvars import ContextVar
from decimal import Context, Decimal, setcontext
from typing import Any

import pytest
from asgiref.local import Local
from django.test import override_settings
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from rest_framework.renderers import JSONRenderer

from tests.sharing.opening import (
    Everybody,
    Question,
    Read,
    Tasks,
    by_itself,
    recorded,
    share,
    shows,
    view_that_shows,
)
from tests.sharing.stashing import (
    Initial,
    Opaque,
    name,
    on_djangos_request,
    on_the_request,
    on_the_view,
    opening,
    tenant,
)
from tests.sharing.tables import cases, named

scope: ContextVar[Any] = ContextVar("scope", default=None)
held = Local()


class Loud(JSONRenderer):
    """Writes in its own way."""

    def render(self, *arguments: Any, **named: Any) -> Any:
        return super().render(*arguments, **named).upper()


def some(_: Any) -> int:
    return 1


def request(serializer: Any) -> Any:
    return serializer.context["request"]


def view(serializer: Any) -> Any:
    return serializer.context["view"]


def of_view(serializer: Any) -> str:
    return str(view(serializer).aside)


def called_of_view(serializer: Any) -> str:
    return str(view(serializer).aside())


def of_request(serializer: Any) -> str:
    return str(request(serializer).aside)


def holding(held: Any) -> Callable[[], Any]:
    return lambda: held


def put_into_the_kwargs(view: Any, request: Any) -> None:
    view.kwargs["tenant"] = tenant(request)


def put_into_the_query(_: Any, request: Any) -> None:
    request._request.GET = request._request.GET.copy()
    request._request.GET["tenant"] = tenant(request)


def put_into_the_headers(_: Any, request: Any) -> None:
    request._request.META["HTTP_X_MADE"] = tenant(request)


def leave_a_variable_empty(_: Any, request: Any) -> None:
    if tenant(request):
        request._request.META["HTTP_X_MADE"] = None


class Whispering(dict[str, Any]):
    """Variables that tell more than they hold."""

    def __missing__(self, key: str) -> Any:
        return f"{key} of {self['HTTP_X_TENANT']}"


def whisper(_: Any, request: Any) -> None:
    request._request.META = Whispering(request._request.META)


def build_urls_otherwise(_: Any, request: Any) -> None:
    request._request.build_absolute_uri = lambda _=None: f"at {tenant(request)}"


def choose_a_renderer(_: Any, request: Any) -> None:
    request.accepted_renderer = Loud() if tenant(request) else JSONRenderer()


def choose_a_serializer(view: Any, request: Any) -> None:
    if tenant(request):
        view.serializer_class = shows(lambda _: "chosen")


def put_aside_for_some(_: Any, request: Any) -> None:
    if tenant(request):
        request.aside = 1


def count(_: Any, request: Any) -> None:
    setcontext(Context(prec=int(tenant(request))))


def hold(_: Any, request: Any) -> None:
    held.tenant = tenant(request)


def prefix(_: Any, request: Any) -> None:
    set_script_prefix(f"/{tenant(request)}/")


def enter(_: Any, request: Any) -> None:
    scope.set(tenant(request))


def enter_unknown(_: Any, request: Any) -> None:
    scope.set(Opaque(tenant(request)))


def speak(_: Any, request: Any) -> None:
    translation.activate(tenant(request))


def move(_: Any, request: Any) -> None:
    timezone.activate(tenant(request))


STASHES: dict[str, tuple[Initial, Read]] = {
    "nothing": (lambda *_: None, some),
    # on the view
    "a text": (on_the_view(tenant), of_view),
    "a text that nobody reads": (on_the_view(tenant), some),
    "a marked text": (on_the_view(lambda r: mark_safe(tenant(r))), of_view),
    "True or 1": (on_the_view(lambda r: 1 if tenant(r) else True), of_view),
    "a list": (on_the_view(lambda r: [name(r)]), of_view),
    "an order": (
        on_the_view(lambda r: dict.fromkeys(("a", "b") if tenant(r) else ("b", "a"))),
        of_view,
    ),
    "the user": (on_the_view(lambda r: r.user), of_view),
    "a function": (on_the_view(lambda r: holding(tenant(r))), called_of_view),
    "a method of the view": (
        lambda view, _: setattr(view, "aside", view.get_view_name),
        called_of_view,
    ),
    "a method of an object": (on_the_view(lambda r: Opaque(name(r)).tell), called_of_view),
    "an object": (on_the_view(lambda r: Opaque(name(r))), lambda s: view(s).aside.tell()),
    "the request": (on_the_view(lambda r: r), lambda s: name(view(s).aside)),
    "kwargs": (put_into_the_kwargs, lambda s: view(s).kwargs),
    "a serializer": (choose_a_serializer, some),
    # on the request
    "a text on the request": (on_the_request(tenant), of_request),
    "a text on the request that nobody reads": (on_the_request(tenant), some),
    "a text on Django's": (on_djangos_request(tenant), of_request),
    "an object on the request": (
        on_the_request(lambda r: Opaque(name(r))),
        lambda s: request(s).aside.tell(),
    ),
    "a text for some": (put_aside_for_some, lambda s: hasattr(request(s), "aside")),
    "a query": (put_into_the_query, lambda s: request(s).query_params["tenant"]),
    "a variable": (put_into_the_headers, lambda s: request(s).META["HTTP_X_MADE"]),
    "an empty variable": (
        leave_a_variable_empty,
        lambda s: "HTTP_X_MADE" in request(s).META,
    ),
    "variables of another class": (whisper, lambda s: request(s).META["HTTP_X_MADE"]),
    "another way of URLs": (build_urls_otherwise, lambda s: request(s).build_absolute_uri("/")),
    "a renderer": (choose_a_renderer, some),
    # around
    "a language": (speak, lambda _: translation.get_language()),
    "a time zone": (move, lambda _: timezone.get_current_timezone_name()),
    "how decimals are counted": (count, lambda _: str(Decimal(1) / 3)),
    "a local of asgiref's": (hold, lambda _: held.tenant),
    "a prefix of URLs": (prefix, lambda _: get_script_prefix()),
    "a context variable": (enter, lambda _: scope.get()),
    "an object in a context variable": (enter_unknown, lambda _: scope.get().tell()),
}

SHARED = """
nothing                                 | ada x_tenant=a          | grace
a text                                  | ada x_tenant=a          | grace x_tenant=a
a list                                  | ada x_tenant=a          | ada
the user                                | ada x_tenant=a          | ada
a function                              | ada x_tenant=a          | grace x_tenant=a
a method of the view                    | ada x_tenant=a          | grace
kwargs                                  | ada x_tenant=a          | grace x_tenant=a
a serializer                            | ada                     | grace
a text on the request                   | ada x_tenant=a          | grace x_tenant=a
a text on the request that nobody reads | ada x_tenant=a          | ada
a text on Django's                      | ada x_tenant=a          | grace x_tenant=a
a text for some                         | ada x_tenant=a          | grace x_tenant=b
a query                                 | ada x_tenant=a          | grace x_tenant=a
a variable                              | ada x_tenant=a          | grace x_tenant=a
an empty variable                       | ada x_tenant=a          | grace x_tenant=b
a renderer                              | ada x_tenant=a          | grace x_tenant=b
a language                              | ada x_tenant=de         | grace x_tenant=de
a time zone                             | ada x_tenant=Asia/Tokyo | grace x_tenant=Asia/Tokyo
how decimals are counted                | ada x_tenant=3          | grace x_tenant=3
a local of asgiref's                    | ada x_tenant=a          | grace x_tenant=a
a prefix of URLs                        | ada x_tenant=a          | grace x_tenant=a
a context variable                      | ada x_tenant=a          | grace x_tenant=a
"""

NOT_SHARED = """
a text                                  | ada x_tenant=a          | ada
a text that nobody reads                | ada x_tenant=a          | ada
a marked text                           | ada x_tenant=a          | ada x_tenant=a
True or 1                               | ada x_tenant=a          | ada
a list                                  | ada                     | grace
an order                                | ada x_tenant=a          | ada
the user                                | ada                     | grace
a function                              | ada x_tenant=a          | ada
a method of an object                   | ada                     | ada
an object                               | ada                     | ada
the request                             | ada                     | ada
kwargs                                  | ada x_tenant=a          | ada
a serializer                            | ada x_tenant=a          | ada
a text on the request                   | ada x_tenant=a          | ada
a text on Django's                      | ada x_tenant=a          | ada
an object on the request                | ada                     | ada
a text for some                         | ada x_tenant=a          | ada
a query                                 | ada x_tenant=a          | ada
a variable                              | ada x_tenant=a          | ada
an empty variable                       | ada x_tenant=a          | ada
variables of another class              | ada x_tenant=a          | ada x_tenant=b
variables of another class              | ada x_tenant=a          | ada x_tenant=a
another way of URLs                     | ada x_tenant=a          | ada
a renderer                              | ada x_tenant=a          | ada
a language                              | ada x_tenant=de         | ada x_tenant=fr
a time zone                             | ada x_tenant=Asia/Tokyo | ada x_tenant=Asia/Seoul
how decimals are counted                | ada x_tenant=3          | ada x_tenant=4
a local of asgiref's                    | ada x_tenant=a          | ada x_tenant=b
a prefix of URLs                        | ada x_tenant=a          | ada x_tenant=b
a context variable                      | ada x_tenant=a          | ada
an object in a context variable         | ada                     | ada
"""


def question(stash: str) -> Question:
    return Question(opening(*STASHES[stash]), params=(("done", "1"),))


@pytest.mark.parametrize(("stash", "one", "other"), cases(SHARED))
def test_they_share_for_whom_the_same_was_put_aside(
    everybody: Everybody, stash: str, one: str, other: str
) -> None:
    assert share(question(stash), everybody.who(one), everybody.who(other))


@pytest.mark.parametrize(("stash", "one", "other"), cases(NOT_SHARED))
def test_they_share_nothing_for_whom_something_else_was(
    everybody: Everybody, stash: str, one: str, other: str
) -> None:
    assert not share(question(stash), everybody.who(one), everybody.who(other))


def test_each_stash_has_its_cases() -> None:
    assert named(SHARED, NOT_SHARED) == STASHES.keys()


def test_rows_that_are_written_in_two_ways_are_not_shared(everybody: Everybody) -> None:
    def get_renderers(view: Any) -> list[JSONRenderer]:
        return [Loud() if name(view.request) else JSONRenderer()]

    asked = Question(view_that_shows(some, get_renderers=get_renderers))
    assert share(asked, everybody.who("ada"), everybody.who("grace"))
    assert not share(asked, everybody.who("ada"), everybody.who("nobody"))


def test_what_as_view_was_given_is_the_same_for_all(everybody: Everybody) -> None:
    given = {"queryset": Tasks.queryset, "lookup_field": "pk", "filter_backends": [Tasks]}
    view_class = view_that_shows(some, filter_queryset=lambda _, rows: rows)
    asked = Question(view_class, initkwargs=given)
    assert share(asked, everybody.who("ada"), everybody.who("grace"))


@override_settings(GQL_LIVE={"MIDDLEWARE": ["tests.runtime.test_middleware.Tenants"]})
def test_middleware_may_leave_anything_anywhere(everybody: Everybody) -> None:
    asked = Question(view_that_shows(some))
    assert not share(asked, everybody.who("ada"), everybody.who("ada"))


def test_what_one_serialization_put_aside_is_not_shared_by_the_next(everybody: Everybody) -> None:
    def remember(serializer: Any) -> str:
        view(serializer).aside = Opaque(serializer)
        return "remembered"

    opened = by_itself(Question(view_that_shows(remember)).opened, everybody.who("ada"))
    assert recorded(opened)[1].facets() is not None
    assert recorded(opened)[1].facets() is None
