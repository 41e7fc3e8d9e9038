"""The audits of the npm package graphql-http, by the authors of the GraphQL-over-HTTP
specification, against a live server: those that it calls MUST, SHOULD and MAY.
"""

import asyncio
import json
from pathlib import Path

import pytest
import pytest_asyncio

from tests.asgi import application
from tests.http.live import serving
from tests.live.clients import PROGRAMS
from tests.live.requirements import node_program

# Written down, so that each is a test and an upgrade of the package takes none away unseen.
AUDITS = dict(
    line.split(" ", 1) for line in Path(__file__).with_name("audits.txt").read_text().splitlines()
)

Results = dict[str, dict[str, str]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def results() -> Results:
    """What each audit found, by its id."""
    node = node_program()
    async with serving(application) as url:
        auditing = await asyncio.create_subprocess_exec(
            node, str(PROGRAMS / "http" / "audits.mjs"), url, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await auditing.communicate()
    assert auditing.returncode == 0
    return {result["id"]: result for result in json.loads(output)}


@pytest.mark.parametrize("audit", [pytest.param(id_, id=name) for id_, name in AUDITS.items()])
def test_the_server(results: Results, audit: str) -> None:
    assert results[audit]["status"] == "ok", results[audit]["reason"]


def test_every_audit_is_written_down(results: Results) -> None:
    assert {id_: result["name"] for id_, result in results.items()} == AUDITS
