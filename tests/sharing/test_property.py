"""Whoever shares is told, byte for byte, what they would have been told alone."""

from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from gql_live.recording import agrees, values_of
from tests.sharing.opening import Everybody, Question, alone, by_itself, recorded, together
from tests.sharing.programs import Plot, plots, view_that_runs

NAMES = ["ada", "grace", "nobody"]
WORDS = ["x_tenant=a", "x_tenant=b", "cookie=theme=1", "host=localhost", "scheme=https"]
CREDENTIALS = ["session=1", "session=2", "token"]


@st.composite
def somebody(draw: st.DrawFn) -> str:
    """Anybody in any way."""
    name = draw(st.sampled_from(NAMES))
    words = draw(st.lists(st.sampled_from(WORDS), max_size=2, unique=True))
    known = draw(st.sampled_from(["", "", *CREDENTIALS])) if name != "nobody" else ""
    return f"{name} {' '.join(words)} {known}"


@st.composite
def crowds(draw: st.DrawFn) -> list[str]:
    """Some who differ in one thing, and some in many."""
    one = draw(somebody())
    words = [*WORDS, *([] if one.startswith("nobody") else CREDENTIALS)]
    near = st.sampled_from(words).map(lambda word: f"{one} {word}") | st.just(one)
    other_name = st.sampled_from(NAMES[:2]).map(lambda name: f"{name} {one.partition(' ')[2]}")
    return [one, *draw(st.lists(near | other_name | somebody(), min_size=1, max_size=3))]


whatever = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@whatever
@given(plot=plots(), who=crowds())
def test_sharing_changes_nothing(everybody: Everybody, plot: Plot, who: list[str]) -> None:
    question = Question(view_that_runs(plot), params=(("q", "1"),))
    askers = [everybody.who(each) for each in who]
    answer = together(question, askers)
    event("shared" if answer.shared else "alone")
    assert answer.told == [alone(question, each) for each in askers]


@whatever
@given(plot=plots(), who=crowds())
def test_who_agrees_is_found_by_their_values(
    everybody: Everybody, plot: Plot, who: list[str]
) -> None:
    question = Question(view_that_runs(plot), params=(("q", "1"),))

    def ask(who: str) -> Any:
        return recorded(question.opened(everybody.who(who)))[1].facets()

    def agree(other: str) -> None:
        view = question.opened(everybody.who(other))
        values = values_of(facets.read, view)
        assert agrees(facets, view) is (values == facets.values)

    facets = by_itself(ask, who[0])
    if facets is not None:
        by_itself(agree, who[1])
