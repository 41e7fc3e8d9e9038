"""The test project's settings in a process of its own; a test replaces some of them."""

import json
import os

from tests.settings import *  # noqa: F403 - how settings build on others

globals().update(json.loads(os.environ["SETTINGS"]))
