"""The same user is not always the same: authentication may tell more than who asks."""

from typing import Any

import pytest
from django.test import override_settings
from rest_framework.authentication import BaseAuthentication

from tests.sharing.opening import Everybody, Question, share, view_that_shows
from tests.sharing.stashing import opening, tenant
from tests.todo.models import List


class ByScope(BaseAuthentication):
    """Says what may be done with a token."""

    def authenticate(self, request: Any) -> Any:
        user = request._request.user
        user.told = tenant(request).split("-")
        return user, None


class ByBadge(BaseAuthentication):
    """Takes a right away for this request."""

    def authenticate(self, request: Any) -> Any:
        user = request._request.user
        user.is_staff = user.is_staff and tenant(request) == "badge"
        user.told = "told"
        return user, None


class ByRelation(BaseAuthentication):
    """Hangs something on the user that is no column of its table."""

    def authenticate(self, request: Any) -> Any:
        user = request._request.user
        user._state.fields_cache["told"] = List(pk=len(tenant(request)))
        user.told = "told"
        return user, None


class Claims:
    """A user who is in no table."""

    is_authenticated = True
    pk = 1

    def __init__(self, told: str) -> None:
        self.told = told


class ByClaim(BaseAuthentication):
    """Believes what it is told."""

    def authenticate(self, request: Any) -> Any:
        return Claims(tenant(request)), None


@pytest.mark.parametrize(
    ("authentication", "one", "other", "shared"),
    [
        (ByScope, "ada x_tenant=r-w", "ada x_tenant=r-w x_other=1", True),
        (ByScope, "ada x_tenant=r-w", "ada x_tenant=r", False),
        (ByScope, "nobody x_tenant=r", "nobody x_tenant=r", True),
        (ByScope, "nobody x_tenant=r", "nobody x_tenant=w", False),
        (ByBadge, "grace x_tenant=badge", "grace", False),
        (ByBadge, "ada x_tenant=badge", "ada", True),
        (ByRelation, "ada x_tenant=a", "ada x_tenant=b", True),
        (ByRelation, "ada x_tenant=a", "ada x_tenant=ab", False),
        (ByClaim, "ada x_tenant=a", "ada x_tenant=a", False),
    ],
)
def test_what_a_user_was_told_to_be_counts(
    everybody: Everybody,
    authentication: type[BaseAuthentication],
    one: str,
    other: str,
    shared: bool,
) -> None:
    view = view_that_shows(
        lambda s: [
            s.context["request"].user.told,
            getattr(s.context["request"].user, "is_staff", 0),
        ],
        authentication_classes=[authentication],
    )
    assert share(Question(view), everybody.who(one), everybody.who(other)) is shared


@override_settings(REST_FRAMEWORK={"UNAUTHENTICATED_USER": None})
def test_nobody_may_be_none(everybody: Everybody) -> None:
    view = view_that_shows(lambda s: s.context["request"].user is None, authentication_classes=[])
    assert share(Question(view), everybody.who("nobody"), everybody.who("ada"))


def test_a_session_that_was_written_to_is_private(everybody: Everybody) -> None:
    def visit(_: Any, request: Any) -> None:
        if tenant(request):
            request.session["visited"] = tenant(request)

    question = Question(opening(visit, lambda s: s.context["request"].session.get("visited")))
    assert share(question, everybody.who("ada"), everybody.who("grace"))
    assert not share(question, everybody.who("ada x_tenant=a"), everybody.who("ada x_tenant=a"))


def test_what_a_session_holds_counts_though_it_does_not_know(everybody: Everybody) -> None:
    def fill(_: Any, request: Any) -> None:
        cart = request.session.setdefault("cart", {})
        request.session.modified = False
        cart["of"] = tenant(request)

    question = Question(opening(fill, lambda s: dict(s.context["request"].session["cart"])))
    one, same, other = ("ada session=1 x_tenant=a", "ada session=1 x_tenant=a", "ada session=1")
    assert share(question, everybody.who(one), everybody.who(same))
    assert not share(question, everybody.who(one), everybody.who(other))


def test_a_user_who_cannot_be_had_agrees_with_nobody(everybody: Everybody) -> None:
    class Late(BaseAuthentication):
        """Fails for some."""

        def authenticate(self, request: Any) -> Any:
            if tenant(request):
                raise ValueError(tenant(request))
            return None

    def read(serializer: Any) -> str:
        try:
            return str(serializer.context["request"].user)
        except ValueError as error:
            return str(error)

    view = view_that_shows(
        read, authentication_classes=[Late], perform_authentication=lambda _self, _request: None
    )
    assert share(Question(view), everybody.who("ada"), everybody.who("grace"))
    assert not share(Question(view), everybody.who("ada x_tenant=a"), everybody.who("ada"))
