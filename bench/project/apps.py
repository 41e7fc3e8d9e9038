"""The app; it counts the queries of its process."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from bench.project.counters import count_queries


class Bench(AppConfig):
    """Its models are labelled ``bench``."""

    name = "bench.project"
    label = "bench"

    def ready(self) -> None:
        connection_created.connect(count_queries)
