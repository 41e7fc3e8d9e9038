"""The benches, by name, in the order in which ``make bench`` runs them."""

from collections.abc import Callable, Mapping
from typing import Final

from bench.options import Options
from bench.report import Report
from bench.workloads import (
    audiences,
    dependencies,
    fanout,
    memory,
    my_rows,
    peers,
    schema,
    stuck,
    write_latency,
)

BENCHES: Final[Mapping[str, Callable[[Options], Report]]] = {
    "schema": schema.run,
    "fanout": fanout.run,
    "my_rows": my_rows.run,
    "write_latency": write_latency.run,
    "dependencies": dependencies.run,
    "memory": memory.run,
    "stuck": stuck.run,
    "audiences": audiences.run,
    "peers": peers.run,
}
