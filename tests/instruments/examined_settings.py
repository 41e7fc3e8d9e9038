"""The test project's settings in a process of its own; a test replaces some of them."""

import json
import os

from tests.settings import *  # noqa: F403 - how settings build on others

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
globals().update(json.loads(os.environ["SETTINGS"]))
