"""Whoever shares is told, byte for byte, what they would have been told alone."""

from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from gql_live.recording import agrees, values_of
from tests.sharing.opening import Everybody, Question, alone, by_itself, recorded, together
from tests.sharing.programs import Program, programs, stashes, view_that_runs

words = st.lists(
    st.sampled_from(["x_tenant=a", "x_tenant=b", "cookie=theme=1", "host=localhost"])
    | st.sampled_from(["scheme=https", "session=1", "session=2", "token"]),
    max_size=2,
    unique=True,
)
someone = st.builds(
    lambda name, told: " ".join([name, *told]), st.sampled_from(["ada", "ada", "grace"]), words
)
nobody = words.map(
    lambda told: " ".join(
        ["nobody", *(each for each in told if "=" in each and "session" not in each)]
    )
)

whatever = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@whatever
@given(
    shown=programs,
    chosen=st.none() | programs,
    stashed=stashes,
    who=st.lists(someone | nobody, min_size=2, max_size=5),
)
def test_sharing_changes_nothing(
    everybody: Everybody,
    shown: Program,
    chosen: Program | None,
    stashed: list[tuple[str, str]],
    who: list[str],
) -> None:
    question = Question(view_that_runs(shown, chosen, stashed), params=(("q", "1"),))
    askers = [everybody.who(each) for each in who]
    answer = together(question, askers)
    event("shared" if answer.shared else "alone")
    assert answer.told == [alone(question, each) for each in askers]


@whatever
@given(shown=programs, stashed=stashes, one=someone | nobody, other=someone | nobody)
def test_who_agrees_is_found_by_their_values(
    everybody: Everybody, shown: Program, stashed: list[tuple[str, str]], one: str, other: str
) -> None:
    question = Question(view_that_runs(shown, None, stashed), params=(("q", "1"),))

    def ask(who: str) -> Any:
        view = question.opened(everybody.who(who))
        return recorded(view)[1].facets()

    def agree() -> None:
        view = question.opened(everybody.who(other))
        values = values_of(facets.read, view)
        assert agrees(facets, view) is (values == facets.values)

    facets = by_itself(ask, one)
    if facets is not None:
        by_itself(agree)
