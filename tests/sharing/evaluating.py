"""Those who ask one question, evaluated together as the broadcaster has it done, or each alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLSchema, build_schema

from gql_live.audience import Audience, Known, Payload, Principal
from gql_live.cases import Case, Outcome
from gql_live.evaluation import evaluate
from gql_live.exceptions import Refusal
from gql_live.members import Members
from gql_live.operations import Documents
from gql_live.plan import EXTENSION, Selection, plan_subscription
from tests.sharing.opening import Question, by_itself
from tests.todo.models import Task

SDL = """
scalar Any
type Query { nothing: Any }
type Subscription { tasks: TaskChange }
type TaskChange { action: String instance: Task instances: [Task!] }
type Task { id: Any read: Any }
"""


def _schema() -> GraphQLSchema:
    schema = build_schema(SDL)
    assert schema.subscription_type is not None
    tasks = schema.subscription_type.fields["tasks"]
    tasks.resolve = lambda event, _: event
    asked = SimpleNamespace(kwargs=(), params=(), snapshot=True)
    root = SimpleNamespace(endpoint=None, view_input=lambda _: asked, arguments_by_param={})
    tasks.extensions = {EXTENSION: root}
    return schema


def _selection() -> Selection:
    schema = _schema()
    documents = Documents(schema, capacity=1, max_tokens=100)
    text = "subscription { tasks { action instance { id read } instances { id read } } }"
    plan = plan_subscription(schema, documents.operation(text), {})
    assert plan is not None
    return plan.selection


SELECTION = _selection()


@dataclass(eq=False)
class Listener:
    """A subscriber that only selects."""

    selection: Selection = SELECTION

    def deliver(self, payload: Payload) -> None: ...

    def refuse(self, refusal: Refusal) -> None: ...

    def lose(self) -> None: ...


def _case(question: Question, who: Principal, changed: Sequence[int] | None) -> Case:
    """Somebody who comes, or has seen all tasks, some of which ``changed``."""
    keys = Task.objects.values_list("pk", flat=True)
    known = Known() if changed is None else Known(Members.of((key, str(key)) for key in keys))
    audience, listener = Audience(question.asked(who), "todo.task", known=known), Listener()
    audience.join(listener)
    if changed is not None:
        audience.admit(listener)
        for key in changed:
            audience.concern(key)
    work = audience.take_work()
    assert work is not None
    return Case(audience.key, known, work)


def _texts(outcome: Any) -> list[str]:
    if not isinstance(outcome, Outcome):
        return [str(outcome)]
    refused = [str(refusal) for _, refusal in outcome.refused]
    payloads = [*outcome.welcomes.values(), *outcome.payloads.get(SELECTION, ())]
    return [*refused, *(payload.text for payload in payloads)]


def told(
    question: Question, everybody: Iterable[Principal], changed: Sequence[int] | None = None
) -> list[list[str]]:
    """What each is told where all are evaluated in one go."""
    cases = [_case(question, who, changed) for who in everybody]
    return [_texts(outcome) for outcome in by_itself(evaluate, cases)]


def told_alone(
    question: Question, everybody: Iterable[Principal], changed: Sequence[int] | None = None
) -> list[list[str]]:
    """What each is told where nobody else is there."""
    return [text for who in everybody for text in told(question, [who], changed)]
