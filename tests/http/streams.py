"""Ada's event streams."""

from typing import Any

from tests.asgi import application
from tests.http.asgi_client import Exchange

ADA = {"authorization": "Token token-ada"}
SNAPSHOT = {"snapshot": True}


def ask(query: str, variables: Any = None, **options: Any) -> Exchange:
    """Ada's request to the test project."""
    headers = {**ADA, **options.pop("headers", {})}
    return Exchange(application, query, variables, headers=headers, **options)


async def started(exchange: Exchange) -> None:
    """Read the snapshot of a stream of tasks."""
    assert (await exchange.head())[0] == 200
    [change] = (await exchange.result())["data"].values()
    assert change["action"] == "SNAPSHOT"
