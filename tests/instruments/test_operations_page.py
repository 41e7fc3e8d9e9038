"""``docs/operations.md`` names what there is, and all of it."""

import re

import pytest

from gql_live.conf import DEFAULTS
from gql_live.instruments import Counter, Gauge, LabelledCounter, Timing
from tests.instruments.conftest import ROOT

OF_OTHERS = {"CONN_MAX_AGE", "GQL_LIVE", "INSTALLED_APPS", "PROMETHEUS_MULTIPROC_DIR"}
PAGE = (ROOT / "docs" / "operations.md").read_text()


def rows() -> list[str]:
    """The table of instruments as it has to be."""
    counters = [f"| `{name}_total` | counter | {name.meaning} |" for name in Counter]
    labelled = [
        f"| `{name}_total{{{name.label}}}` | counter | {name.meaning} |" for name in LabelledCounter
    ]
    timings = [f"| `{name}` | histogram | {name.meaning} |" for name in Timing]
    gauges = [f"| `{name}` | gauge | {name.meaning} |" for name in Gauge]
    return [*counters, *labelled, *timings, *gauges]


def test_the_table_says_of_every_instrument_what_it_means() -> None:
    table = PAGE.split("| name (Prometheus: `gql_live_…`) | kind | what it says |\n|---|---|---|\n")
    assert table[1].split("\n\n")[0].splitlines() == rows()


@pytest.mark.parametrize("metric", sorted(set(re.findall(r"gql_live_[a-z_]+", PAGE))))
def test_every_metric_that_is_asked_for_exists(metric: str) -> None:
    names = {str(name) for kind in (Counter, LabelledCounter, Timing, Gauge) for name in kind}
    name = metric.removeprefix("gql_live_").removesuffix("_total").removesuffix("_bucket")
    assert name in {*names, "doctor"}


@pytest.mark.parametrize("key", sorted(set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE))))
def test_every_setting_that_is_named_exists(key: str) -> None:
    assert key in {*DEFAULTS, *OF_OTHERS}
