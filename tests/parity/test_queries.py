"""What a query gives is what REST gives the same user: every registered view, every row.

A new view is covered by being registered. It needs nothing but a URL.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import FieldError
from graphql import GraphQLEnumType, get_named_type

from tests.parity import walk
from tests.parity.asking import Answer, Asker, params_of

LISTS = pytest.mark.parametrize("field", walk.fields("list"), ids=str)
PLACES = {"page", "offset", "cursor"}


def portions(field: walk.Field) -> set[str]:
    """The query parameters that ask for a portion of the rows: a subscription has none."""
    rows = field.router._built.root_fields["subscription", field.name]
    offered = field.root.arguments_by_param.keys() - rows.arguments_by_param.keys()
    return set(offered) - {"ordering"}


@pytest.mark.parametrize("field", walk.fields("retrieve"), ids=str)
def test_one_row_is_what_rest_gives(field: walk.Field, askers: Sequence[Asker]) -> None:
    seen = Counter(
        asker.assert_same(field, walk.path(field.endpoint, kwargs), kwargs, {}).status
        for asker in askers
        for kwargs in walk.urls(field.endpoint)
    )
    assert seen[200], "nobody saw a row"


@LISTS
def test_a_list_is_what_rest_gives(field: walk.Field, askers: Sequence[Asker]) -> None:
    answers = [
        asker.assert_same(field, walk.path(field.endpoint, kwargs), kwargs, {})
        for asker in askers
        for kwargs in walk.urls(field.endpoint)
    ]
    assert any(answer.rows for answer in answers if answer.status == 200), "nobody saw a row"


@LISTS
def test_every_page_is_what_rest_gives(field: walk.Field, askers: Sequence[Asker]) -> None:
    offered = portions(field)
    sizes: list[dict[str, str]] = [{}, *({size: "2"} for size in offered - PLACES)]
    most = 0
    for asker, kwargs, first in product(askers, walk.urls(field.endpoint), sizes):
        url, params, pages = walk.path(field.endpoint, kwargs), first, 0
        while params is not None:
            params = _next(asker.assert_same(field, url, kwargs, params))
            pages += 1
        most = max(most, pages)
    assert (most > 1) == bool(offered)


def _next(answer: Answer) -> dict[str, str] | None:
    following = answer.data.get("next") if isinstance(answer.data, dict) else None
    return params_of(following) if following else None


@LISTS
def test_filters_search_and_ordering_are_what_they_are_in_rest(
    field: walk.Field, askers: Sequence[Asker]
) -> None:
    told: dict[str, set[str]] = {}
    params = field.root.arguments_by_param.keys() - portions(field)
    said = [(param, text) for param in params for text in _texts(field, param)]
    for asker, kwargs in product(askers[1::2], walk.urls(field.endpoint)):
        url = walk.path(field.endpoint, kwargs)
        unasked = str(asker.rest(url))
        for param, text in said:
            answer = asker.assert_same(field, url, kwargs, {param: text})
            told.setdefault(param, set()).update((unasked, str(answer)))
    assert all(len(answers) > 1 for answers in told.values()), "a parameter that changes nothing"


def test_what_a_view_reads_from_the_query_string_by_itself_reaches_it(
    askers: Sequence[Asker],
) -> None:
    (field,) = (each for each in walk.fields("list") if each.name == "narrowFilms")
    for fields in ("id,title", "status,genres"):
        answer = askers[0].assert_same(field, walk.path(field.endpoint, {}), {}, {"fields": fields})
        assert set(answer.rows[0]) == set(fields.split(","))


def _texts(field: walk.Field, param: str) -> Iterator[str]:
    """What a query parameter can say: the columns' values, in what way it may be asked for them."""
    if param == "ordering":
        enum: Any = get_named_type(field.query.args[param].type)
        assert isinstance(enum, GraphQLEnumType)
        yield from (each.value for each in enum.values.values())
    elif param == "search":
        yield from ("1", "2", "nothing like it")
    elif param.endswith("__isnull"):
        yield from ("true", "false")
    else:
        texts = [_text(value) for value in _values(field, param) if value is not None]
        yield from texts[:3] if not param.endswith("__range") else ()
        if param.endswith(("__in", "__range")):
            yield from (",".join(texts[:2]), ",".join(texts[1:3]))


def _values(field: walk.Field, param: str) -> Any:
    """The values of the column, or of a part of it, that a filter asks for; without its lookup."""
    rows = field.endpoint.model._base_manager
    try:
        return rows.order_by(param).values_list(param, flat=True).distinct()
    except FieldError:
        path, _, _ = param.rpartition("__")
        return rows.order_by(path).values_list(path, flat=True).distinct()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
