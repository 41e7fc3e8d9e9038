"""The Django app."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules

from gql_live.read_ahead import wrap_get


class GqlLiveConfig(AppConfig):
    """Finds every installed app's ``realtime`` module, in every process that sets Django up.

    So a Celery worker, a shell or a management command knows which models are watched, and
    publishes its writes too.
    """

    name = "gql_live"
    verbose_name = "gql_live"

    def ready(self) -> None:
        """Import the ``realtime`` modules, whose routers register views, which watches their
        models.
        """
        wrap_get()
        autodiscover_modules("realtime")
        # Registers the checks. Not imported above: it needs the app registry.
        import_module("gql_live.checks")
        if apps.is_installed("django.contrib.auth"):
            import_module("gql_live.identity").watch_identity()
