"""While rows are serialized the request is a twin: it does what the request does."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.request import Request, clone_request

from gql_live.recording import ReadRefused, record
from tests.sharing.opening import Everybody, Question, by_itself, share, view_that_shows
from tests.sharing.stashing import tenant


class TeamRequest(Request):
    """Knows a team, and words for the user."""

    @property
    def team(self) -> str:
        return str(tenant(self))

    def speak(self) -> str:
        return f"I am {self.user}"


def initialize_request(view: Any, request: Any, *_: Any, **__: Any) -> Request:
    view.action = "list"
    return TeamRequest(
        request,
        authenticators=view.get_authenticators(),
        negotiator=view.get_content_negotiator(),
        parser_context=view.get_parser_context(request),
    )


@pytest.mark.parametrize(
    ("read", "one", "other", "shared"),
    [
        (lambda r: r.team, "ada x_tenant=a", "grace x_tenant=a", True),
        (lambda r: r.team, "ada x_tenant=a", "ada", False),
        (lambda r: r.speak(), "ada", "ada", False),
        (lambda r: isinstance(r, TeamRequest), "ada", "grace", True),
        (lambda r: r.user.username, "ada x_tenant=a", "ada", True),
    ],
    ids=["the same team", "another team", "a method", "its class", "the user"],
)
def test_a_request_of_the_projects_own_class(
    everybody: Everybody, read: Callable[[Any], Any], one: str, other: str, shared: bool
) -> None:
    view = view_that_shows(
        lambda s: read(s.context["request"]), initialize_request=initialize_request
    )
    assert share(Question(view), everybody.who(one), everybody.who(other)) is shared


@pytest.fixture
def view(everybody: Everybody) -> Any:
    question = Question(view_that_shows(lambda _: 1))
    return by_itself(question.opened, everybody.who("ada x_tenant=a cookie=theme=1"))


def test_the_request_is_put_back(view: Any) -> None:
    request = view.request
    with record(view):
        assert view.request is not request
    assert view.request is request
    with pytest.raises(ZeroDivisionError), record(view):
        _ = 1 / 0
    assert view.request is request


def test_what_is_written_is_there_and_asks_nothing_of_others(view: Any) -> None:
    request = view.request
    with record(view) as recording:
        if not hasattr(view.request, "counted"):
            view.request.counted = ["anything"]
        assert view.request.counted == ["anything"]
    assert request.counted == ["anything"]
    facets = recording.facets()
    assert facets is not None
    assert facets.read[-1] == ("attribute", "counted")


def test_what_is_read_after_a_write_is_noted(view: Any) -> None:
    with record(view) as recording:
        view.request.counted = 1
        assert view.request.user.username == "ada"
    facets = recording.facets()
    assert facets is not None
    assert facets.read[-1] == ("attribute", "user")


def test_what_is_deleted_is_private(view: Any) -> None:
    view.request.put_aside = 1
    with record(view) as recording:
        del view.request.put_aside
        assert not hasattr(view.request, "put_aside")
    assert recording.facets() is None


def test_a_twin_is_its_request_to_tables_and_copies(view: Any) -> None:
    request = view.request
    with record(view):
        twin = view.request
        assert {request: 1}[twin] == 1
        assert twin == request
        assert copy.copy(twin).__dict__ == request.__dict__
        assert clone_request(twin, "POST").user == request.user


def test_errors_are_the_requests(view: Any) -> None:
    with pytest.raises(AttributeError) as told:
        _ = view.request.nothing_of_the_sort
    with record(view), pytest.raises(AttributeError) as noted:
        _ = view.request.nothing_of_the_sort
    assert str(noted.value) == str(told.value)


@pytest.mark.parametrize("name", ["META", "COOKIES", "headers"])
def test_its_mappings_tell_the_same(view: Any, name: str) -> None:
    mapping = getattr(view.request, name)
    with record(view):
        noted = getattr(view.request, name)
        assert noted == mapping
        assert [*noted.items()] == [*mapping.items()]
        assert len(noted) == len(mapping)
        assert str(noted) == str(mapping)
        assert noted.copy() == mapping
        assert noted.get("nothing", 1) == 1
        with pytest.raises(KeyError):
            noted["nothing"]


def test_its_dicts_can_be_joined_and_written(view: Any) -> None:
    with record(view):
        variables = view.request.META
        variables["WRITTEN"] = "1"
        assert variables["WRITTEN"] == "1"
        assert ({"A": 1} | variables)["WRITTEN"] == "1"
        assert (variables | {"A": 1})["A"] == 1
        with pytest.raises(AttributeError):
            _ = variables.nothing_of_the_sort


def test_nothing_new_is_read_when_the_rows_are_done(view: Any) -> None:
    with record(view) as recording:
        twin = view.request
        assert twin.user.username == "ada"
    assert twin.user.username == "ada"
    with pytest.raises(ReadRefused, match=r"request\.headers\['X-Tenant'\] after its rows"):
        twin.headers.get("X-Tenant")
    assert recording.facets() is not None


def test_what_is_private_anyway_may_be_read_at_any_time(view: Any) -> None:
    with record(view) as recording:
        twin = view.request
        assert twin._request is not None
    assert twin.headers.get("X-Tenant") == "a"
    assert recording.facets() is None
