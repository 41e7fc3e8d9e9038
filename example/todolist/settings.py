"""Settings of the example: a demonstration on one machine, not a deployment.

The environment may say: `DATABASE` (path of the SQLite file), `REDIS_URL` (a channel layer for
several processes; without it, changes stay in this one), `REDIS_LAYER` (the class of that layer),
`DEBUG`.
"""

import os
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent

SECRET_KEY = "known-to-everyone-who-reads-this"
DEBUG = bool(os.environ.get("DEBUG"))
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "todolist.urls"
ASGI_APPLICATION = "todolist.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "channels",
    "gql_live",
    "todolist",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LOGIN_REDIRECT_URL = "/api/"

STATIC_URL = "/static/"
STATICFILES_DIRS = [EXAMPLE / "static"]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DATABASE", str(EXAMPLE / "demo.sqlite3")),
        # Readers never wait for the writer, and a writer waits its turn instead of failing.
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    },
}

_REDIS = os.environ.get("REDIS_URL")
_REDIS_LAYER = os.environ.get("REDIS_LAYER", "channels_redis.core.RedisChannelLayer")
CHANNEL_LAYERS = {
    "default": (
        {"BACKEND": _REDIS_LAYER, "CONFIG": {"hosts": [_REDIS]}}
        if _REDIS
        else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    ),
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
