"""The test project's settings in a process of its own; the test chooses its database and limits."""

import json
import os

from tests.settings import *  # noqa: F403 - how settings build on others

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DATABASE"],
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
}
GQL_LIVE = json.loads(os.environ["GQL_LIVE"])
