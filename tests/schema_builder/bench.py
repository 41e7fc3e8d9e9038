"""What building a schema costs: ``python -m tests.schema_builder.bench [views]``.

Each view has a serializer of ten fields and a nested one, filters, search, ordering and pages, and
gives four root fields. Prints milliseconds of CPU a view, and what the time is spent on.
"""

import cProfile
import os
import sys
import time
from collections import defaultdict

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

# What follows needs the apps.
from django.urls import include, path  # noqa: E402
from django_filters.rest_framework import DjangoFilterBackend  # noqa: E402
from rest_framework import filters, pagination, routers  # noqa: E402

from gql_live.schema_builder import Registration, build_schema  # noqa: E402
from tests.schema_builder.building import (  # noqa: E402
    nothing,
    serializer_for,
    urlconf,
    viewset_for,
)
from tests.schema_builder.catalog.models import Book, Shelf  # noqa: E402

_FIELDS = ("id", "title", "slug", "isbn", "copies", "price", "status", "published_on", "created_at")
_PARTS = {
    "Django REST Framework": "rest_framework/",
    "django-filter": "django_filters/",
    "Django": "site-packages/django/",
    "graphql-core": "graphql/",
    "Python": "~",
    "Ariadne": "ariadne/",
    "the builder": "schema_builder/",
}


def main(count: int) -> None:
    """Build a schema of ``count`` views twice: to measure, then to profile."""
    router = routers.DefaultRouter()
    registrations = []
    for number in range(count):
        shelf = serializer_for(Shelf, {"id": ..., "code": ...}, f"Shelf{number}Serializer")
        fields = {**dict.fromkeys(_FIELDS, ...), "shelf": shelf()}
        view = viewset_for(
            serializer_for(Book, fields, f"Book{number}Serializer"),
            name=f"Book{number}ViewSet",
            filter_backends=[DjangoFilterBackend, filters.SearchFilter, filters.OrderingFilter],
            filterset_fields=["title", "shelf", "author", "status"],
            search_fields=["title"],
            pagination_class=pagination.LimitOffsetPagination,
        )
        router.register(f"books{number}", view, basename=f"book{number}")
        registrations.append(Registration(view, f"book{number}"))
    mounted = urlconf(path("api/", include(router.urls)))

    def build() -> int:
        return len(build_schema(registrations, resolve=nothing, urlconf=mounted).type_defs)

    started = time.process_time()
    characters = build()
    spent = time.process_time() - started
    each = spent / count * 1000
    sys.stdout.write(f"{count} views, {characters:,} characters of SDL: {each:.2f} ms a view\n")
    profile = cProfile.Profile()
    profile.runcall(build)
    profile.create_stats()
    own_times: dict[str, float] = defaultdict(float)
    for (place, _line, _name), times in profile.stats.items():
        own_times[place] += times[2]
    total = sum(own_times.values())
    for part, folder in _PARTS.items():
        share = sum(spent for place, spent in own_times.items() if folder in place)
        sys.stdout.write(f"{share / total:6.0%}  {part}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
