"""Which views are live. gql_live finds this module by its name, in every process."""

from gql_live import RealtimeRouter
from todolist.views import ListViewSet, TaskViewSet

router = RealtimeRouter()
router.register(ListViewSet)
router.register(TaskViewSet)
