"""Whoever shares is told, byte for byte, what they would have been told alone."""

from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from gql_live.recording import ReadRefused, agrees, values_of
from tests.sharing.evaluating import told, told_alone
from tests.sharing.opening import Everybody, by_itself, recorded
from tests.sharing.programs import Plot, plain_plots, plots, question_of
from tests.todo.models import Task

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


EVERYBODY = [*NAMES, *(f"ada {word}" for word in [*WORDS, *CREDENTIALS])]
PLAIN = plain_plots()


@pytest.mark.parametrize("name", PLAIN)
def test_one_thing_alone_is_told_everybody_as_it_would_be_told_each(
    everybody: Everybody, name: str
) -> None:
    question, askers = question_of(PLAIN[name]), [everybody.who(each) for each in EVERYBODY]
    assert told(question, askers) == told_alone(question, askers)


@whatever
@given(plot=plots(), who=crowds(), changed=st.booleans())
def test_evaluating_together_changes_nothing(
    everybody: Everybody, plot: Plot, who: list[str], changed: bool
) -> None:
    question = question_of(plot)
    askers = [everybody.who(each) for each in who]
    keys = [*Task.objects.values_list("pk", flat=True)] if changed else None
    assert told(question, askers, keys) == told_alone(question, askers, keys)


@whatever
@given(plot=plots(), who=crowds())
def test_who_agrees_is_found_by_their_values(
    everybody: Everybody, plot: Plot, who: list[str]
) -> None:
    question = question_of(plot)

    def ask(who: str) -> Any:
        try:
            return recorded(question.opened(everybody.who(who)))[1].facets()
        except ReadRefused:
            return None

    def agree(other: str) -> None:
        view = question.opened(everybody.who(other))
        values = values_of(facets.read, view)
        assert agrees(facets, view) is (values == facets.values)

    facets = by_itself(ask, who[0])
    event("private" if facets is None else "shared")
    if facets is not None:
        by_itself(agree, who[1])
