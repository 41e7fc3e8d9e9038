"""The API with django-rest-live: its views find the user whom the socket's scope names."""

from bench.project.settings import *  # noqa: F403  # the same project, and one app more
from bench.project.settings import INSTALLED_APPS as APPS_WITHOUT
from bench.project.settings import REST_FRAMEWORK as REST_WITHOUT

INSTALLED_APPS = [*APPS_WITHOUT, "rest_live"]
REST_FRAMEWORK = {
    **REST_WITHOUT,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
}
