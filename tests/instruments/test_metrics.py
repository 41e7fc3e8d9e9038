"""The instruments, as Prometheus scrapes them."""

from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from gql_live.instruments import BOUNDS, Counter, Gauge, LabelledCounter, Timing, instruments
from gql_live.metrics import register
from tests.services import free_port


class Source:
    """Something to be measured."""


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    instruments.reset()


@pytest.fixture
def address() -> Iterator[str]:
    """Where a registry of the test's own is scraped."""
    registry = CollectorRegistry()
    register(registry)
    port = free_port()
    server, thread = start_http_server(port, "127.0.0.1", registry)
    yield f"http://127.0.0.1:{port}/metrics"
    server.shutdown()
    server.server_close()
    thread.join()


def scrape(address: str) -> dict[str, Metric]:
    """What Prometheus reads there, by name. The parser is strict about what may be said."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    with urlopen(Request(address, headers=accept)) as response:
        text = response.read().decode()
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    return {family.name: family for family in families}


def values(metric: Metric) -> dict[tuple[str, ...], float]:
    """The values of a metric, by the values of its labels."""
    return {tuple(sample.labels.values()): sample.value for sample in metric.samples}


def test_every_instrument_is_a_metric_that_says_what_it_means(address: str) -> None:
    scraped = scrape(address)
    names = {
        name: name.meaning for kind in (Counter, LabelledCounter, Timing, Gauge) for name in kind
    }
    assert {name: metric.documentation for name, metric in scraped.items()} == {
        f"gql_live_{name}": meaning for name, meaning in names.items()
    }


def test_counters_are_scraped_as_they_are_at_that_moment(address: str) -> None:
    instruments.count(Counter.FRAMES, 7)
    assert values(scrape(address)["gql_live_frames"]) == {(): 7}
    instruments.count(Counter.FRAMES)
    assert values(scrape(address)["gql_live_frames"]) == {(): 8}


def test_labels_are_told_apart(address: str) -> None:
    instruments.count_labelled(LabelledCounter.RESYNCS, "lost", 2)
    instruments.count_labelled(LabelledCounter.RESYNCS, 'a "reason"\n')
    resyncs = scrape(address)["gql_live_resyncs"]
    assert resyncs.samples[0].labels == {"reason": "lost"}
    assert values(resyncs) == {("lost",): 2, ('a "reason"\n',): 1}


def test_a_timing_is_a_histogram_in_seconds(address: str) -> None:
    for seconds in (0.0005, 0.03, 0.03, 99):
        instruments.observe(Timing.LAG, seconds)
    lag = {
        (sample.name, *sample.labels.values()): sample.value
        for sample in scrape(address)["gql_live_lag_seconds"].samples
    }
    buckets = {bound: lag["gql_live_lag_seconds_bucket", str(bound)] for bound in BOUNDS}
    assert buckets == {bound: 1 if bound < 0.03 else 3 for bound in BOUNDS}
    assert lag["gql_live_lag_seconds_bucket", "+Inf"] == lag["gql_live_lag_seconds_count",] == 4
    assert lag["gql_live_lag_seconds_sum",] == pytest.approx(99.0605)


def test_a_gauge_is_measured_at_each_scrape(address: str) -> None:
    source = Source()
    instruments.measure(Gauge.AUDIENCES, source, lambda _: 3)
    assert values(scrape(address)["gql_live_audiences"]) == {(): 3}
    del source
    assert values(scrape(address)["gql_live_audiences"]) == {(): 0}


def test_a_registry_takes_them_once_however_often_it_is_asked() -> None:
    one, other = CollectorRegistry(auto_describe=True), CollectorRegistry()
    for registry in (one, other, one):
        register(registry)
    for registry in (one, other):
        assert len(list(registry.collect())) == sum(
            map(len, (Counter, LabelledCounter, Timing, Gauge))
        )
