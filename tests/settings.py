"""Django settings of the test suite, on SQLite or, with TEST_DATABASE=postgres, PostgreSQL."""

import os
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import django

# Django reads the first two from 5.1 on.
_SQLITE_OPTIONS: dict[str, Any] = {
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
}
if django.VERSION < (5, 1):
    _SQLITE_OPTIONS = {"timeout": 20}
_SQLITE = Path(gettempdir()) / f"gql_live_tests_{os.getpid()}.sqlite3"
_DATABASES = {
    "sqlite": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(_SQLITE),
        # A file, not shared memory: evaluations read from other threads while a test writes.
        "TEST": {"NAME": str(_SQLITE)},
        "OPTIONS": _SQLITE_OPTIONS,
    },
    "postgres": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "gql_live",
        "USER": os.environ.get("PGUSER", "postgres"),
        "HOST": os.environ.get("PGHOST", "127.0.0.1"),
        "PORT": os.environ.get("PGPORT", "5432"),
        "TEST": {"NAME": f"gql_live_tests_{os.getpid()}"},
    },
}
DATABASES = {"default": _DATABASES[os.environ.get("TEST_DATABASE", "sqlite")]}

SECRET_KEY = "tests"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "tests.urls"
STATIC_URL = "/static/"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "channels",
    "djmoney",
    "phonenumber_field",
    "polymorphic",
    "taggit",
    "gql_live",
    "tests.todo",
    "tests.publish.library",
    "tests.schema_builder.catalog",
    "tests.parity.bazaar",
    "tests.parity.cinema",
    "tests.convergence.tracker",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
}
