"""Who of many sees a row: what each would have heard alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import (
    Error,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Concat, ExtractYear, RowNumber, TruncMonth
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from gql_live.predicates import fingerprint
from gql_live.shapes import visible_to
from tests.predicates.questions import (
    AUTHORS,
    BOOKS,
    NARROWABLE,
    SHELVES,
    TITLES,
    TOKENS,
    library,
)
from tests.publish.library.models import Novel
from tests.schema_builder.catalog.models import Author, Book, Shelf

books = Book.objects.all()

Ask = Callable[[Any], QuerySet[Book]]

_NUMBERS = [0, 1, 2, -1, 2**15, -(2**15), 2**31, 2**40, -(2**63)]
_numbers = st.sampled_from(_NUMBERS)
_texts = st.sampled_from([*TITLES, "%", "_", "'", '"', "\\", "ä", "{}", "NULL"])
_truths = st.booleans()
_moments = st.sampled_from([datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)])

SHAPES: dict[str, tuple[Ask, st.SearchStrategy[Any]]] = {
    "a number": (lambda n: books.filter(isbn=n), _numbers),
    "a sum": (lambda n: books.alias(far=F("rank") - n).filter(far__gte=0), _numbers),
    "a large product": (lambda n: books.alias(far=F("rank") * n).filter(far__gte=0), _numbers),
    "a quotient": (lambda n: books.alias(half=F("isbn") / n).filter(half=1), st.integers(0, 3)),
    "a short text": (lambda text: books.filter(size=text), _texts),
    "a text that PostgreSQL does not hold": (
        lambda text: books.filter(title=text),
        st.sampled_from(["a", "\0", "A", "a\0", ""]),
    ),
    "a choice": (lambda status: books.filter(status=status), st.sampled_from(Book.Status)),
    "a text in any case": (lambda text: books.filter(title__iexact=text), _texts),
    "a part of a text": (lambda text: books.filter(title__contains=text), _texts),
    "a text as it is": (lambda text: books.alias(x=Value(text)).filter(x=F("title")), _texts),
    "two texts": (lambda text: books.alias(x=Concat("title", Value(text))).filter(x="aa"), _texts),
    "a UUID": (lambda token: books.filter(token=token), st.sampled_from(TOKENS)),
    "a truth": (lambda truth: books.alias(x=Value(truth)).filter(in_print=F("x")), _truths),
    "a decimal": (
        lambda price: books.filter(price__gte=price),
        st.sampled_from([Decimal("1.00"), Decimal("2.5"), Decimal("1E+2"), 2]),
    ),
    "a fraction": (
        lambda weight: books.filter(weight__lte=weight),
        st.sampled_from([0.0, -1e-300, 0.1 + 0.2, float("inf"), 1]),
    ),
    "a share": (
        lambda share: books.alias(
            part=Coalesce(F("rank") * Value(share, output_field=DecimalField()), Decimal(0))
        ).filter(part__gte=Decimal("0.3")),
        st.sampled_from([Decimal("0.1"), Decimal("0.3"), 0.30000000000000004]),
    ),
    "a day": (
        lambda day: books.filter(published_on__gte=day),
        st.dates(date(2029, 12, 30), date(2030, 1, 3)),
    ),
    "a moment": (lambda moment: books.filter(created_at__lte=moment), _moments),
    "a month": (
        lambda moment: books.alias(month=TruncMonth("created_at")).filter(month__lte=moment),
        _moments,
    ),
    "a year": (
        lambda year: books.alias(year=ExtractYear("created_at") + year).filter(year__gt=2090),
        st.integers(0, 100),
    ),
    "a time": (
        lambda at: books.filter(Q(opens_at__gte=at) | Q(opens_at=None)),
        st.sampled_from([time(1), time(2)]),
    ),
    "a while": (
        lambda long: books.alias(later=F("created_at") + long).filter(
            later__lte=datetime(2090, 1, 1, tzinfo=UTC)
        ),
        st.sampled_from([timedelta(1), timedelta(40_000)]),
    ),
    "null or not": (
        lambda pages: books.filter(Q(pages=pages) | Q(rank=1)),
        st.sampled_from([None, 1, 2]),
    ),
    "JSON": (lambda value: books.filter(extra__a=value), st.sampled_from([1, "1", None, {"b": 2}])),
    "several": (
        lambda ranks: books.filter(rank__in=ranks),
        st.lists(st.integers(0, 2), min_size=1, max_size=2),
    ),
    "a case": (
        lambda n: books.alias(
            x=Case(When(rank=n, then=Value(1)), When(pages=n, then=Value(2)), default=Value(n))
        ).filter(x__lte=1),
        st.integers(0, 3),
    ),
    "a text by a case": (
        lambda n: (
            books.annotate(x=Case(When(rank=n, then=Value("yes")), default=Value("no")))
            .filter(x="yes")
            .order_by("x")
        ),
        st.integers(0, 3),
    ),
    "another table": (
        lambda text: books.filter(Q(shelf__room=text) | Q(editors__name=text)).distinct(),
        _texts,
    ),
    "a subquery": (
        lambda author: books.filter(
            Exists(Author.objects.filter(pk=author, edited=OuterRef("pk")))
        ),
        st.sampled_from(AUTHORS),
    ),
    "a count": (
        lambda n: books.annotate(n=Count("editors", filter=Q(editors__pk=AUTHORS[n]))).filter(
            n__gte=n
        ),
        st.sampled_from([0, 1]),
    ),
    "groups by what is asked": (
        lambda n: books.annotate(x=Coalesce("pages", Value(n)), sold_all=Sum("sold")).filter(
            x__gte=n, sold_all__gte=0
        ),
        st.integers(0, 2),
    ),
    "raw SQL with a percent sign": (
        lambda n: books.extra(where=["title LIKE 'a%%' OR isbn = %s"], params=[n]),
        st.integers(0, 2),
    ),
    "others' rows along": (
        lambda n: books.prefetch_related(Prefetch("notes", to_attr=f"notes_{n}")),
        st.integers(0, 2),
    ),
}

_ASKED = st.lists(
    st.one_of(
        *[
            values.map(lambda value, ask=ask: ask(value))  # type: ignore[misc]
            for ask, values in SHAPES.values()
        ]
    )
    | NARROWABLE,
    max_size=6,
)


@pytest.fixture(params=["SQL"] if connection.vendor == "sqlite" else ["SQL", "bound by the server"])
def parameters(
    request: pytest.FixtureRequest, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Parameters are written into the SQL, or sent beside it; no transaction is open."""

    def connect_anew() -> None:
        connection.close()
        vars(connection.features).pop("uses_server_side_binding", None)

    if request.param != "SQL":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "server_side_binding", True)
        connect_anew()
        assert connection.features.uses_server_side_binding  # type: ignore[attr-defined]
    yield
    if request.param != "SQL":
        monkeypatch.undo()
        connect_anew()


@pytest.fixture
def shelf(parameters: None) -> int:
    """The key of shelf b, of three."""
    for code in ("a", "b", "c"):
        Shelf.objects.create(code=code, room="hall")
    return Shelf.objects.get(code="b").pk


def _alone(asked: QuerySet[Book], pk: int) -> bool | None:
    """None where the database refuses the question."""
    try:
        with transaction.atomic(asked.db):
            return asked.filter(pk=pk).exists()
    except (Error, ValueError, OverflowError):
        return None


def _assert_as_alone(questions: list[QuerySet[Book]], pk: int) -> None:
    """Each hears what it would alone; but where one is refused, others may be sent to ask alone."""
    alone = [_alone(question, pk) for question in questions]
    heard = visible_to(Book, pk, list(map(fingerprint, questions)))
    missed = [
        asked for asked, hears in zip(alone, heard, strict=True) if asked is not False and not hears
    ]
    assert not missed
    assert None in alone or heard == alone


@pytest.mark.parametrize("name", SHAPES)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=BOOKS, asked=st.data())
def test_each_hears_what_it_would_have_heard_alone(
    name: str, rows: list[dict[str, Any]], asked: st.DataObject, parameters: None
) -> None:
    ask, values = SHAPES[name]
    questions = [ask(value) for value in asked.draw(st.lists(values, max_size=8))]
    with library(rows):
        for pk in range(1, len(rows) + 2):
            _assert_as_alone(questions, pk)


@pytest.mark.parametrize("name", ["a number", "a sum", "a large product"])
@pytest.mark.parametrize("rank", [0, 1, -1, 2**15 - 1])
def test_a_number_that_is_too_large_for_its_column_is_compared_as_the_driver_sends_it(
    name: str, rank: int, parameters: None
) -> None:
    ask, _ = SHAPES[name]
    refers = {"shelf_id": SHELVES[0], "author_id": AUTHORS[0], "token": TOKENS[0]}
    with library([{"title": "a", "isbn": 1, "price": "1.00", "rank": rank, **refers}]):
        for number in _NUMBERS:
            _assert_as_alone([ask(number), ask(1)], 1)
        _assert_as_alone([ask(number) for number in _NUMBERS], 1)


def _asks(count: int) -> list[QuerySet[Shelf]]:
    """In two shapes: an expression and a text."""
    shelves = Shelf.objects.all()
    return [
        *(shelves.alias(far=F("pk") - n).filter(far__lte=0) for n in range(count)),
        *(shelves.filter(Q(code=chr(n + 96)) | Q(room__startswith="x%")) for n in range(count)),
    ]


def test_many_are_asked_in_few_statements(shelf: int) -> None:
    asked = _asks(300)
    fingerprints = list(map(fingerprint, asked))
    expected = [each.filter(pk=shelf).exists() for each in asked]
    assert visible_to(Shelf, shelf, fingerprints) == expected
    assert 1 < sum(expected) < len(expected)
    with CaptureQueriesContext(connection) as captured:  # the types are known now
        assert visible_to(Shelf, shelf, fingerprints) == expected
    assert len(captured) == (2 if connection.vendor == "postgresql" else 6)


def test_a_refused_question_is_left_to_who_asks_it_and_costs_the_others_little(shelf: int) -> None:
    wrong = fingerprint(Shelf.objects.filter(code="b\0"))
    codes = [chr(n + 96) for n in range(64)]
    asked = [fingerprint(Shelf.objects.filter(code=code)) for code in codes]
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        shown = visible_to(Shelf, shelf, [*asked[:9], wrong, *asked[9:]])
        assert Shelf.objects.count() == 3  # the transaction goes on
    refused = connection.vendor == "postgresql"
    assert shown == [*(code == "b" for code in codes[:9]), refused, *[False] * (len(codes) - 9)]
    assert len(_statements(captured)) < 20


def test_a_database_in_trouble_is_not_asked_again_and_again(shelf: int) -> None:
    asked = [fingerprint(each) for each in _asks(50)]
    tried = []

    def trouble(*_: Any) -> None:
        tried.append(1)
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(trouble):
        assert visible_to(Shelf, shelf, asked) == [True] * 100
    assert len(tried) == 2


def _statements(captured: CaptureQueriesContext) -> list[dict[str, str]]:
    return [each for each in captured if "SAVEPOINT" not in str(each["sql"])]


@pytest.mark.django_db
def test_what_only_the_whole_answer_tells_may_be_so() -> None:
    shelves = Shelf.objects.order_by("code")
    slices = [fingerprint(shelves[:n]) for n in (1, 2)]
    union = fingerprint(shelves.order_by().union(shelves.filter(pk=2).order_by()))
    window = fingerprint(shelves.annotate(place=Window(RowNumber())).filter(place=1))
    assert visible_to(Shelf, 7, [*slices, union, window]) == [True] * 4


@pytest.mark.django_db
def test_querysets_without_rows_show_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        asked = [fingerprint(Shelf.objects.none()), fingerprint(Shelf.objects.filter(pk__in=[]))]
        assert visible_to(Shelf, 7, asked) == [False, False]
        assert visible_to(Shelf, 7, []) == []


@pytest.mark.django_db
def test_who_asks_the_same_is_asked_once() -> None:
    shelf = Shelf.objects.create(code="a")
    asked = [fingerprint(Shelf.objects.filter(code=code)) for code in "aab" for _ in range(50)]
    visible_to(Shelf, shelf.pk, asked)
    with CaptureQueriesContext(connection) as captured:
        assert visible_to(Shelf, shelf.pk, asked) == [True] * 100 + [False] * 50
    assert len(_statements(captured)) == 1


@pytest.mark.django_db
def test_a_key_may_be_anything_that_travels() -> None:
    author = Author.objects.create(name="Ann")
    authors = [fingerprint(Author.objects.filter(name=name)) for name in ("Ann", "Bob")]
    assert visible_to(Author, str(author.pk), authors) == [True, False]
    assert visible_to(Author, str(AUTHORS[0]), authors) == [False, False]
    novel = Novel.objects.create(title="x", pages=3)
    novels = [fingerprint(Novel.objects.filter(title="x", pages=n)) for n in (3, 4)]
    assert visible_to(Novel, novel.pk, novels) == [True, False]


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=BOOKS, questions=_ASKED)
def test_so_does_each_of_those_who_ask_for_anything(
    rows: list[dict[str, Any]], questions: list[QuerySet[Book]], parameters: None
) -> None:
    with library(rows):
        _assert_as_alone(questions, 1)
