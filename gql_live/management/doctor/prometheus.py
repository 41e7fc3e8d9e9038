"""Whether Prometheus is shown the instruments."""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from gql_live.management.doctor.findings import Finding, note, ok, warning


def examine_prometheus() -> Iterator[Finding]:
    """Whether the metrics are registered here, as what a server imports is imported by now."""
    if not find_spec("prometheus_client"):
        yield note(
            "prometheus.absent",
            "prometheus-client is not installed: the instruments are no Prometheus metrics.",
            "pip install 'gql-live[prometheus]'",
        )
    elif not _is_registered():
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
        yield ok("prometheus.registered", "A registry of Prometheus' client reads the instruments.")


def _is_registered() -> bool:
    # To import it would make a difference: it is for the project to do.
    metrics = sys.modules.get("gql_live.metrics")
    return metrics is not None and metrics.is_registered()
