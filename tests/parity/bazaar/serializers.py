"""Serializers that are made of other packages' fields, or are other packages' own."""

from typing import Any, ClassVar

from django_countries.serializer_fields import CountryField
from drf_extra_fields.relations import PresentablePrimaryKeyRelatedField
from polymorphic.contrib.drf.serializers import PolymorphicSerializer
from rest_flex_fields.serializers import FlexFieldsModelSerializer
from rest_framework import serializers
from rest_framework_nested.relations import NestedHyperlinkedIdentityField
from rest_framework_recursive.fields import RecursiveField
from rest_polymorphic.serializers import PolymorphicSerializer as RestPolymorphicSerializer
from taggit.serializers import TaggitSerializer, TagListSerializerField
from timezone_field.rest_framework import TimeZoneSerializerField

from tests.parity.bazaar.models import Boat, Cart, Section, Trader, Vehicle, Ware


class TraderSerializer(serializers.ModelSerializer[Trader]):
    """A trader: what the packages make of their columns, and what they offer besides."""

    birthplace: Any = CountryField(country_dict=True)  # type: ignore[no-untyped-call]
    country_name: Any = CountryField(name_only=True, source="country")  # type: ignore[no-untyped-call]
    zone: Any = TimeZoneSerializerField()
    summer_zone: Any = TimeZoneSerializerField()

    class Meta:
        model = Trader
        fields = [
            "id",
            "name",
            "phone",
            "second_phone",
            "country",
            "country_name",
            "birthplace",
            "zone",
            "summer_zone",
        ]


class TraderCardSerializer(serializers.ModelSerializer[Trader]):
    """A trader, flat."""

    class Meta:
        model = Trader
        fields = ["id", "name"]


class SectionSerializer(serializers.ModelSerializer[Section]):
    """A section with its parts, and theirs."""

    parts: Any = serializers.ListField(child=RecursiveField(), source="parts.all")
    parent: Any = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Section
        fields = ["id", "name", "parent", "parts"]


class WareSerializer(TaggitSerializer, serializers.ModelSerializer[Ware]):  # type: ignore[misc]  # untyped
    """A ware of a trader."""

    url: Any = NestedHyperlinkedIdentityField(
        view_name="trader-wares-detail", parent_lookup_kwargs={"trader_pk": "trader__pk"}
    )
    tags: Any = TagListSerializerField()
    trader: Any = PresentablePrimaryKeyRelatedField(
        queryset=Trader.objects.all(), presentation_serializer=TraderCardSerializer
    )

    class Meta:
        model = Ware
        fields = [
            "id",
            "url",
            "name",
            "price",
            "price_currency",
            "old_price",
            "old_price_currency",
            "tags",
            "trader",
        ]


class FlexWareSerializer(FlexFieldsModelSerializer):  # type: ignore[misc]  # untyped
    """A ware that shows what is asked for."""

    class Meta:
        model = Ware
        fields: ClassVar[list[str]] = ["id", "name", "trader", "section"]
        expandable_fields: ClassVar[dict[str, Any]] = {
            "trader": TraderCardSerializer,
            "section": SectionSerializer,
            "place": (SectionSerializer, {"source": "section"}),
        }


class VehicleSerializer(serializers.ModelSerializer[Vehicle]):
    """A vehicle of no special kind."""

    class Meta:
        model = Vehicle
        fields: ClassVar[list[str]] = ["id", "name", "owner"]


class CartSerializer(serializers.ModelSerializer[Cart]):
    """A cart."""

    class Meta:
        model = Cart
        fields: ClassVar[list[str]] = ["id", "name", "owner", "wheels", "load"]


class BoatSerializer(serializers.ModelSerializer[Boat]):
    """A boat."""

    owner = TraderCardSerializer()

    class Meta:
        model = Boat
        fields: ClassVar[list[str]] = ["id", "name", "owner", "length", "load"]


class AnyVehicleSerializer(RestPolymorphicSerializer):  # type: ignore[misc]  # untyped
    """A vehicle as what it is, as django-rest-polymorphic writes it."""

    model_serializer_mapping: ClassVar[dict[Any, Any]] = {
        Vehicle: VehicleSerializer,
        Cart: CartSerializer,
        Boat: BoatSerializer,
    }


class TypedVehicleSerializer(PolymorphicSerializer):
    """A vehicle as what it is, as django-polymorphic itself writes it."""

    resource_type_field_name = "kind"
    model_serializer_mapping: dict[Any, Any] = {
        Vehicle: VehicleSerializer,
        Cart: CartSerializer,
        Boat: BoatSerializer,
    }

    def to_resource_type(self, model_or_instance: Any) -> str:
        return str(model_or_instance._meta.verbose_name)
