"""Every bench runs: small, for its figures mean nothing here, but through all of its parts."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import is_listening, require

ROOT = Path(__file__).parents[2]
SECONDS = 60
BENCHES = ["schema", "fanout", "my_rows", "write_latency", "memory", "stuck", "audiences"]


@pytest.mark.parametrize("bench", BENCHES)
def test_a_bench_runs_and_prints_its_table(bench: str) -> None:
    if bench == "audiences":
        require("PostgreSQL", is_listening("127.0.0.1", 5432), "nothing listens at port 5432")
    run = subprocess.run(
        [sys.executable, "-m", "bench", bench, "--quick", "--n", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"\n{bench}: ")
    assert "Aim: " in run.stdout
    assert "could not be measured" not in run.stdout
