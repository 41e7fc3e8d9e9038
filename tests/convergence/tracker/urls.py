"""REST over the tracker."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from tests.convergence.tracker import views

router = DefaultRouter()
router.register("tasks", views.TaskViewSet, basename="tracker-task")
router.register("projects", views.ProjectViewSet, basename="tracker-project")
router.register("milestones", views.MilestoneViewSet, basename="tracker-milestone")
router.register("comments", views.CommentViewSet, basename="tracker-comment")
router.register(
    r"projects/(?P<project_pk>\d+)/tasks", views.ProjectTaskViewSet, basename="tracker-project-task"
)

urlpatterns = [
    path("public-projects/", views.PublicProjectList.as_view()),
    path("audited-tasks/", views.AuditedTaskList.as_view()),
    path("board/", views.BoardList.as_view()),
    path("top-tasks/", views.TopTaskList.as_view()),
    path("quiet-tasks/", views.QuietTaskList.as_view()),
    path("fragile-tasks/", views.FragileTaskList.as_view()),
    path("crews/", views.CrewList.as_view()),
    path("busy-tasks/", views.BusyTaskList.as_view()),
    path("latest-comments/", views.LatestCommentList.as_view()),
    path("either-tasks/", views.EitherTaskList.as_view()),
    path("chores/", views.ChoreList.as_view()),
    path("", include(router.urls)),
]
