"""The URLconf of the test project; a test that needs other routes sets ROOT_URLCONF."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from tests.todo.realtime import router as realtime
from tests.todo.views import ListViewSet, TaskViewSet

rest = DefaultRouter()
rest.register("tasks", TaskViewSet)
rest.register("lists", ListViewSet)

urlpatterns = [
    path("api/", include(rest.urls)),
    path("bazaar/", include("tests.parity.bazaar.urls")),
    path("cinema/", include("tests.parity.cinema.urls")),
    path("tracker/", include("tests.convergence.tracker.urls")),
    path("catalog/", include("tests.schema_builder.catalog.urls")),
    path("graphql/", realtime.as_view()),
]
