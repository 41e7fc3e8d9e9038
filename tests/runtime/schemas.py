"""A hand-written schema of the shape that the schema builder makes, and selections over it."""

from types import SimpleNamespace

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


def make_schema() -> GraphQLSchema:
    schema = build_schema(SDL)
    assert schema.subscription_type is not None
    for name in ("task", "tasks"):
        field = schema.subscription_type.fields[name]
        field.resolve = lambda event, _info, **_arguments: event
        field.extensions = {
            EXTENSION: SimpleNamespace(name=name, arguments_by_param={"done": "done"})
        }
    return schema


SCHEMA = make_schema()
DOCUMENTS = Documents(SCHEMA, capacity=100, max_tokens=1000)


def selection(
    query: str = "subscription { tasks { action id } }", **variables: object
) -> Selection:
    plan = plan_subscription(SCHEMA, DOCUMENTS.operation(query), variables)
    assert plan is not None
    return plan.selection
