"""``python -m bench [NAME ...] [--n N] [--quick]``: run benches; all of them without a name."""

import argparse
import sys

from bench.options import Options
from bench.workloads import BENCHES


def main() -> int:
    """Run what the command line names, print tables, write JSON; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--n", type=int, help="subscribers (views, audiences)")
    parser.add_argument("--quick", action="store_true", help="only to see that it runs")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHES]
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    options = Options(n=arguments.n, quick=arguments.quick)
    for name in arguments.names or BENCHES:
        report = BENCHES[name](options)
        report.print()
        print(f"  {report.save(quick=options.quick)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
