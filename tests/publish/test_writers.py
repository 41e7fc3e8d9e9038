"""What the writer notices of all this: nothing."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from gql_live import signals
from gql_live.pubsub import Receiver
from tests.publish.conftest import REDIS_LAYERS, redis_layer
from tests.publish.library.models import Book, Genre, Visit
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def broken_listener(_: Settings, __: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise ValueError("not today")

    loop = asyncio.new_event_loop()
    loop.run_until_complete(Receiver(refuse, refuse).start())
    loop.close()


def no_such_layer(settings: Settings, _: pytest.MonkeyPatch) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "no.such.Layer"}}


def layer_without_a_server(backend: str, settings: Settings, _: pytest.MonkeyPatch) -> None:
    settings.CHANNEL_LAYERS = redis_layer(backend, free_port())


def no_more_threads(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], free_port())
    monkeypatch.setattr("threading.Thread.start", refuse)


def failing_handler(_: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LookupError("a bug of ours")

    monkeypatch.setattr(signals, "_announce", fail)


@pytest.mark.parametrize(
    "trouble",
    [
        broken_listener,
        no_such_layer,
        *(partial(layer_without_a_server, backend) for backend in REDIS_LAYERS.values()),
        no_more_threads,
        failing_handler,
    ],
    ids=[
        "a listener that raises on a loop that is closed",
        "a channel layer that does not exist",
        *(f"{name} without a server" for name in REDIS_LAYERS),
        "no more threads",
        "a handler of ours that fails",
    ],
)
def test_every_write_succeeds_with(
    trouble: Callable[[Settings, pytest.MonkeyPatch], None],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trouble(settings, monkeypatch)
    book = Book.objects.create(title="Emma")
    with transaction.atomic():
        genre = Genre.objects.create(name="romance")
        book.genres.add(genre)
    book.genres.clear()
    genre.delete()
    assert Book.objects.filter(title="Emma").exists()
    assert not Genre.objects.exists()


def queries(write: Callable[[], Any]) -> list[str]:
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as captured,
    ):
        write()
    return [query["sql"].split()[0] for query in captured if "SAVEPOINT" not in query["sql"]]


def test_rows_that_nobody_watches_are_deleted_at_once() -> None:
    Visit.objects.bulk_create([Visit(), Visit(), Visit()])
    assert queries(Visit.objects.all().delete) == ["DELETE"]


def test_a_save_costs_no_query_more() -> None:
    genre = Genre.objects.create(name="romance")
    assert queries(genre.save) == ["UPDATE"]
