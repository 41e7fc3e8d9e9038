"""One view for each way to say which rows somebody sees."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import generics, pagination, permissions, viewsets
from rest_framework.request import Request

from gql_live import RealtimeMixin
from tests.convergence.gate import pass_through
from tests.convergence.tracker.models import (
    Chore,
    Comment,
    Milestone,
    Project,
    Role,
    Switch,
    Task,
    Team,
)
from tests.convergence.tracker.serializers import (
    BusyTaskSerializer,
    CommentSerializer,
    CrewSerializer,
    FragileTaskSerializer,
    MilestoneSerializer,
    PlainTaskSerializer,
    ProjectSerializer,
    TaskSerializer,
)

User: Any = get_user_model()
BOARD = "board"
"""The switch that opens and closes the board."""


class Followed(RealtimeMixin):
    """Passes a gate before anything is asked or read."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        pass_through("start")
        super().initial(request, *args, **kwargs)  # type: ignore[misc]


class TaskViewSet(Followed, viewsets.ModelViewSet[Task]):
    """The tasks of the teams that one is a member of, through three tables; staff see all."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    permission_classes = [permissions.IsAuthenticated]
    filter_backends = [DjangoFilterBackend]
    filterset_fields = ["done", "project"]
    realtime_depends_on = {"team_name": ["project__team"]}

    def get_queryset(self) -> QuerySet[Task]:
        tasks = Task.objects.select_related("project__team", "assignee")
        tasks = tasks.prefetch_related("comments__author", "tags")
        tasks = tasks.annotate(comment_count=Count("comments", distinct=True))
        if not self.request.user.is_staff:
            tasks = tasks.filter(project__team__members=self.request.user.pk).distinct()
        return tasks.order_by("pk")


class ProjectViewSet(Followed, viewsets.ModelViewSet[Project]):
    """The projects of one's teams, which Python puts into the query as numbers; by slug."""

    queryset = Project.objects.none()
    serializer_class = ProjectSerializer
    permission_classes = [permissions.IsAuthenticated]
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Project]:
        teams = Team.objects.filter(members=self.request.user.pk)
        numbers = [team.pk for team in teams]
        return Project.objects.filter(team__in=numbers).order_by("pk")


class PublicProjectList(Followed, generics.ListAPIView[Project]):
    """What anybody may see."""

    queryset = Project.objects.filter(visible=True).order_by("pk")
    serializer_class = ProjectSerializer
    realtime_audience = "public"


class ProjectTaskViewSet(Followed, viewsets.ReadOnlyModelViewSet[Task]):
    """The tasks of one project, for whoever has an active role in its team."""

    queryset = Task.objects.none()
    serializer_class = PlainTaskSerializer

    def get_queryset(self) -> QuerySet[Task]:
        roles = Role.objects.filter(
            team=OuterRef("project__team"), user=self.request.user.pk, active=True
        )
        tasks = Task.objects.filter(Exists(roles), project=self.kwargs["project_pk"])
        return tasks.order_by("position", "pk")


class Pages(pagination.PageNumberPagination):
    """Pages of two."""

    page_size = 2


class MilestoneViewSet(Followed, viewsets.ModelViewSet[Milestone]):
    """Children of tasks, by pages."""

    queryset = Milestone.objects.filter(project__visible=True).order_by("pk")
    serializer_class = MilestoneSerializer
    pagination_class = Pages


class CommentViewSet(Followed, viewsets.ModelViewSet[Comment]):
    """One's own comments, and those of one's teams that are not hidden."""

    queryset = Comment.objects.none()
    serializer_class = CommentSerializer
    permission_classes = [permissions.IsAuthenticated]
    filter_backends = [DjangoFilterBackend]
    filterset_fields = ["task"]

    def get_queryset(self) -> QuerySet[Comment]:
        user = self.request.user.pk
        readable = Q(author=user) | Q(hidden=False, task__project__team__members=user)
        return Comment.objects.filter(readable).distinct().order_by("pk")


class MayView(permissions.BasePermission):
    """Whoever was granted it, or is in a group that was."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perm("tracker.view_task")


class AuditedTaskList(Followed, generics.ListAPIView[Task]):
    """All tasks, for those who may view them."""

    queryset = Task.objects.order_by("pk")
    serializer_class = PlainTaskSerializer
    permission_classes = [MayView]


class WhileOpen(permissions.BasePermission):
    """Everybody, while the board is open."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return Switch.objects.filter(name=BOARD, on=True).exists()


class BoardList(Followed, generics.ListAPIView[Task]):
    """The tasks of visible projects, by a subquery."""

    queryset = Task.objects.filter(project__in=Project.objects.filter(visible=True)).order_by("pk")
    serializer_class = TaskSerializer
    permission_classes = [WhileOpen]

    def get_queryset(self) -> QuerySet[Task]:
        tasks = super().get_queryset().select_related("project")
        return tasks.annotate(comment_count=Count("comments"))


class TopTaskList(Followed, generics.ListAPIView[Task]):
    """The first three: a row enters because another one left."""

    queryset = Task.objects.none()
    serializer_class = PlainTaskSerializer

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.order_by("position", "pk")[:3]


class QuietTaskList(Followed, generics.ListAPIView[Task]):
    """Tasks with a note that nobody commented in secret."""

    queryset = Task.objects.none()
    serializer_class = PlainTaskSerializer

    def get_queryset(self) -> QuerySet[Task]:
        noted = Task.objects.filter(notes__isnull=False).exclude(comments__hidden=True)
        return noted.distinct().order_by("pk")


class FragileTaskList(Followed, generics.ListAPIView[Task]):
    """All tasks, as long as each can be shown."""

    queryset = Task.objects.order_by("pk")
    serializer_class = FragileTaskSerializer


class CrewList(Followed, generics.ListAPIView[Team]):
    """The teams that one belongs to, in one way or another, unless they work on something green."""

    queryset = Team.objects.none()
    serializer_class = CrewSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self) -> QuerySet[Team]:
        user = self.request.user.pk
        teams = Team.objects.filter(Q(members=user) | Q(role__user=user, role__active=True))
        teams = teams.exclude(projects__tags__name="green").distinct().order_by("pk")
        roles = Prefetch("role_set", Role.objects.select_related("user").order_by("pk"))
        return teams.prefetch_related(roles, Prefetch("members", User.objects.order_by("pk")))


class BusyTaskList(Followed, generics.ListAPIView[Task]):
    """Tasks that are spoken of in the open, with the last word."""

    queryset = Task.objects.none()
    serializer_class = BusyTaskSerializer

    def get_queryset(self) -> QuerySet[Task]:
        said = Comment.objects.filter(task=OuterRef("pk"), hidden=False).order_by("-pk")
        tasks = Task.objects.annotate(spoken=Count("comments", filter=Q(comments__hidden=False)))
        tasks = tasks.annotate(last_comment=Subquery(said.values("text")[:1]))
        return tasks.filter(spoken__gte=1).order_by("pk")


class LatestCommentList(Followed, generics.ListAPIView[Comment]):
    """The first two, in an order that another table decides."""

    queryset = Comment.objects.none()
    serializer_class = CommentSerializer

    def get_queryset(self) -> QuerySet[Comment]:
        return Comment.objects.order_by("task__position", "-pk")[:2]


class EitherTaskList(Followed, generics.ListAPIView[Task]):
    """Tasks that are done, and those of visible projects, by a union."""

    queryset = Task.objects.none()
    serializer_class = PlainTaskSerializer

    def get_queryset(self) -> QuerySet[Task]:
        done = Task.objects.filter(done=True).order_by()
        return done.union(Task.objects.filter(project__visible=True).order_by()).order_by("id")


class ChoreList(Followed, generics.ListAPIView[Chore]):
    """Open tasks, by a proxy whose manager hides the others."""

    queryset = Chore.objects.order_by("pk")
    serializer_class = PlainTaskSerializer

    def get_queryset(self) -> QuerySet[Chore]:
        return Chore.objects.order_by("pk")
