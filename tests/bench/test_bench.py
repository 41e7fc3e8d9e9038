"""The benches run: small, for their figures mean nothing here, but through all of their parts."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 60
BENCHES = ["schema", "fanout", "my_rows", "dependencies"]  # the others share all of their parts


@pytest.mark.parametrize("bench", BENCHES)
def test_a_bench_runs_and_prints_its_table(bench: str) -> None:
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
