"""The answer to a write goes out before anybody is told of the write, and nobody waits longer."""

import asyncio
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.test.client import AsyncClientHandler
from django.urls import path

from gql_live import in_flight, pubsub
from tests.publish.conftest import Ear, Published, row
from tests.publish.library.models import Genre

pytestmark = pytest.mark.django_db(transaction=True)


def write(_request: HttpRequest | None = None) -> HttpResponse:
    """Two transactions, and an answer."""
    Genre.objects.create(name="first")
    Genre.objects.create(name="second")
    return HttpResponse("written")


async def write_without_blocking(_request: HttpRequest) -> HttpResponse:
    """One transaction, and an answer."""
    await Genre.objects.acreate(name="first")
    return HttpResponse("written")


urlpatterns = [path("write/", write), path("async/", write_without_blocking)]


@pytest.fixture
def unlimited_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubsub, "ANSWER_PATIENCE", 3600)


@pytest.mark.usefixtures("unlimited_patience")
@pytest.mark.parametrize(("url", "changes"), [("/write/", 2), ("/async/", 1)])
@override_settings(ROOT_URLCONF=__name__)
async def test_djangos_asgi_handler_answers_before_subscribers_are_told(
    url: str, changes: int
) -> None:
    async with Ear() as ear:
        told_at_the_answer: list[int] = []

        async def application(scope: Any, receive: Any, send: Any) -> None:
            async def watched(message: Any) -> None:
                await send(message)
                if message["type"] == "http.response.body":
                    await asyncio.sleep(0)  # what has been published before would be heard by now
                    told_at_the_answer.append(len(ear.changes))

            await ASGIHandler()(scope, receive, watched)

        scope = {"type": "http", "method": "POST", "path": url, "headers": [], "query_string": b""}
        client: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
        await client.send_input({"type": "http.request", "body": b""})
        assert (await client.receive_output(20))["status"] == 200
        await ear.until(lambda: len(ear.changes) == changes)
        await client.wait()
        assert told_at_the_answer == [0]


def answer(
    published: Published, meanwhile: Callable[[], object], handler: type = ASGIHandler
) -> list[int]:
    """How many changes are heard of while a request is worked on, and then."""
    request_started.send(handler)
    meanwhile()
    heard = [len(published.take())]
    request_finished.send(handler)
    return [*heard, len(published.take())]


@pytest.mark.usefixtures("unlimited_patience")
def test_what_a_request_writes_is_told_when_it_is_answered(published: Published) -> None:
    assert answer(published, write) == [0, 2]
    assert answer(published, write) == [0, 2]
    write()
    assert len(published.take()) == 2


class OwnHandler(ASGIHandler):
    """A project's own."""


@pytest.mark.usefixtures("unlimited_patience")
@pytest.mark.parametrize(
    ("handler", "heard"),
    [(OwnHandler, [0, 2]), (WSGIHandler, [2, 0]), (AsyncClientHandler, [2, 0])],
)
def test_a_request_is_waited_for_where_it_ends_in_the_thread_that_it_began_in(
    published: Published, handler: type, heard: list[int]
) -> None:
    assert answer(published, write, handler) == heard


def test_all_that_was_to_be_done_afterwards_is_done_once() -> None:
    done: list[str] = []
    one, another = partial(done.append, "one"), partial(done.append, "another")
    in_flight.watch_requests()
    request_started.send(ASGIHandler)
    assert all(map(in_flight.afterwards, (one, another, one)))
    assert done == []
    request_finished.send(ASGIHandler)
    assert done == ["one", "another"]
    assert not in_flight.afterwards(one)


@pytest.mark.usefixtures("unlimited_patience")
def test_what_is_written_outside_of_the_request_is_told_at_once(published: Published) -> None:
    def write_elsewhere() -> None:
        thread = Thread(target=pubsub.publish, args=([row(7)],))
        thread.start()
        thread.join()

    assert answer(published, write_elsewhere) == [1, 0]


@pytest.mark.usefixtures("unlimited_patience")
def test_who_comes_in_between_takes_along_what_waits(published: Published) -> None:
    def write_here_and_elsewhere() -> None:
        write()
        thread = Thread(target=pubsub.publish, args=([row(7)],))
        thread.start()
        thread.join()

    assert answer(published, write_here_and_elsewhere) == [3, 0]


def test_a_request_that_takes_its_time_holds_nobody_up(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pubsub, "ANSWER_PATIENCE", 0)

    def write_and_go_on() -> None:
        write()
        assert len([*published.take(), *published.take(), *published.take()]) == 2

    assert answer(published, write_and_go_on) == [0, 0]
