"""Queries and evaluations in the test's own thread, where their SQL can be looked at."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.test.utils import CaptureQueriesContext

from gql_live import RealtimeRouter
from gql_live.audience import Audience, AudienceKey, Known, Payload, Principal
from gql_live.cases import Case, Outcome
from gql_live.changes import key_of
from gql_live.evaluation import evaluate
from gql_live.exceptions import Refusal
from gql_live.execution import answer
from gql_live.members import Members
from gql_live.plan import Plan, Selection, plan_subscription
from gql_live.wanted import EVERYTHING
from tests.parity.cinema.models import Film
from tests.parity.cinema.realtime import router
from tests.parity.selections import VARIABLES

NOBODY = Principal("http", (("host", "testserver"),), "", ("testserver", "80"))


def tables_read(captured: CaptureQueriesContext) -> set[str]:
    """The cinema's tables that the queries name, links of films and genres as ``link``."""
    found = re.findall(r'(?:FROM|JOIN) "(\w+)"', " ".join(q["sql"] for q in captured))
    names = {table.removeprefix("cinema_") for table in found}
    return {"link" if name == "film_genres" else name for name in names}


async def run_in_full(work: Callable[..., Any], asked: AudienceKey, _wanted: Any) -> Any:
    """Read everything, whatever is selected."""
    return await sync_to_async(work)(asked, EVERYTHING)


async def run(work: Callable[..., Any], *arguments: Any) -> Any:
    """Read what is selected."""
    return await sync_to_async(work)(*arguments)


def query(text: str, of: RealtimeRouter = router, run: Callable[..., Any] = run) -> dict[str, Any]:
    """The response to a query of somebody unknown."""

    async def respond() -> dict[str, Any]:
        documents = of.gateway.documents
        context = {"principal": NOBODY, "run": run}
        return await anext(answer(documents, documents.operation(text), VARIABLES, context))

    return async_to_sync(respond)()


def routed(view: Any, **options: Any) -> RealtimeRouter:
    """A router of one view."""
    made = RealtimeRouter(**options)
    made.register(view)
    return made


@dataclass(eq=False)
class Listener:
    """A subscriber that only selects."""

    selection: Selection

    def deliver(self, payload: Payload) -> None: ...

    def refuse(self, refusal: Refusal) -> None: ...

    def lose(self) -> None: ...


def planned(text: str, of: RealtimeRouter = router) -> Plan:
    """The plan of a subscription."""
    plan = plan_subscription(of.schema, of.gateway.documents.operation(text), VARIABLES)
    assert plan is not None
    return plan


def evaluated(
    plans: Sequence[Plan], *, changed: Iterable[Film] = (), joining: Sequence[Plan] = ()
) -> Outcome:
    """What becomes of changes to films, for an audience that selects as ``plans`` do and has seen
    all films.
    """
    one = (*plans, *joining)[0]
    asked = AudienceKey(one.endpoint, one.kwargs, one.params, NOBODY)
    members = {key_of(film.pk): str(film.pk) for film in Film.objects.all()}
    audience = Audience(asked, "cinema.film", known=Known(members=Members.of(members.items())))
    for plan in plans:
        subscriber = Listener(plan.selection)
        audience.join(subscriber)
        audience.admit(subscriber)
    for plan in joining:
        audience.join(Listener(plan.selection))
    for film in changed:
        audience.concern(key_of(film.pk))
    work = audience.take_work()
    assert work is not None
    (outcome,) = evaluate([Case(asked, audience.known, work)])
    assert isinstance(outcome, Outcome)
    return outcome


def snapshot_of(outcome: Outcome, selection: Selection) -> Payload:
    """The snapshot that whoever joined with ``selection`` is told."""
    (payload,) = {
        payload for joiner, payload in outcome.welcomes.items() if joiner.selection == selection
    }
    return payload
