"""The Django app."""

from django.apps import AppConfig


class GqlLiveConfig(AppConfig):
    """Finds every installed app's ``realtime`` module, in every process that sets Django up."""

    name = "gql_live"
    verbose_name = "gql_live"
