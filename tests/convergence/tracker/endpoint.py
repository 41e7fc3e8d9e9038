"""The tracker's realtime endpoint, and the application that serves it."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from gql_live import RealtimeRouter
from tests.convergence.tracker import views

router = RealtimeRouter()
router.register(views.TaskViewSet, "task")
router.register(views.ProjectViewSet, "project")
router.register(views.CommentViewSet, "comment")
router.register(views.MilestoneViewSet, "milestone")
router.register(views.ChoreList, "chore")
router.register(views.PublicProjectList, "publicProject")
router.register(views.ProjectTaskViewSet, "projectTask")
router.register(views.AuditedTaskList, "auditedTask")
router.register(views.BoardList, "boardTask")
router.register(views.TopTaskList, "topTask")
router.register(views.QuietTaskList, "quietTask")
router.register(views.FragileTaskList, "fragileTask")
router.register(views.CrewList, "crew")
router.register(views.BusyTaskList, "busyTask")
router.register(views.LatestCommentList, "latestComment")
router.register(views.EitherTaskList, "eitherTask")

# The stubs of path() take the views of HTTP alone.
_routes = URLRouter([path("live/", router.as_consumer().as_asgi())])  # type: ignore[arg-type,list-item]
application = ProtocolTypeRouter({"websocket": AuthMiddlewareStack(_routes)})
