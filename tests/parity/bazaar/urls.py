"""Where the bazaar's views are mounted."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter
from rest_framework_nested.routers import NestedSimpleRouter

from tests.parity.bazaar import views

rest = SimpleRouter()
rest.register("traders", views.TraderViewSet)
rest.register("sections", views.SectionViewSet)
rest.register("flex", views.FlexWareViewSet, "flex-ware")
rest.register("vehicles", views.VehicleViewSet)
rest.register("typed", views.TypedVehicleViewSet, "typed-vehicle")
nested = NestedSimpleRouter(rest, "traders", lookup="trader")
nested.register("wares", views.WareViewSet, basename="trader-wares")

urlpatterns = [path("", include(rest.urls)), path("", include(nested.urls))]
