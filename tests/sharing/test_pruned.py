"""Views of which less than everything is wanted."""

from typing import Any

from gql_live.audience import Principal
from gql_live.pruning import want
from gql_live.wanted import EVERYTHING, Wanted
from tests.sharing.opening import Everybody, Question, share, shows, view_that_shows
from tests.sharing.stashing import name, opening


class Narrow(Question):
    """Wants one field only."""

    def opened(self, who: Principal) -> Any:
        view = super().opened(who)
        want(view, Wanted({"read": EVERYTHING}))
        return view


def test_they_share_what_is_wanted(everybody: Everybody) -> None:
    question = Narrow(view_that_shows(lambda _: 1))
    assert share(question, everybody.who("ada"), everybody.who("grace"))


def test_a_serializer_that_was_put_aside_counts_below_what_is_wanted(everybody: Everybody) -> None:
    def choose(view: Any, request: Any) -> None:
        who = name(request)

        def get_serializer(*arguments: Any, **named: Any) -> Any:
            return shows(lambda _: who)(*arguments, **named)

        view.get_serializer = get_serializer

    question = Narrow(opening(choose, lambda _: 1))
    assert share(question, everybody.who("ada x_tenant=a"), everybody.who("ada"))
    assert not share(question, everybody.who("ada"), everybody.who("grace"))
