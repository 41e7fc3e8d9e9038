"""Views of other packages' making, or in front of it."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from djangorestframework_camel_case.render import CamelCaseJSONRenderer
from rest_flex_fields.views import FlexFieldsMixin
from rest_framework import viewsets
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import LimitOffsetPagination

from gql_live import RealtimeMixin
from tests.parity.bazaar.models import Section, Trader, Vehicle, Ware
from tests.parity.bazaar.serializers import (
    AnyVehicleSerializer,
    FlexWareSerializer,
    SectionSerializer,
    TraderSerializer,
    TypedVehicleSerializer,
    WareSerializer,
)


class TwoByTwo(LimitOffsetPagination):
    """Two from anywhere."""

    default_limit = 2


class TraderViewSet(RealtimeMixin, viewsets.ModelViewSet[Trader]):
    """Traders, whose keys REST writes in camelCase."""

    queryset = Trader.objects.order_by("pk")
    serializer_class = TraderSerializer
    renderer_classes = [CamelCaseJSONRenderer]
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_fields = {"country": ["exact"]}
    ordering_fields = ["name", "country"]


class SectionViewSet(RealtimeMixin, viewsets.ModelViewSet[Section]):
    """Sections with all that is in them."""

    queryset = Section.objects.order_by("pk")
    serializer_class = SectionSerializer


class WareViewSet(RealtimeMixin, viewsets.ModelViewSet[Ware]):
    """The wares of one trader."""

    queryset = Ware.objects.order_by("pk")
    serializer_class = WareSerializer

    def get_queryset(self) -> QuerySet[Ware]:
        return super().get_queryset().filter(trader=self.kwargs["trader_pk"])


class FlexWareViewSet(FlexFieldsMixin, RealtimeMixin, viewsets.ReadOnlyModelViewSet[Ware]):  # type: ignore[misc]  # untyped
    """Wares as they are asked for."""

    queryset = Ware.objects.order_by("pk")
    serializer_class: Any = FlexWareSerializer
    permit_list_expands = ["trader", "section", "place"]


class VehicleViewSet(RealtimeMixin, viewsets.ModelViewSet[Vehicle]):
    """Vehicles, each as what it is."""

    queryset: Any = Vehicle.objects.order_by("pk")
    serializer_class: Any = AnyVehicleSerializer
    pagination_class = TwoByTwo


class TypedVehicleViewSet(RealtimeMixin, viewsets.ReadOnlyModelViewSet[Vehicle]):
    """The same vehicles, told apart in another way."""

    queryset: Any = Vehicle.objects.order_by("pk")
    serializer_class: Any = TypedVehicleSerializer
