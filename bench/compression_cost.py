"""CPU time of the whole process per answer of /catalog: plain, zlib's gzip, zlib-ng's, and zstd.

The server has one core and the client has the other. tests/e2e/test_zstd_cost.py measures the same
through the Service of a cluster.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.pinned import pinned
from tests.support.repository import ROOT
from tests.support.request_cost import Side, measure
from tests.support.serving import REFERENCE, Served, serving

ROUNDS = 10
REQUESTS = 40
BASE = "gzip, zlib 5"


def _side(served: Served, accept_encoding: str) -> Side:
    return Side(served.port, accept_encoding, lambda: served.ask("/metrics").body)


def main() -> None:
    """Prints a line per coding."""
    with TemporaryDirectory() as folder:
        Path(folder, "zlib_ng.py").write_text("raise ImportError('the bench uses zlib')\n")
        path = f"{folder}:{ROOT / 'app'}:{ROOT}"
        with (
            pinned(0),
            serving(REFERENCE, "--gzip", "--no-access-log") as served,
            serving(REFERENCE, "--gzip", "--no-access-log", PYTHONPATH=path) as with_zlib,
            pinned(1),
        ):
            sides = {
                "plain": _side(served, "identity"),
                BASE: _side(with_zlib, "gzip"),
                "gzip, zlib-ng 5": _side(served, "gzip"),
                "zstd": _side(served, "zstd"),
            }
            costs = measure(sides, "/catalog", rounds=ROUNDS, requests=REQUESTS)
    base = costs[BASE]
    print(f"\nCPU of the process per answer of /catalog, {ROUNDS} blocks of {REQUESTS}")
    for name, cost in costs.items():
        ratio = cost.seconds / base.seconds
        print(
            f"  {name:16} {cost.milliseconds:6.2f} ms   {ratio:.3f} of {BASE}"
            f"   {cost.sent_bytes:9,} bytes"
        )


if __name__ == "__main__":
    main()
