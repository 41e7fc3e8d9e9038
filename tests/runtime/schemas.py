"""A hand-written schema of the shape that the schema builder makes, and selections over it."""

from types import SimpleNamespace
from typing import Any

from graphql import GraphQLSchema, build_schema

from gql_live.operations import Documents
from gql_live.plan import EXTENSION, Selection, plan_subscription

SDL = """
type Query { task(id: ID!): Task }
type Subscription {
  task(id: ID!, snapshot: Boolean! = false): TaskChange!
  tasks(done: Boolean, snapshot: Boolean! = false): TaskChange!
  clock: Int
}
type Task { id: ID text: String }
type TaskChange { action: String! id: ID instance: Task instances: [Task!] }
"""


def view_input(arguments: dict[str, Any]) -> SimpleNamespace:
    """As a root field of the schema builder's does: what is asked, hashable."""
    snapshot = arguments.pop("snapshot")
    return SimpleNamespace(kwargs=tuple(arguments.items()), params=(), snapshot=snapshot)


def make_schema() -> GraphQLSchema:
    schema = build_schema(SDL)
    assert schema.subscription_type is not None
    for name in ("task", "tasks"):
        field = schema.subscription_type.fields[name]
        field.resolve = lambda event, _info, **_arguments: event
        root = SimpleNamespace(
            endpoint=name, view_input=view_input, arguments_by_param={"done": "done"}
        )
        field.extensions = {EXTENSION: root}
    return schema


SCHEMA = make_schema()
DOCUMENTS = Documents(SCHEMA, capacity=100, max_tokens=1000)


def selection(
    query: str = "subscription { tasks { action id } }", **variables: object
) -> Selection:
    plan = plan_subscription(SCHEMA, DOCUMENTS.operation(query), variables)
    assert plan is not None
    return plan.selection
