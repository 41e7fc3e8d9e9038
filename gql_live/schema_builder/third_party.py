"""Rows for classes of other packages, by path: nothing is imported, installed or not.

django-filter's are in ``filters``, polymorphic serializers in ``polymorphism``; nested routes of
drf-nested-routers and drf-extensions are read in ``arguments``. Fields that inherit how they write
from Django REST Framework's own (PhoneNumberField, for one) need no row.
"""

from collections.abc import Mapping
from typing import Any

from gql_live.schema_builder import extensions
from gql_live.schema_builder.diagnostics import Place
from gql_live.schema_builder.fields import convert, decimal
from gql_live.schema_builder.shapes import (
    JSON,
    STRING,
    ListOf,
    TypeRef,
)
from gql_live.schema_builder.types import ObjectTypes

Output = extensions.Output


@extensions.field("djmoney.contrib.django_rest_framework.fields.MoneyField")
def _money(field: Any, context: extensions.FieldContext) -> Output:
    # django-money: the amount, written as a DecimalField writes it; the currency has its own field.
    return decimal(field, context)


@extensions.field("taggit.serializers.TagListSerializerField")
def _tags(_field: Any, _context: extensions.FieldContext) -> Output:
    # django-taggit: the tags' names.
    return Output(ListOf(STRING), provable=False)


@extensions.field(
    "drf_extra_fields.fields.RangeField",
    "rest_framework_gis.fields.GeometryField",
    "rest_framework_gis.fields.GeometrySerializerMethodField",
)
def _structure(_field: Any, _context: extensions.FieldContext) -> Output:
    # GeoJSON, or the bounds of a range.
    return Output(JSON, provable=False)


@extensions.field(
    "drf_extra_fields.fields.Base64FieldMixin",
    "drf_extra_fields.fields.LowercaseEmailField",
    "timezone_field.rest_framework.TimeZoneSerializerField",
)
def _text(_field: Any, _context: extensions.FieldContext) -> Output:
    return Output(STRING)


@extensions.field("django_countries.serializer_fields.CountryField")
def _country(field: Any, _context: extensions.FieldContext) -> Output:
    # The code or the name, or an object of both.
    return Output(JSON if field.country_dict else STRING, provable=False)


@extensions.field("drf_extra_fields.relations.PresentableRelatedFieldMixin")
def _presented(field: Any, context: extensions.FieldContext) -> Output:
    presented = field.presentation_serializer(**field.presentation_serializer_kwargs)
    return context.types.of(presented, context.place)


@extensions.field("rest_framework_recursive.fields.RecursiveField")
def _recursive(field: Any, context: extensions.FieldContext) -> Output:
    return convert(field.proxied, context)


@extensions.serializer("rest_framework_gis.serializers.GeoFeatureModelSerializer")
def _feature(_serializer: Any, _place: Place, _types: ObjectTypes) -> Output:
    # A GeoJSON Feature.
    return Output(JSON)


@extensions.serializer("rest_framework_gis.serializers.GeoFeatureModelListSerializer")
def _features(_serializer: Any, _place: Place, _types: ObjectTypes) -> Output:
    # A GeoJSON FeatureCollection: one object, not a list.
    return Output(JSON)


@extensions.serializer("rest_flex_fields.serializers.FlexFieldsSerializerMixin")
def _flexible(serializer: Any, place: Place, types: ObjectTypes) -> Output:
    # drf-flex-fields: ?expand= puts an object where there was a key, or where there was nothing.
    meta = getattr(serializer, "Meta", None)
    expandable: Mapping[str, Any] = {
        **getattr(serializer, "expandable_fields", {}),
        **getattr(meta, "expandable_fields", {}),
    }
    retyped: dict[str, TypeRef] = dict.fromkeys(expandable, JSON)
    return Output(types.object(serializer, place, retyped))
