"""A URLconf without URLs."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
