"""Found by gql_live in every process."""

from gql_live import RealtimeRouter
from tests.todo.views import ListViewSet, TaskViewSet

router = RealtimeRouter()
router.register_all([TaskViewSet, ListViewSet])
