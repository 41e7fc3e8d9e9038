"""Scalars: out as DRF's encoder writes, in as the REST filter will judge."""

import datetime
import decimal
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from graphql import GraphQLError
from rest_framework.utils.encoders import JSONEncoder

from gql_live.schema_builder import scalars


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("2030-01-01", id="text"),
        pytest.param(2**70, id="a great integer"),
        pytest.param(datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC), id="a moment in UTC"),
        pytest.param(datetime.date(2030, 1, 1), id="a date"),
        pytest.param(datetime.time(1, 2, 3), id="a time"),
        pytest.param(datetime.timedelta(days=1, seconds=2), id="a duration"),
        pytest.param(decimal.Decimal("1.50"), id="a decimal"),
        pytest.param(uuid.UUID(int=5), id="a UUID"),
        pytest.param(gettext_lazy("Delete"), id="a lazy text"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param({"a": [1, {"b": decimal.Decimal(2)}], 3: (1, 2), None: True}, id="nested"),
        pytest.param({True: 1, 1.5: {2}}, id="keys that are not text, and a set"),
    ],
)
def test_a_value_is_written_as_the_rest_renderer_writes_it(value: Any) -> None:
    assert scalars.to_json(value) == json.loads(json.dumps(value, cls=JSONEncoder))


@pytest.mark.parametrize("value", [{(1, 2): 3}, object()], ids=["a tuple as key", "an object"])
def test_what_the_rest_renderer_cannot_write_is_an_error_here_too(value: Any) -> None:
    with pytest.raises(TypeError):
        scalars.to_json(value)


@pytest.mark.parametrize(
    ("parse", "value", "parsed"),
    [
        pytest.param(scalars.text_input, "nonsense", "nonsense", id="a date is judged by REST"),
        pytest.param(scalars.text_input, 1.5, "1.5", id="a decimal may be a number"),
        pytest.param(scalars.integer_input, 2**40, 2**40, id="a great integer"),
        pytest.param(scalars.integer_input, "-12", -12, id="an integer as text"),
        pytest.param(scalars.integer_input, 2.0, 2, id="an integer as a float"),
        pytest.param(scalars.query_params_input, {"a": [1, None]}, {"a": [1, None]}, id="a list"),
    ],
)
def test_input_is_accepted(parse: Callable[[Any], Any], value: Any, parsed: Any) -> None:
    assert parse(value) == parsed


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        pytest.param(scalars.text_input, True, id="a boolean is no date"),
        pytest.param(scalars.text_input, {}, id="an object is no date"),
        pytest.param(scalars.integer_input, "1.5", id="a fraction is no integer"),
        pytest.param(scalars.integer_input, True, id="a boolean is no integer"),
        pytest.param(scalars.query_params_input, "a=1", id="query parameters are an object"),
        pytest.param(scalars.query_params_input, {"a": {"b": 1}}, id="a parameter is no object"),
    ],
)
def test_input_is_refused(parse: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(GraphQLError):
        parse(value)
