"""GraphiQL's files under every static files storage."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from tests.live.requirements import require_front_ends

STORAGE = "django.contrib.staticfiles.storage."
SCRIPT_AND_STYLE = {"graphiql.js", "graphiql.css"}
WORKERS = {"editor.worker.js", "graphql.worker.js", "json.worker.js"}


@pytest.mark.parametrize("storage", ["StaticFilesStorage", "ManifestStaticFilesStorage"])
def test_the_script_finds_its_workers_beside_it(storage: str, tmp_path: Path) -> None:
    require_front_ends()
    storages = {"staticfiles": {"BACKEND": STORAGE + storage}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", verbosity=0, interactive=False)

    folder = tmp_path / "gql_live" / "graphiql"
    assert {file.name for file in folder.iterdir()} >= SCRIPT_AND_STYLE | WORKERS
    for script in folder.glob("graphiql*.js"):
        # The script asks for them by these names, relative to itself.
        text = script.read_text()
        assert all(f"new URL(`{worker}`,import.meta.url)" in text for worker in WORKERS)
