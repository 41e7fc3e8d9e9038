"""What ``manage.py check`` and ``export_graphql_schema`` say of a project."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import override_settings

from gql_live.checks import check_channel_layer, check_schemas, check_settings, realtime_routers
from tests.todo.realtime import router

ROUTER = "tests.todo.realtime:router"


def ids(messages: list[Any]) -> list[str]:
    return [message.id for message in messages]


def test_the_checks_are_registered() -> None:
    with override_settings(GQL_LIVE={"KASE": "camel"}):
        assert "gql_live.E001" in ids(run_checks(tags=["gql_live"]))


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, []),
        ({"CASE": "camel"}, []),
        ({"KASE": "camel"}, ["gql_live.E001"]),
        ([], ["gql_live.E001"]),
    ],
    ids=["nothing", "a known key", "an unknown key", "no dict"],
)
def test_a_setting_that_means_nothing_is_an_error(settings: Any, found: list[str]) -> None:
    with override_settings(GQL_LIVE=settings):
        assert ids(check_settings(None)) == found


def test_a_layer_of_one_process_is_pointed_out() -> None:
    assert ids(check_channel_layer(None)) == ["gql_live.I001"]
    redis = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}
    with override_settings(CHANNEL_LAYERS=redis):
        assert check_channel_layer(None) == []


def test_every_router_of_an_installed_app_is_found() -> None:
    assert dict(realtime_routers())[ROUTER] is router


def test_the_to_do_views_need_no_guess() -> None:
    assert [message for message in check_schemas(None) if message.obj == ROUTER] == []


def export(*arguments: str) -> str:
    out = StringIO()
    call_command("export_graphql_schema", ROUTER, *arguments, stdout=out)
    return out.getvalue()


def test_the_schema_is_printed_written_and_compared(tmp_path: Path) -> None:
    file = tmp_path / "schema.graphql"
    assert "type Subscription" in export()
    export("--out", str(file))
    assert file.read_text() == export()
    export("--check", str(file))
    file.write_text(file.read_text().replace("done: Boolean", "finished: Boolean"))
    with pytest.raises(CommandError, match=r"-  finished: Boolean"):
        export("--check", str(file))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tests.todo.realtime:nothing"], "There is no router at"),
        (["tests.todo.models:Task"], "is no RealtimeRouter"),
        ([ROUTER, "--check", "/nowhere/schema.graphql"], "cannot be read"),
    ],
    ids=["no such name", "something else", "no such file"],
)
def test_a_wrong_argument_is_said_so(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("export_graphql_schema", *arguments)


def test_a_clean_schema_passes_with_fail_on_warn() -> None:
    assert "type Subscription" in export("--fail-on-warn")
