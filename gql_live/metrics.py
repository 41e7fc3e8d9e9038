"""The instruments as Prometheus metrics; needs ``prometheus-client`` (``gql-live[prometheus]``).

``register()`` in ``asgi.py`` puts them into the default registry, which everything reads that a
project serves Prometheus with (django-prometheus, ``generate_latest``, ``start_http_server``). They
are of one process, and each scrape reads them anew: where several processes serve, each is a
target.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Final
from weakref import WeakSet

from prometheus_client.core import (
    REGISTRY,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from gql_live.instruments import BOUNDS, Histogram, Snapshot, instruments

PREFIX: Final = "gql_live_"

_BUCKETS: Final = (*map(str, BOUNDS), "+Inf")
_registries: WeakSet[CollectorRegistry] = WeakSet()


def register(registry: CollectorRegistry = REGISTRY) -> None:
    """Have a registry read the instruments at each scrape. Harmless to call again."""
    if registry not in _registries:
        registry.register(collector)
        _registries.add(registry)


def is_registered() -> bool:
    """Whether any registry reads the instruments."""
    return bool(_registries)


class InstrumentsCollector(Collector):
    """Every instrument as a metric of this process; see ``instruments.py`` for what each says."""

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now (called by a registry)."""
        return _metrics(instruments.read())


collector: Final = InstrumentsCollector()


def _metrics(shown: Snapshot) -> Iterator[Metric]:
    for counter, number in shown.counts.items():
        yield CounterMetricFamily(PREFIX + counter, counter.meaning, value=number)
    for labelled, numbers in shown.labelled.items():
        family = CounterMetricFamily(PREFIX + labelled, labelled.meaning, labels=[labelled.label])
        for label, number in numbers.items():
            family.add_metric([label], number)
        yield family
    for timing, histogram in shown.timings.items():
        yield HistogramMetricFamily(
            PREFIX + timing, timing.meaning, _buckets(histogram), histogram.total
        )
    for gauge, value in shown.gauges.items():
        yield GaugeMetricFamily(PREFIX + gauge, gauge.meaning, value=value)


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """As Prometheus counts them: each holds what is in those before it, too."""
    return list(zip(_BUCKETS, accumulate(histogram.buckets), strict=True))
