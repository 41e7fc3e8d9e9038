"""The URLconf of the test project; a test that needs other routes sets ROOT_URLCONF."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
