"""What a view says of who shares its rows, and whether they depend on who asks."""

from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone, translation

from gql_live.recording import ReadRefused, record
from tests.sharing.opening import (
    Everybody,
    Question,
    Read,
    by_itself,
    recorded,
    rows_of,
    serialized,
    share,
    view_that_shows,
)
from tests.sharing.stashing import Initial, Opaque, on_the_view, opening, tenant

within_middleware = override_settings(
    GQL_LIVE={"MIDDLEWARE": ["tests.runtime.test_middleware.Tenants"]}
)


def request(serializer: Any) -> Any:
    return serializer.context["request"]


def nothing(_: Any) -> int:
    return 1


def the_user(serializer: Any) -> str:
    return str(request(serializer).user.username)


def a_header(serializer: Any) -> str:
    return str(tenant(request(serializer)))


def an_url(serializer: Any) -> str:
    return str(request(serializer).build_absolute_uri("/"))


def djangos_request(serializer: Any) -> bool:
    return request(serializer)._request is not None


def question(read: Read, audience: str | None) -> Question:
    return Question(view_that_shows(read, realtime_audience=audience))


# --- connection ---


@pytest.mark.parametrize("audience", ["connection", "connections"])
def test_a_result_for_one_connection_is_shared_with_nobody(
    everybody: Everybody, audience: str
) -> None:
    asked = question(nothing, audience)
    assert not share(asked, everybody.who("ada"), everybody.who("ada"))
    view = by_itself(asked.opened, everybody.who("ada"))
    opened_by = view.request
    with record(view):
        assert view.request is opened_by


# --- user ---


@pytest.mark.parametrize(
    ("read", "one", "other", "shared"),
    [
        (nothing, "ada", "ada x_tenant=a", True),
        (nothing, "ada", "grace", False),
        (the_user, "ada", "ada x_tenant=a", True),
        (an_url, "ada", "ada x_tenant=a", True),
        (an_url, "ada", "ada host=localhost", False),
        (nothing, "nobody", "nobody x_tenant=a", True),
        (a_header, "nobody", "nobody x_tenant=a", False),
        (nothing, "nobody", "ada", False),
    ],
)
def test_a_result_for_one_user_is_shared_by_their_connections(
    everybody: Everybody, read: Read, one: str, other: str, shared: bool
) -> None:
    assert share(question(read, "user"), everybody.who(one), everybody.who(other)) is shared


@pytest.mark.parametrize("read", [a_header, djangos_request])
def test_a_view_that_says_so_is_believed(everybody: Everybody, read: Read) -> None:
    asked = question(read, "user")
    view = by_itself(asked.opened, everybody.who("ada x_tenant=a"))
    facets = recorded(view)[1].facets()
    assert facets is not None
    assert {kind for kind, _ in facets.read} == {"around", "renderers", "owner"}


def test_what_the_view_put_aside_is_the_users(everybody: Everybody) -> None:
    view = opening(on_the_view(Opaque), nothing)
    view.realtime_audience = "user"
    assert share(Question(view), everybody.who("ada"), everybody.who("ada x_tenant=a"))


@within_middleware
def test_a_view_that_says_so_is_believed_of_middleware_too(everybody: Everybody) -> None:
    asked = question(nothing, "user")
    assert share(asked, everybody.who("ada"), everybody.who("ada"))
    assert not share(asked, everybody.who("nobody"), everybody.who("nobody"))


# --- public ---


@pytest.mark.parametrize(
    ("read", "one", "other", "shared"),
    [
        (nothing, "ada", "nobody", True),
        (an_url, "ada", "grace", True),
        (an_url, "ada", "ada host=localhost", False),
        (lambda s: request(s).query_params.get("done"), "ada", "grace", True),
        (lambda s: request(s).version, "ada", "grace", True),
        (lambda s: hasattr(request(s), "nothing_of_the_sort"), "ada", "grace", True),
    ],
    ids=["nothing", "an URL", "another URL", "a parameter", "the version", "what nobody set"],
)
def test_a_public_result_is_shared_by_all(
    everybody: Everybody, read: Read, one: str, other: str, shared: bool
) -> None:
    assert share(question(read, "public"), everybody.who(one), everybody.who(other)) is shared


@pytest.mark.parametrize(
    ("read", "spelled"),
    [
        (the_user, r"request\.user "),
        (a_header, r"request\.headers\['X-Tenant'\] "),
        (lambda s: request(s).META.get("REMOTE_ADDR"), r"request\.META\['REMOTE_ADDR'\] "),
        (lambda s: dict(request(s).COOKIES), r"request\.COOKIES "),
        (lambda s: request(s).session, r"request\.session "),
        (djangos_request, r"request\._request "),
        (lambda s: vars(request(s)), r"request\.__dict__ "),
        (lambda s: {request(s)}, r"request\.__hash__ "),
    ],
)
@pytest.mark.parametrize("who", ["ada", "nobody"])
def test_a_public_result_reads_nothing_of_who_asks(
    everybody: Everybody, read: Read, spelled: str, who: str
) -> None:
    view = by_itself(question(read, "public").opened, everybody.who(who))
    with pytest.raises(ReadRefused, match=f"^The serializer of Shown read {spelled}.*public"):
        recorded(view)


def test_what_is_refused_is_refused_though_the_serializer_hides_it(everybody: Everybody) -> None:
    def hide(serializer: Any) -> str:
        try:
            return the_user(serializer)
        except Exception:
            return "nobody"

    view = by_itself(question(hide, "public").opened, everybody.who("ada"))
    rows = rows_of(view)
    with pytest.raises(ReadRefused, match=r"request\.user"), record(view):
        assert serialized(view, rows)[0]["read"] == "nobody"


def test_a_fault_of_the_serializers_is_not_hidden_by_a_refusal(everybody: Everybody) -> None:
    def fail(serializer: Any) -> None:
        try:
            the_user(serializer)
        except ReadRefused:
            raise ZeroDivisionError from None

    view = by_itself(question(fail, "public").opened, everybody.who("ada"))
    with pytest.raises(ZeroDivisionError):
        recorded(view)


@pytest.mark.parametrize(
    ("aside", "one", "other", "shared"),
    [
        (tenant, "ada x_tenant=a", "grace x_tenant=a", True),
        (tenant, "ada x_tenant=a", "grace", False),
        (Opaque, "ada", "grace", False),
    ],
    ids=["the same", "something else", "an object"],
)
def test_a_public_result_is_not_shared_where_the_view_put_something_else_aside(
    everybody: Everybody, aside: Any, one: str, other: str, shared: bool
) -> None:
    view = opening(on_the_view(aside), nothing)
    view.realtime_audience = "public"
    assert share(Question(view), everybody.who(one), everybody.who(other)) is shared


@within_middleware
def test_a_public_view_is_believed_of_middleware_too(everybody: Everybody) -> None:
    assert share(question(nothing, "public"), everybody.who("ada"), everybody.who("grace"))


# --- personal ---


@pytest.mark.parametrize(
    ("read", "audience", "personal"),
    [
        (nothing, None, False),
        (an_url, None, False),
        (lambda s: request(s).query_params.get("done"), None, False),
        (lambda s: hasattr(request(s), "nothing_of_the_sort"), None, False),
        (the_user, None, True),
        (a_header, None, True),
        (lambda s: dict(request(s).COOKIES), None, True),
        (djangos_request, None, True),
        (nothing, "connection", True),
        (nothing, "user", False),
        (a_header, "user", True),
        (nothing, "public", False),
    ],
)
def test_whether_rows_depend_on_who_asks(
    everybody: Everybody, read: Read, audience: str | None, personal: bool
) -> None:
    view = by_itself(question(read, audience).opened, everybody.who("ada"))
    assert recorded(view)[1].personal is personal


@pytest.mark.parametrize(
    "initial",
    [
        on_the_view(tenant),
        lambda *_: translation.activate("de"),
        lambda *_: timezone.activate("Asia/Tokyo"),
    ],
    ids=["on the view", "the language", "the time zone"],
)
def test_rows_may_depend_on_what_was_put_aside(everybody: Everybody, initial: Initial) -> None:
    def ask() -> bool:
        return recorded(Question(opening(initial, nothing)).opened(everybody.who("ada")))[
            1
        ].personal

    assert by_itself(ask)


@within_middleware
def test_rows_may_depend_on_what_middleware_left(everybody: Everybody) -> None:
    view = by_itself(question(nothing, None).opened, everybody.who("ada"))
    assert recorded(view)[1].personal
