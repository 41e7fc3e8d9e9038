"""The API with gql_live. `GQL_LIVE` in the environment, as JSON, lies over what is set here."""

import json
import os

from bench.project.settings import *  # noqa: F403  # the same project, and one app more
from bench.project.settings import INSTALLED_APPS as APPS_WITHOUT

INSTALLED_APPS = [*APPS_WITHOUT, "gql_live"]

# One client opens all connections, as one user, and what runs by the clock would blur what a
# write costs.
GQL_LIVE = {
    "MAX_CONNECTIONS_PER_USER": 1_000_000,
    "INIT_TIMEOUT": 600.0,
    "KEEPALIVE": 3600.0,
    "RECONSIDER_EVERY": 36_000.0,
    **json.loads(os.environ.get("GQL_LIVE", "{}")),
}
