"""The page at `/`, REST at `/api/`, GraphQL at `/graphql/`."""

from django.urls import include, path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import TemplateView
from rest_framework.routers import DefaultRouter

from todolist.realtime import router
from todolist.session import session
from todolist.views import ListViewSet, TaskViewSet

rest = DefaultRouter()
rest.register("lists", ListViewSet)
rest.register("tasks", TaskViewSet)

urlpatterns = [
    path("", ensure_csrf_cookie(TemplateView.as_view(template_name="todolist/page.html"))),
    path("session/", session),
    path("api/", include(rest.urls)),
    path("api-auth/", include("rest_framework.urls")),
    path("graphql/", router.as_view()),
]
