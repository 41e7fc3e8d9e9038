"""REST under ``/api/``, and the counters."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from bench.project.counters import told_and_reset
from bench.project.related import BoardViewSet, CardViewSet, RemarkViewSet, StrayViewSet
from bench.project.views import OwnTaskViewSet, SoughtTaskViewSet, TaskViewSet

rest = SimpleRouter()
rest.register("tasks", TaskViewSet)
rest.register("own", OwnTaskViewSet, basename="own")
rest.register("cards", CardViewSet)
rest.register("boards", BoardViewSet)
rest.register("remarks", RemarkViewSet)
rest.register("strays", StrayViewSet)
rest.register("sought", SoughtTaskViewSet, basename="sought")

urlpatterns = [
    path("api/", include(rest.urls)),
    path("counters/", told_and_reset),
]
