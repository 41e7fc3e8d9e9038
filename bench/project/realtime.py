"""Which views are live."""

from typing import Any

from ariadne import ObjectType
from gql_live import RealtimeRouter

from bench.project.counters import COUNTED
from bench.project.related import CardViewSet, WholeCardViewSet
from bench.project.views import OwnTaskViewSet, SoughtTaskViewSet, TaskViewSet

change = ObjectType("TaskChange")


@change.field("action")
def count_execution(event: Any, _info: Any) -> Any:
    """Every execution of an event resolves its action, once."""
    COUNTED["executions"] += 1
    return event["action"]


router = RealtimeRouter(bindables=[change])
router.register(TaskViewSet)
router.register(OwnTaskViewSet, "ownTask")
router.register(SoughtTaskViewSet, "soughtTask")
router.register(CardViewSet)
router.register(WholeCardViewSet, "wholeCard")
