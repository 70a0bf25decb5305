"""How long a probe takes, as the kubelet sees it, while the app keeps its event loop busy.

The server has one core and the clients have the other. The control is a route of the app, where
`helm create` points its probes.
"""

import time
from statistics import quantiles

from bench.pinned import pinned
from tests.support.http_client import get
from tests.support.load import load
from tests.support.serving import REFERENCE, serving

CLIENTS = 32
WORK = "/work?ms=80"
WARM_UP_SECONDS = 3  # until the first requests are answered
PROBES = 600
PAUSE_SECONDS = 0.05
CONTROL_PROBES = 10
TIMEOUT_SECONDS = 60
BAR_SECONDS = 0.1


def _probe(port: int, path: str) -> float:
    """Returns the seconds of one probe; raises RuntimeError unless the answer is 200."""
    started = time.perf_counter()
    status = get(port, path, TIMEOUT_SECONDS).status
    if status != 200:
        raise RuntimeError(f"{path}: {status}")
    return time.perf_counter() - started


def _line(name: str, seconds: list[float]) -> str:
    of_100 = quantiles(seconds, n=100, method="inclusive")
    figures = (of_100[49], of_100[98], max(seconds))
    half, most, worst = (f"{figure * 1e3:7.1f}" for figure in figures)
    return f"  {name:27} p50 {half} ms   p99 {most} ms   longest {worst} ms"


def main() -> None:
    """Prints a line for /livez and one for the control."""
    with pinned(0), serving(REFERENCE, "--no-access-log") as served, pinned(1):
        with load(
            served.port, WORK, CLIENTS, is_kept=True, timeout_seconds=TIMEOUT_SECONDS
        ) as tally:
            time.sleep(WARM_UP_SECONDS)
            before, started = tally.total(), time.monotonic()
            probes = []
            for _ in range(PROBES):
                probes.append(_probe(served.management_port, "/livez"))
                time.sleep(PAUSE_SECONDS)
            rate = (tally.total() - before) / (time.monotonic() - started)
            control = [_probe(served.port, "/bytes?size=1") for _ in range(CONTROL_PROBES)]
        if set(tally) != {"200"}:
            raise RuntimeError(f"{WORK}: {dict(tally)}")
    print(f"\n/livez with {CLIENTS} clients on {WORK} ({rate:.1f} answers/s), {PROBES} probes")
    print(_line("/livez, management port", probes))
    print(_line("a route, the app's port", control))
    verdict = "met" if quantiles(probes, n=100)[98] < BAR_SECONDS else "missed"
    print(f"  bar: p99 below {BAR_SECONDS * 1e3:.0f} ms: {verdict}")


if __name__ == "__main__":
    main()
