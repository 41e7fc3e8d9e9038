"""A project's own Ariadne types, extensions and rules stand next to the generated fields."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from ariadne import MutationType, QueryType, SubscriptionType
from ariadne.types import Extension
from graphql import FieldNode, GraphQLError, ValidationRule

from gql_live import RealtimeRouter
from gql_live.testing import OperationError
from tests.runtime.conftest import Connect, People
from tests.runtime.test_flows import TASKS, next_change, started
from tests.runtime.test_refusals import app_of
from tests.todo.models import Task
from tests.todo.views import TaskViewSet

TYPE_DEFS = """
extend type Query { version: String! }
type Mutation { shout(text: String!): String! }
extend type Subscription { count(to: Int!): Int! }
"""
query, mutation, subscription = QueryType(), MutationType(), SubscriptionType()


@query.field("version")
async def resolve_version(_: Any, _info: Any) -> str:
    return "1"


@mutation.field("shout")
def resolve_shout(_: Any, _info: Any, text: str) -> str:
    return text.upper()


@subscription.source("count")
async def count_source(_: Any, _info: Any, to: int) -> AsyncGenerator[int, None]:
    for number in range(to):
        yield number


@subscription.field("count")
def resolve_count(number: int, _info: Any, **_arguments: Any) -> int:
    return number


class Stamp(Extension):
    """Adds to every response."""

    def format(self, context: Any) -> dict[str, Any]:
        return {"stamped": True}


class NoTypename(ValidationRule):
    """Refuses what some project may not like."""

    def enter_field(self, node: FieldNode, *_arguments: Any) -> None:
        if node.name.value == "__typename":
            self.report_error(GraphQLError("No names here.", node))


OWN: dict[str, Any] = {"type_defs": TYPE_DEFS, "bindables": [query, mutation, subscription]}


async def test_own_operations_run_next_to_the_generated_ones(
    connect: Connect, people: People, task: Task
) -> None:
    client = await connect(people.ada, app=app_of(TaskViewSet, **OWN))
    assert await client.query("{ version tasks { text } }") == {
        "data": {"version": "1", "tasks": [{"text": "Write"}]}
    }
    said = await client.query('mutation { shout(text: "hey") }')
    assert said == {"data": {"shout": "HEY"}}
    counted = [each async for each in client.subscribe("subscription { count(to: 3) }")]
    assert counted == [{"data": {"count": number}} for number in range(3)]
    stream = await started(client, TASKS)
    await task.asave()
    assert (await next_change(stream))["action"] == "UPDATED"


async def test_extensions_run_around_queries_and_events(
    connect: Connect, people: People, task: Task
) -> None:
    client = await connect(people.ada, app=app_of(TaskViewSet, extensions=[Stamp]))
    assert (await client.query("{ tasks { text } }"))["extensions"] == {"stamped": True}
    stream = client.subscribe(TASKS, {"snapshot": True})
    assert (await anext(stream))["extensions"] == {"stamped": True}
    await task.asave()
    assert (await anext(stream))["extensions"] == {"stamped": True}


async def test_own_rules_are_asked_of_every_document(connect: Connect, people: People) -> None:
    client = await connect(people.ada, app=app_of(TaskViewSet, validation_rules=[NoTypename]))
    with pytest.raises(OperationError, match="No names here"):
        await client.query("{ __typename }")
    with pytest.raises(OperationError, match="No names here"):
        await anext(client.subscribe("subscription { tasks { __typename } }"))


def test_a_routers_own_types_are_in_its_sdl() -> None:
    router = RealtimeRouter(**OWN)
    router.register(TaskViewSet)
    assert "count(to: Int!): Int!" in router.type_defs
