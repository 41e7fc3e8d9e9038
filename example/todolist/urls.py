"""The page at `/`, REST at `/api/`, GraphQL at `/graphql/`."""

from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import RedirectView, TemplateView
from rest_framework.routers import DefaultRouter

from todolist.realtime import router
from todolist.session import session
from todolist.views import ListViewSet, TaskViewSet

rest = DefaultRouter()
rest.register("lists", ListViewSet)
rest.register("tasks", TaskViewSet)

urlpatterns = [
    path("", ensure_csrf_cookie(TemplateView.as_view(template_name="todolist/page.html"))),
    path("favicon.ico", RedirectView.as_view(url=static("todolist/icon.svg"))),
    path("session/", session),
    path("api/", include(rest.urls)),
    path("api-auth/", include("rest_framework.urls")),
    path("graphql/", router.as_view()),
]
