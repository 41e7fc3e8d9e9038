"""What people see, in real Chromium."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.live.clients import play
from tests.live.requirements import chromium_program, require_front_ends
from tests.live.server import ExampleServer


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param("two_people.mjs", id="what one person writes appears before the other"),
        pytest.param("graphiql.mjs", id="GraphiQL runs a subscription and shows the event"),
    ],
)
async def test_in_a_browser(server: ExampleServer, scenario: str, tmp_path: Path) -> None:
    require_front_ends()
    report = await play(scenario, server.url, chromium_program(), str(tmp_path))

    assert report["problems"] == []
    origin = urlsplit(server.url).netloc
    foreign = [url for url in report["requests"] if urlsplit(url).netloc not in {origin, ""}]
    assert foreign == []
    assert any(url.startswith("ws:") for url in report["requests"]), "no socket was watched"
