"""What ``manage.py gql_live_doctor`` finds, and when it fails."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from prometheus_client import CollectorRegistry
from pytest_django import Settings
from redis import Redis
from rest_framework import serializers, viewsets

from gql_live import RealtimeMixin, RealtimeRouter, metrics
from tests.instruments.conftest import ROOT, answering_process
from tests.publish.conftest import REDIS_LAYERS, redis_layer
from tests.services import RedisServer, free_port, is_listening, require
from tests.todo import realtime
from tests.todo.models import Task

pytestmark = pytest.mark.django_db

POSTGRES = (os.environ.get("PGHOST", "127.0.0.1"), int(os.environ.get("PGPORT", "5432")))


def examine(*arguments: str) -> dict[str, Any]:
    """What the doctor says, as JSON. That it is ok and that it does not fail are the same."""
    out = StringIO()
    try:
        call_command("gql_live_doctor", "--json", *arguments, stdout=out)
    except CommandError:
        failed = True
    else:
        failed = False
    said: dict[str, Any] = json.loads(out.getvalue())
    assert said["ok"] is not failed
    return said


def levels(said: dict[str, Any]) -> dict[str, str]:
    """The level of each finding, by its id."""
    return {each["id"]: each["level"] for each in said["findings"]}


def said_of(said: dict[str, Any], finding: str) -> str:
    """The words of one finding."""
    words: str = next(each["said"] for each in said["findings"] if each["id"] == finding)
    return words


def test_nothing_is_broken_in_a_project_that_works() -> None:
    said = examine()
    assert said["ok"]
    assert {each["topic"] for each in said["findings"]} == {
        "Software",
        "Settings",
        "Databases",
        "Channel layer",
        "Views",
        "Application",
        "Prometheus",
    }
    assert all(each["said"] and each["id"] for each in said["findings"])


# --- settings ---


@pytest.mark.parametrize(
    ("gql_live", "found", "level"),
    [
        ({}, "settings.changed", "ok"),
        ({"CASE": "camel"}, "settings.changed", "ok"),
        ([], "settings.unknown", "broken"),
        ({"KASE": "camel"}, "settings.unknown", "broken"),
        ({"CASE": "kamel"}, "settings.value", "broken"),
        ({"KEEPALIVE": 0}, "settings.value", "broken"),
        ({"KEEPALIVE": "20"}, "settings.value", "broken"),
        ({"MAX_DEPTH": True}, "settings.value", "broken"),
        ({"MAX_DEPTH": -1}, "settings.value", "broken"),
        ({"GRAPHIQL": "no"}, "settings.value", "broken"),
        ({"CREDENTIAL_HEADERS": "authorization"}, "settings.value", "broken"),
        ({"TYPE_NAMES": ["Task"]}, "settings.value", "broken"),
        ({"MIDDLEWARE": ["tests.nowhere.Middleware"]}, "settings.middleware", "broken"),
        ({"UNTRACKED": ["todo.Nothing"]}, "settings.untracked", "broken"),
        ({"UNTRACKED": ["nothing"]}, "settings.untracked", "broken"),
        ({"UNTRACKED": ("todo.Task",)}, "settings.changed", "ok"),
        ({"KEEPALIVE": 60}, "settings.keepalive", "warning"),
        ({"SHUTDOWN_SECONDS": 30}, "settings.shutdown", "warning"),
        ({"EVALUATION_THREADS": 0}, "settings.threads", "warning"),
        ({"CREDENTIAL_HEADERS": ["X-Forwarded-For"]}, "settings.credentials", "warning"),
        ({"CREDENTIAL_HEADERS": ["Authorization"]}, "settings.changed", "ok"),
        ({"RECONSIDER_EVERY": 600}, "settings.reconsider", "note"),
        ({"INTROSPECTION": False}, "settings.open", "note"),
    ],
    ids=repr,
)
def test_a_setting_that_is_odd_is_said_so(
    settings: Settings, gql_live: Any, found: str, level: str
) -> None:
    settings.GQL_LIVE = gql_live
    said = levels(examine())
    assert said[found] == level
    odd = {each for each in said if each.startswith("settings.")}
    assert odd <= {found, "settings.changed", "settings.open"}


def test_a_wrong_value_is_named_with_what_it_may_be(settings: Settings) -> None:
    settings.GQL_LIVE = {"CASE": "kamel"}
    said = examine()
    assert said_of(said, "settings.value") == (
        "GQL_LIVE['CASE'] is 'kamel', not 'snake' or 'camel'."
    )


# --- the channel layer ---


def test_a_layer_of_one_process_is_worth_a_note_and_with_several_a_warning(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for layers in ({}, {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}):
        settings.CHANNEL_LAYERS = layers
        monkeypatch.setenv("WEB_CONCURRENCY", "1")
        assert levels(examine())["layer.one-process"] == "note"
        monkeypatch.setenv("WEB_CONCURRENCY", "4")
        assert levels(examine())["layer.one-process"] == "warning"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, which is running."""
    with RedisServer(tmp_path) as server:
        yield server


each_redis_layer = pytest.mark.parametrize("backend", REDIS_LAYERS.values(), ids=REDIS_LAYERS)


@each_redis_layer
def test_a_layer_that_carries_a_probe_works(
    settings: Settings, server: RedisServer, backend: str
) -> None:
    settings.CHANNEL_LAYERS = redis_layer(backend, server.port)
    said = examine()
    assert said["ok"]
    assert re.fullmatch(
        rf"{re.escape(backend)}: a probe came back in \d+\.\d ms\.", said_of(said, "layer.works")
    )


@each_redis_layer
def test_a_layer_whose_redis_is_down_is_broken(settings: Settings, backend: str) -> None:
    settings.CHANNEL_LAYERS = redis_layer(backend, free_port())
    said = examine()
    assert levels(said)["layer.broken"] == "broken"
    assert "Connect call failed" in said_of(said, "layer.broken")
    assert "layer.works" not in levels(said)


def test_a_redis_that_does_not_answer_is_found_out_in_time(
    settings: Settings, server: RedisServer
) -> None:
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], server.port)
    server.freeze()
    said = examine()
    server.thaw()
    assert levels(said)["layer.broken"] == "broken"


def test_a_backend_that_is_not_installed_is_broken(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels_postgres.core.Layer"}}
    said = examine("--live", "0.1")
    assert levels(said)["layer.configuration"] == "broken"
    assert levels(said)["processes.unreachable"] == "broken"
    assert "channels_postgres.core.Layer" in said_of(said, "layer.configuration")


@pytest.mark.parametrize(
    ("config", "found", "level"),
    [
        ({}, "layer.capacity", "ok"),
        ({"capacity": 10}, "layer.capacity", "warning"),
        ({"group_expiry": 15}, "layer.group-expiry", "broken"),
    ],
    ids=repr,
)
def test_limits_of_the_layer_that_are_too_low_are_found(
    settings: Settings, server: RedisServer, config: dict[str, Any], found: str, level: str
) -> None:
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], server.port, **config)
    assert levels(examine())[found] == level


def test_a_probe_leaves_nothing_in_redis(settings: Settings, server: RedisServer) -> None:
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], server.port)
    assert levels(examine("--live", "0.1"))["layer.works"] == "ok"
    with Redis(port=server.port) as redis:
        assert [key for key in redis.keys("*") if not key.endswith(b"$inflight")] == []


# --- views ---


def test_modules_routers_views_root_fields_and_models_are_listed() -> None:
    said = examine()
    words = [each["said"] for each in said["findings"] if each["topic"] == "Views"]
    assert "tests.todo.realtime" in said_of(said, "views.modules")
    assert (
        "tests.todo.realtime:router: TaskViewSet, ListViewSet; "
        "subscription { list lists task tasks }." in words
    )
    assert {"todo.List", "todo.Task"} <= set(
        re.findall(r"\w+\.\w+", said_of(said, "views.tracked"))
    )


class MethodSerializer(serializers.ModelSerializer[Task]):
    mystery = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = ["id", "mystery"]

    def get_mystery(self, task):  # type: ignore[no-untyped-def]
        return task.pk


class GuessedViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Task]):
    """A view of which something has to be guessed."""

    queryset = Task.objects.all()
    serializer_class = MethodSerializer


def test_what_the_schema_builder_had_to_guess_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    router = RealtimeRouter()
    router.register(GuessedViewSet)
    monkeypatch.setattr(realtime, "guessing", router, raising=False)
    said = examine()
    warnings = [each["said"] for each in said["findings"] if each["id"] == "views.guesses"]
    assert any(each.startswith("tests.todo.realtime:guessing:") for each in warnings)
    assert said["ok"]


def test_views_that_cannot_be_one_schema_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    router = RealtimeRouter(type_defs="type Query { broken: Nothing }")
    monkeypatch.setattr(realtime, "broken", router, raising=False)
    said = examine()
    assert not said["ok"]
    assert {each["level"] for each in said["findings"] if "realtime:broken" in each["said"]} == {
        "broken"
    }


# --- the application ---


@pytest.mark.parametrize(
    ("application", "found", "level"),
    [
        ("applications.good", "application.socket", "ok"),
        ("applications.deep", "application.socket", "ok"),
        ("applications.without_sessions", "application.no-session", "warning"),
        ("applications.open_to_every_page", "application.no-origin", "warning"),
        ("applications.without_sockets", "application.no-socket", "warning"),
        ("applications.nowhere", "application.import", "broken"),
        ("broken_application.application", "application.import", "broken"),
        ("nowhere.application", "application.import", "broken"),
    ],
)
def test_what_stands_around_the_sockets_is_looked_at(
    settings: Settings, application: str, found: str, level: str
) -> None:
    settings.ASGI_APPLICATION = f"tests.instruments.{application}"
    said = levels(examine())
    assert said[found] == level
    worse = {each for each, level in said.items() if level in {"warning", "broken"}}
    assert {each for each in worse if each.startswith("application.")} <= {found}


@pytest.mark.parametrize(
    ("application", "path"),
    [("good", "/graphql/"), ("deep", "/a/deep/")],
)
def test_the_path_of_the_sockets_is_said(settings: Settings, application: str, path: str) -> None:
    settings.ASGI_APPLICATION = f"tests.instruments.applications.{application}"
    assert said_of(examine(), "application.socket") == (
        f"tests.instruments.applications.{application}: GraphQL over WebSocket is at {path}, "
        "within OriginValidator, CookieMiddleware, SessionMiddleware, AuthMiddleware."
    )


def test_why_the_application_cannot_be_imported_is_said(settings: Settings) -> None:
    settings.ASGI_APPLICATION = "tests.instruments.broken_application.application"
    assert "the asgi module is at fault" in said_of(examine(), "application.import")


def test_the_url_over_http_is_said_or_missed(settings: Settings) -> None:
    assert said_of(examine(), "application.http") == "GraphQL over HTTP is at /graphql/."
    settings.ROOT_URLCONF = "tests.schema_builder.catalog.urls"
    assert levels(examine())["application.no-http"] == "note"


# --- Prometheus ---


def test_whether_prometheus_reads_the_instruments_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = CollectorRegistry()
    metrics.register(registry)
    assert levels(examine())["prometheus.registered"] == "ok"
    with monkeypatch.context() as patched:
        patched.setenv("PROMETHEUS_MULTIPROC_DIR", "/tmp")
        assert levels(examine())["prometheus.multiprocess"] == "warning"
    monkeypatch.delitem(sys.modules, metrics.__name__)
    assert levels(examine())["prometheus.unregistered"] == "note"


# --- running processes ---


@each_redis_layer
def test_running_processes_are_asked_for_their_instruments(
    settings: Settings, server: RedisServer, backend: str
) -> None:
    settings.CHANNEL_LAYERS = redis_layer(backend, server.port)
    with answering_process(settings.CHANNEL_LAYERS) as process:
        said = examine("--live", "3")
    (report,) = said["processes"]
    assert report["process"].endswith(f"process {process}")
    assert report["frames"] == 7
    assert "audiences 3" in said_of(said, "processes.report")
    assert "frames 7" in said_of(said, "processes.report")
    assert "resyncs lost 2" in said_of(said, "processes.report")
    assert levels(said)["processes.lost"] == "warning"
    assert said["ok"]


def test_where_no_process_answers_that_is_said(settings: Settings, server: RedisServer) -> None:
    assert levels(examine("--live", "0.1"))["processes.alone"] == "note"
    settings.CHANNEL_LAYERS = redis_layer(REDIS_LAYERS["Redis lists"], server.port)
    assert levels(examine("--live", "0.1"))["processes.silent"] == "note"
    assert "processes.silent" not in levels(examine())


@pytest.mark.parametrize("seconds", ["0", "-1", "601", "soon"])
def test_a_time_that_nobody_waits_is_refused(seconds: str) -> None:
    with pytest.raises(CommandError, match="a number of seconds"):
        call_command("gql_live_doctor", "--live", seconds)


# --- as a command ---


def run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """The doctor in a process of its own, with some settings of the test project replaced."""
    return subprocess.run(
        [sys.executable, "-m", "django", "gql_live_doctor", "--no-color", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.instruments.examined_settings",
            "SETTINGS": json.dumps(settings),
        },
    )


def test_the_command_says_it_in_words_and_succeeds_while_redis_is_up(server: RedisServer) -> None:
    layers = redis_layer(REDIS_LAYERS["Redis lists"], server.port)
    done = run(
        CHANNEL_LAYERS=layers, ASGI_APPLICATION="tests.asgi.application", GQL_LIVE={"KEEPALIVE": 90}
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^Channel layer\n  ok +channels_redis\.core", done.stdout, re.MULTILINE)
    assert re.search(
        r"^  warning  KEEPALIVE .*\n( .*\n)*  +→ Stay below", done.stdout, re.MULTILINE
    )
    assert re.search(r"^0 broken, \d+ warnings, \d+ notes\.$", done.stdout, re.MULTILINE)
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_the_command_fails_while_redis_is_down() -> None:
    done = run(CHANNEL_LAYERS=redis_layer(REDIS_LAYERS["Redis lists"], free_port()))
    assert done.returncode == 1
    assert done.stderr == "CommandError: Broken: layer.broken.\n"
    assert re.search(r"^Channel layer\n  broken +channels_redis", done.stdout, re.MULTILINE)


def test_a_database_that_is_down_is_broken_and_the_rest_is_examined_all_the_same() -> None:
    nobody = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "NAME": "gql_live",
    }
    done = run("--json", DATABASES={"default": nobody})
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert "refused" in said_of(said, "database.unreachable")
    assert levels(said)["application.http"] == "ok"


def test_what_a_connection_to_postgresql_costs_is_said() -> None:
    require("PostgreSQL", is_listening(*POSTGRES), "nothing listens")
    database: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": POSTGRES[0],
        "PORT": str(POSTGRES[1]),
        "USER": os.environ.get("PGUSER", "postgres"),
        "NAME": "postgres",
    }
    kept = {"a minute": 60, "for ever": None}
    databases = {alias: {**database, "CONN_MAX_AGE": age} for alias, age in kept.items()}
    done = run("--json", DATABASES={"default": database, **databases})
    assert done.returncode == 0
    findings = [
        each for each in json.loads(done.stdout)["findings"] if each["topic"] == "Databases"
    ]
    reached = [each["said"] for each in findings if each["id"] == "database.reachable"]
    assert len(reached) == 3
    assert all(
        re.search(r": PostgreSQL \d+.* with RETURNING; connected in", each) for each in reached
    )
    (anew,) = [each["said"] for each in findings if each["id"] == "database.connects-anew"]
    assert anew.startswith("default: ")


def test_a_project_without_a_router_is_told_where_to_make_it() -> None:
    apps = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "gql_live"]
    done = run("--json", INSTALLED_APPS=apps, ROOT_URLCONF="tests.instruments.no_urls")
    assert done.returncode == 0
    said = json.loads(done.stdout)
    assert said_of(said, "views.modules") == "realtime modules: none."
    assert levels(said)["views.none"] == "warning"
    assert levels(said)["application.unknown"] == "note"
