"""Who asks, and what for."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.runtime.conftest import People

TASKS = """
query ($filter: TaskFilter, $search: String) {
  tasks(filter: $filter, search: $search) { id text done priority list }
}
"""
TASK = "query ($id: ID!) { task(id: $id) { id text done priority list } }"

Visitor = Callable[[People], Client]


def by_session(people: People) -> Client:
    client = Client()
    client.force_login(people.ada)
    return client


def by_token(people: People) -> Client:
    return Client(headers={"authorization": "Token token-ada"})


def as_graphql(row: dict[str, Any]) -> dict[str, Any]:
    """A task as REST shows it, but for its keys, which are ``ID``."""
    return {**row, "id": str(row["id"]), "list": str(row["list"])}


def error_of(response: Any) -> dict[str, Any]:
    """The only error of a response without data."""
    assert response.json()["data"] is None
    [error] = response.json()["errors"]
    assert isinstance(error, dict)
    return error
