"""A view answers in the way that REST would have it answer, whatever its handler is."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.http import HttpResponse, JsonResponse
from rest_framework import generics, mixins, viewsets
from rest_framework.response import Response

from gql_live import RealtimeMixin
from tests.parity.asking import Asker
from tests.parity.cinema.models import Genre
from tests.parity.cinema.serializers import GenreSerializer
from tests.parity.running import evaluated, planned, query, routed, snapshot_of


class BareView(RealtimeMixin, generics.GenericAPIView[Genre]):
    """A view without a handler: for its subscriptions only."""

    queryset = Genre.objects.order_by("pk")
    serializer_class = GenreSerializer


class OwnGet(mixins.ListModelMixin, BareView):
    """A list view whose ``get()`` is not its ``list()``."""

    def get(self, *_arguments: Any, **_kwargs: Any) -> Response:
        return Response([{"id": 7, "name": "Mine"}])


class BareViewSet(viewsets.ViewSetMixin, BareView):
    """A viewset without a handler."""


class AnsweringViewSet(mixins.ListModelMixin, BareViewSet):
    """Answers a list as the test says."""

    answer: Callable[[], HttpResponse]

    def list(self, *_arguments: Any, **_kwargs: Any) -> Any:
        return type(self).answer()


def test_a_views_own_get_answers_as_it_does_in_rest(askers: Sequence[Asker]) -> None:
    assert query("{ genres { id name } }", routed(OwnGet)) == {
        "data": {"genres": [{"id": "7", "name": "Mine"}]}
    }


@pytest.mark.parametrize("view", [BareViewSet, BareView], ids=lambda view: view.__name__)
def test_a_view_without_a_handler_is_read_as_rest_framework_would(
    askers: Sequence[Asker], view: Any
) -> None:
    genre = Genre.objects.earliest("pk")
    response = query(f"{{ genres {{ name }} genre(id: {genre.pk}) {{ name }} }}", routed(view))
    assert response["data"]["genre"] == {"name": "name-0"}
    assert [row["name"] for row in response["data"]["genres"]] == [f"name-{n}" for n in range(5)]


@pytest.mark.parametrize("view", [BareViewSet, BareView], ids=lambda view: view.__name__)
def test_a_view_without_a_handler_is_subscribable(askers: Sequence[Asker], view: Any) -> None:
    plan = planned("subscription { genres(snapshot: true) { instances { name } } }", routed(view))
    outcome = evaluated([], joining=[plan])
    assert '{"name":"name-4"}]' in snapshot_of(outcome, plan.selection).text


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (lambda: Response({"detail": "Who?"}, 401), "UNAUTHENTICATED", "Who?"),
        (lambda: Response({"detail": "No."}, 403), "FORBIDDEN", "No."),
        (lambda: Response({"detail": "Where?"}, 404), "NOT_FOUND", "Where?"),
        (lambda: Response({"detail": "Later."}, 429), "THROTTLED", "Later."),
        (lambda: Response({"name": ["What?"]}, 400), "BAD_USER_INPUT", "name: What?"),
        (lambda: Response(["What?"], 400), "BAD_USER_INPUT", "What?"),
        (lambda: Response(status=409), "BAD_USER_INPUT", "Conflict"),
        (lambda: JsonResponse({"detail": "No."}, status=403), "FORBIDDEN", "No."),
        (lambda: Response("internals", 503), "INTERNAL_SERVER_ERROR", "Internal server error"),
        (lambda: HttpResponse("<p>"), "INTERNAL_SERVER_ERROR", "Internal server error"),
    ],
    ids=[
        "who asks is not known",
        "forbidden",
        "not found",
        "throttled",
        "a parameter is refused",
        "bad input without a name",
        "nothing is said",
        "in Django's own response",
        "a fault is logged and not told",
        "no JSON at all",
    ],
)
def test_a_no_that_is_returned_is_a_no(
    askers: Sequence[Asker], answer: Callable[[], Any], code: str, message: str
) -> None:
    view = type("View", (AnsweringViewSet,), {"answer": staticmethod(answer)})
    (error,) = query("{ genres { name } }", routed(view))["errors"]
    assert (error["extensions"]["code"], error["message"]) == (code, message)


def test_a_response_of_djangos_own_is_read(askers: Sequence[Asker]) -> None:
    def answer() -> JsonResponse:
        return JsonResponse([{"name": "Plain"}], safe=False)

    view = type("View", (AnsweringViewSet,), {"answer": staticmethod(answer)})
    assert query("{ genres { name } }", routed(view))["data"] == {"genres": [{"name": "Plain"}]}
