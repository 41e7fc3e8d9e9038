"""What a view says wrongly is told with the view's name and the remedy."""

from typing import Any

import pytest
from rest_framework import serializers

from gql_live.dependencies.declared import declared_reach
from gql_live.exceptions import ConfigurationError
from tests.parity.cinema.models import Film, Role
from tests.publish.library.models import Reader
from tests.schema_builder.catalog.models import Note


@pytest.mark.parametrize(
    ("model", "said", "remedy"),
    [
        (Film, "roles", "give a list of lookup paths or models"),
        (Film, 3, "give a list of lookup paths or models"),
        (Film, {"roles"}, "give a list of lookup paths or models"),
        (Film, [3], "names 3: give a lookup path or a model"),
        (Film, [serializers.CharField], "give a lookup path or a model"),
        (Film, ["rolls"], "names 'rolls': cinema.Film has no relation or column 'rolls'; give a"),
        (Film, ["roles__persons"], "cinema.Role has no relation or column 'persons'; give"),
        (Film, ["roles__character__upper"], "'character' of cinema.Role is a column: end there"),
        (Film, ["cinema.Rolle"], 'name an installed model, as "app.Model"'),
        (Film, ["cinemas.Role"], 'name an installed model, as "app.Model"'),
        (Film, ["a.b.c"], 'name an installed model, as "app.Model"'),
        (Film, [""], "has no relation or column ''"),
        (Note, ["subject"], "catalog.Note has no relation or column 'subject'"),
    ],
    ids=repr,
)
def test_what_leads_nowhere_is_named(model: Any, said: Any, remedy: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        declared_reach("FilmView", model, "stars", said)
    message = str(raised.value)
    assert message.startswith("FilmView.realtime_depends_on['stars'] ")
    assert remedy in message


@pytest.mark.parametrize(
    ("said", "models"),
    [
        ("film__reviews", ["cinema.film", "cinema.review"]),
        ("film__title", ["cinema.film"]),
        ("film", ["cinema.film"]),
        ("film_id", []),
        ("pk", []),
    ],
)
def test_a_column_at_the_end_of_a_path_means_its_row(said: str, models: list[str]) -> None:
    [way] = declared_reach("RoleView", Role, "x", [said]).ways
    assert [hop.model for hop in way] == models


def test_a_path_may_name_what_an_attribute_names() -> None:
    assert (
        declared_reach("ReaderView", Reader, "x", ["favourite_set__book"]).ways
        == declared_reach("ReaderView", Reader, "x", ["favourite__book"]).ways
        == declared_reach("ReaderView", Reader, "x", ("favourites",)).ways
    )
