"""What a serializer reads of the request, and who may share its rows with whom."""

import copy
from typing import Any

import pytest
from django.contrib.sites.requests import RequestSite
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.reverse import reverse

from tests.sharing.opening import Everybody, Question, Read, share, view_that_shows
from tests.sharing.tables import cases, named


def request(serializer: Any) -> Any:
    return serializer.context["request"]


def caught(serializer: Any) -> str:
    try:
        return str(request(serializer).nothing_of_the_sort)
    except AttributeError as error:
        return str(error)


READS: dict[str, Read] = {
    "nothing": lambda _: 1,
    # who
    "the user": lambda s: request(s).user.username,
    "the user, of the view": lambda s: s.context["view"].request.user.username,
    "whether the user is staff": lambda s: bool(request(s).user.is_staff),
    "a permission": lambda s: request(s).user.has_perm("todo.add_task"),
    "whether there is a user": lambda s: hasattr(request(s), "user"),
    "a user by default": lambda s: getattr(request(s), "user", None) is None,
    "the user behind the property": lambda s: str(request(s)._user),
    "the credentials": lambda s: str(request(s).auth),
    "the session": lambda s: request(s).session.session_key,
    # how it is asked
    "a header": lambda s: request(s).headers.get("X-Tenant"),
    "a header in lower case": lambda s: request(s).headers.get("x-tenant"),
    "whether there is a header": lambda s: "X-Tenant" in request(s).headers,
    "a header's variable": lambda s: request(s).META.get("HTTP_X_TENANT"),
    "all headers": lambda s: dict(request(s).headers),
    "how many headers": lambda s: len(request(s).META),
    "all variables": lambda s: {**request(s).META},
    "all variables and one more": lambda s: request(s).META | {"one": "more"},
    "a copy of the variables": lambda s: request(s).META.copy(),
    "variables spelled out": lambda s: repr(request(s).META),
    "whether variables are these": lambda s: request(s).META == {},
    "a cookie": lambda s: request(s).COOKIES.get("theme"),
    "all cookies": lambda s: sorted(request(s).COOKIES),
    # where
    "an absolute URL": lambda s: request(s).build_absolute_uri("/tasks/"),
    "a reversed URL": lambda s: reverse("film-list", request=request(s)),
    "the host": lambda s: request(s).get_host(),
    "the port": lambda s: request(s).get_port(),
    "the scheme": lambda s: request(s).scheme,
    "whether it is secure": lambda s: request(s).is_secure(),
    "the site": lambda s: RequestSite(request(s)).domain,
    "the full path": lambda s: request(s).get_full_path(),
    # what
    "the method": lambda s: request(s).method,
    "the path": lambda s: request(s).path,
    "a query parameter": lambda s: request(s).query_params.get("done"),
    "Django's query parameters": lambda s: request(s).GET.dict(),
    "the body": lambda s: dict(request(s).data),
    "the form": lambda s: request(s).POST.dict(),
    "the stream": lambda s: request(s).stream is None,
    "the version": lambda s: request(s).version,
    "the versioning": lambda s: str(request(s).versioning_scheme),
    "the renderer": lambda s: request(s).accepted_renderer.format,
    "the route": lambda s: request(s).resolver_match is None,
    "the URL's kwargs": lambda s: request(s).parser_context["kwargs"],
    "the user by the parser": lambda s: request(s).parser_context["request"].user.username,
    "the request in words": lambda s: repr(request(s)),
    "the request's class": lambda s: isinstance(request(s), Request),
    "what nobody set": lambda s: getattr(request(s), "nothing_of_the_sort", None),
    "the error about what nobody set": caught,
    # the way around
    "Django's request": lambda s: request(s)._request.headers.get("X-Tenant"),
    "Django's request, where it is one": lambda s: isinstance(
        getattr(request(s), "_request", request(s)), HttpRequest
    ),
    "the request's dictionary": lambda s: sorted(vars(request(s))),
    "the request's names": lambda s: len(dir(request(s))) > 0,
    "a copy": lambda s: copy.copy(request(s)).headers.get("X-Tenant"),
    "a copy of the user": lambda s: copy.copy(request(s)).user.username,
    "a place in a table": lambda s: {request(s): 1}[request(s)],
    "a comparison": lambda s: request(s) == s,
    "the authenticator": lambda s: type(request(s).successful_authenticator).__name__,
    "a signed cookie": lambda s: request(s).get_signed_cookie("theme", default="none"),
    "the bound property": lambda s: Request.user.fget(request(s)).username,  # type: ignore[attr-defined]  # a property
}

SHARED = """
nothing                         | ada                  | nobody
the user                        | ada x_tenant=a       | ada
the user                        | nobody x_tenant=a    | nobody
the user                        | ada session=1        | ada session=2
the user, of the view           | ada x_tenant=a       | ada
whether the user is staff       | ada x_tenant=a       | ada
a permission                    | ada x_tenant=a       | ada
the user behind the property    | ada x_tenant=a       | ada
the credentials                 | ada                  | grace
the credentials                 | ada token x_tenant=a | ada token
the session                     | ada                  | grace
the session                     | ada session=1 x_a=1  | ada session=1
a header                        | ada x_tenant=a       | grace x_tenant=a
a header                        | ada x_other=a        | grace
a header in lower case          | ada x_tenant=a       | grace x_tenant=a
whether there is a header       | ada                  | grace
a header's variable             | ada x_tenant=a       | grace x_tenant=a
all headers                     | ada x_tenant=a       | grace x_tenant=a
how many headers                | ada x_tenant=a       | grace x_tenant=a
all variables                   | ada                  | grace
all variables and one more      | ada                  | grace
a copy of the variables         | ada                  | grace
variables spelled out           | ada                  | grace
whether variables are these     | ada                  | grace
a cookie                        | ada cookie=theme=1   | grace cookie=theme=1;a=b
all cookies                     | ada cookie=theme=1   | grace cookie=theme=1
an absolute URL                 | ada                  | grace
a reversed URL                  | ada                  | grace
the host                        | ada                  | grace
the port                        | ada                  | grace
the scheme                      | ada                  | grace host=localhost
whether it is secure            | ada                  | grace
the site                        | ada                  | grace
the full path                   | ada                  | grace
the method                      | ada x_tenant=a       | grace
the path                        | ada x_tenant=a       | grace
a query parameter               | ada x_tenant=a       | grace
Django's query parameters       | ada x_tenant=a       | grace
the body                        | ada x_tenant=a       | grace
the form                        | ada x_tenant=a       | grace
the stream                      | ada x_tenant=a       | grace
the version                     | ada x_tenant=a       | grace
the versioning                  | ada x_tenant=a       | grace
the renderer                    | ada x_tenant=a       | grace
the route                       | ada x_tenant=a       | grace
the URL's kwargs                | ada x_tenant=a       | grace
the user by the parser          | ada x_tenant=a       | ada
the request in words            | ada x_tenant=a       | grace
the request's class             | ada x_tenant=a       | grace
what nobody set                 | ada x_tenant=a       | grace
the error about what nobody set | ada x_tenant=a       | grace
"""

NOT_SHARED = """
the user                        | ada                  | grace
the user                        | ada                  | nobody
the user, of the view           | ada                  | grace
whether the user is staff       | ada                  | grace
whether the user is staff       | ada                  | nobody
a permission                    | ada                  | grace
whether there is a user         | ada                  | grace
a user by default               | ada                  | nobody
the user behind the property    | ada                  | grace
the credentials                 | ada token            | grace token
the session                     | ada session=1        | ada session=2
the session                     | ada session=1        | nobody
a header                        | ada x_tenant=a       | ada x_tenant=b
a header                        | ada x_tenant=a       | ada
whether there is a header       | ada x_tenant=a       | ada
a header's variable             | ada x_tenant=a       | ada x_tenant=b
all headers                     | ada x_tenant=a       | ada x_other=a
how many headers                | ada x_tenant=a       | ada x_other=a
all variables                   | ada                  | ada x_tenant=a
all variables and one more      | ada                  | ada x_tenant=a
a copy of the variables         | ada                  | ada x_tenant=a
variables spelled out           | ada                  | ada x_tenant=a
whether variables are these     | ada                  | ada x_tenant=a
a cookie                        | ada cookie=theme=1   | ada cookie=theme=2
all cookies                     | ada cookie=theme=1   | ada cookie=a=b
an absolute URL                 | ada                  | ada host=localhost
an absolute URL                 | ada                  | ada scheme=https
a reversed URL                  | ada                  | ada host=localhost
the host                        | ada                  | ada host=localhost
the scheme                      | ada                  | ada scheme=https
whether it is secure            | ada                  | ada scheme=https
the site                        | ada                  | ada host=localhost
the full path                   | ada                  | ada host=localhost
the user by the parser          | ada                  | grace
Django's request                | ada                  | ada
Django's request, where it is one | ada                | ada
the request's dictionary        | ada                  | ada
the request's names             | ada                  | ada
a copy                          | ada                  | ada
a copy of the user              | ada                  | ada
a place in a table              | ada                  | ada
a comparison                    | ada                  | ada
the authenticator               | ada                  | ada
a signed cookie                 | ada                  | ada
the bound property              | ada                  | grace
"""


def question(read: str) -> Question:
    return Question(view_that_shows(READS[read]), params=(("done", "1"),))


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
