"""Whether Prometheus is shown the instruments."""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from gql_live.management.doctor.findings import Finding, note, ok, warning


def examine_prometheus() -> Iterator[Finding]:
    """Whether the metrics are registered in this process, as they then are in a server's."""
    if not find_spec("prometheus_client"):
        yield note(
            "prometheus.absent",
            "prometheus-client is not installed: the instruments are no Prometheus metrics.",
            "pip install 'gql-live[prometheus]'",
        )
    elif "gql_live.metrics" not in sys.modules:
        yield note(
            "prometheus.unregistered",
            "prometheus-client is installed, but nothing registers the metrics.",
            "Call gql_live.metrics.register() in asgi.py.",
        )
    elif "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        yield warning(
            "prometheus.multiprocess",
            "PROMETHEUS_MULTIPROC_DIR is set: then Prometheus reads files, and the metrics of "
            "gql_live are in none.",
            "Unset it where sockets are served, and let each process be scraped by itself.",
        )
    else:
        yield ok("prometheus.registered", "The instruments are in Prometheus' registry.")
