"""Settings of a process that serves nothing: a database of its own, the test's channel layer."""

import json
import os

SECRET_KEY = "tests"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "gql_live",
    "tests.publish.library",
]
CHANNEL_LAYERS = json.loads(os.environ["CHANNEL_LAYERS"])
