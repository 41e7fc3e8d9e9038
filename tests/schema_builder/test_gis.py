"""Geometries as djangorestframework-gis writes them: the real package on the real libraries."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.test.utils import isolate_apps
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import serializers

from gql_live.schema_builder import BuiltSchema
from tests.schema_builder.building import (
    arguments,
    build,
    execute,
    field_types,
    messages,
    serializer_for,
    viewset_for,
)
from tests.services import require

ADDRESS = {"type": "Point", "coordinates": [13.4, 52.5]}


@pytest.fixture
def gis(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package's modules, its columns and a model with one; skips where GDAL is missing."""
    try:
        from django.contrib.gis.db.models import PointField
        from django.contrib.gis.geos import Point
    except (ImproperlyConfigured, OSError) as error:
        require("GDAL", False, f"install Debian's package `libgdal32` ({error})")
    import rest_framework_gis
    from rest_framework_gis import apps, fields, filters, pagination
    from rest_framework_gis import serializers as gis_serializers

    mapping = dict(serializers.ModelSerializer.serializer_field_mapping)
    monkeypatch.setattr(serializers.ModelSerializer, "serializer_field_mapping", mapping)
    apps.AppConfig("rest_framework_gis", rest_framework_gis).ready()
    with isolate_apps("tests.schema_builder.catalog"):
        place = type(
            "Place",
            (models.Model,),
            {
                "__module__": __name__,
                "__str__": lambda self: str(self.pk),
                "Meta": type("Meta", (), {"app_label": "catalog"}),
                "name": models.CharField(max_length=10),
                "address": PointField(),
            },
        )
    return SimpleNamespace(
        place=place,
        home=place(pk=1, name="Home", address=Point(13.4, 52.5)),
        fields=fields,
        filters=filters,
        pagination=pagination,
        serializers=gis_serializers,
    )


def features(gis: Any) -> Any:
    """A serializer that writes each row as a GeoJSON Feature."""
    meta = type(
        "Meta",
        (),
        {"model": gis.place, "geo_field": "address", "fields": ["id", "name", "address"]},
    )
    return type("PlaceSerializer", (gis.serializers.GeoFeatureModelSerializer,), {"Meta": meta})


def listed(gis: Any, serializer: Any, data: Any = None, **attributes: Any) -> BuiltSchema:
    view = viewset_for(serializer, gis.place, "PlaceViewSet", **attributes)
    return build(view, resolve=lambda *_: data)


def test_a_geometry_is_the_geojson_of_rest(gis: Any) -> None:
    columns = {"id": ..., "name": ..., "address": ...}
    serializer = serializer_for(gis.place, columns, "PlaceSerializer")
    data = serializer(gis.home).data
    built = listed(gis, serializer, data)
    assert field_types(built, "Place") == {"id": "ID!", "name": "String!", "address": "JSON"}
    assert execute(built, '{ place(id: "1") { address } }') == {"place": {"address": ADDRESS}}
    assert messages(built) == []


def test_a_geometry_that_a_method_gives_is_geojson(gis: Any) -> None:
    serializer = serializer_for(
        gis.place,
        {"id": ..., "centre": gis.fields.GeometrySerializerMethodField()},
        "PlaceSerializer",
    )
    serializer.get_centre = lambda _self, place: place.address  # type: ignore[attr-defined]
    built = listed(gis, serializer, serializer(gis.home).data)
    assert execute(built, '{ place(id: "1") { centre } }') == {"place": {"centre": ADDRESS}}
    assert messages(built) == []


def test_a_row_that_is_a_feature_is_json(gis: Any) -> None:
    data = features(gis)(gis.home).data
    built = listed(gis, features(gis), data)
    feature = {"id": 1, "type": "Feature", "geometry": ADDRESS, "properties": {"name": "Home"}}
    assert execute(built, '{ place(id: "1") }') == {"place": feature}
    assert messages(built) == []


def test_a_list_of_features_is_one_collection(gis: Any) -> None:
    data = features(gis)([gis.home], many=True).data
    built = listed(gis, features(gis), data)
    assert execute(built, "{ places }") == {"places": data}
    assert data["features"][0]["geometry"] == ADDRESS
    assert messages(built) == []


def test_a_page_of_features_is_one_collection(gis: Any) -> None:
    collection: Any = features(gis)([gis.home], many=True).data
    data = {**collection, "count": 1, "next": None, "previous": None}
    built = listed(gis, features(gis), data, pagination_class=gis.pagination.GeoJsonPagination)
    selection = "{ type count next previous features }"
    assert execute(built, f"{{ places {selection} }}") == {"places": data}
    assert messages(built) == []


def test_filters_of_places_are_arguments(gis: Any) -> None:
    filterset = type(
        "Places",
        (gis.filters.GeoFilterSet,),
        {
            "within": gis.filters.GeometryFilter("address", lookup_expr="within"),
            "Meta": type("Meta", (), {"model": gis.place, "fields": []}),
        },
    )
    built = listed(
        gis,
        serializer_for(gis.place, {"id": ...}, "PlaceSerializer"),
        filter_backends=[DjangoFilterBackend, gis.filters.InBBoxFilter],
        filterset_class=filterset,
    )
    assert arguments(built, "query", "places")["filter"] == "PlaceFilter"
    assert field_types(built, "PlaceFilter") == {"within": "String", "in_bbox": "[Float!]"}
    given = built.root_fields["query", "places"].view_input(
        {"filter": {"in_bbox": [13.1, 52.2, 13.7, 52.7]}}
    )
    assert given.params == (("in_bbox", "13.1,52.2,13.7,52.7"),)
