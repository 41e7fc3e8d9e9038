"""What the writer notices of all this: nothing."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from gql_live import commits, statements
from gql_live.pubsub import Receiver
from tests.publish.conftest import REDIS_LAYERS, Published, redis_layer
from tests.publish.expected import any_row
from tests.publish.library.models import Book, Genre, Loan, Reader, Shelf
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)

Trouble = Callable[[Settings, pytest.MonkeyPatch], None]


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


def fail(*_: object, **__: object) -> Any:
    raise LookupError("a bug of ours")


def fails_before_a_statement(_: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "can_return", fail)


def fails_after_a_statement(_: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "told", fail)


def fails_at_the_commit(_: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "publish", fail)


def cannot_wait_for_the_commit(_: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "_ours", fail)


TROUBLES: dict[str, Trouble] = {
    "a listener that raises on a loop that is closed": broken_listener,
    "a channel layer that does not exist": no_such_layer,
    **{
        f"{name} without a server": partial(layer_without_a_server, backend)
        for name, backend in REDIS_LAYERS.items()
    },
    "no more threads": no_more_threads,
    "a bug of ours before a statement": fails_before_a_statement,
    "a bug of ours after it": fails_after_a_statement,
    "a bug of ours at the commit": fails_at_the_commit,
    "a bug of ours where it waits for the commit": cannot_wait_for_the_commit,
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_every_write_succeeds_with(
    trouble: Trouble, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble(settings, monkeypatch)
    book = Book.objects.create(title="Emma")
    with transaction.atomic():
        genre = Genre.objects.create(name="romance")
        book.genres.add(genre)
    reader = Reader.objects.create(card="a1")
    loan = Loan.objects.create(book=book)
    loan.reader = reader
    loan.save()
    assert Loan.objects.filter(reader=reader).update(days=3) == 1
    book.genres.clear()
    genre.delete()
    assert Book.objects.filter(title="Emma").exists()
    assert Loan.objects.filter(reader=reader, days=3).exists()
    assert not Genre.objects.exists()


@pytest.mark.parametrize("trouble", [fails_before_a_statement, fails_after_a_statement])
def test_with_a_bug_of_ours_the_log_says_so_and_what_nobody_can_name_is_any_row(
    trouble: Trouble,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    published: Published,
    caplog: pytest.LogCaptureFixture,
) -> None:
    Shelf.objects.create(pk=1, name="top")
    published.take()
    trouble(settings, monkeypatch)
    Shelf.objects.filter(name="top").update(name="low")
    assert published.take() == [any_row(Shelf)]
    assert "a bug of ours" in caplog.text
