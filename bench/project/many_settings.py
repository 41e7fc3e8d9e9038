"""The API with many views and gql_live."""

from bench.project.live_settings import *  # noqa: F403  # the same project under other URLs

ROOT_URLCONF = "bench.project.many_views"
