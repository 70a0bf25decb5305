"""How long probes take while the app's loop is kept busy, as the kubelet sees it.

The server has one core and the clients the other. The control is a route of the app, which is
where `helm create` points its probes.
"""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import quantiles

from tests.support.serving import REFERENCE, Client, Served, serving

CLIENTS = 32
WORK = "/work?ms=80"
PROBES = 600
PAUSE_SECONDS = 0.05
CONTROL_PROBES = 10
BAR_SECONDS = 0.1


@contextmanager
def _pinned(core: int) -> Iterator[None]:
    """Keeps this thread, and whatever it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _busy(served: Served) -> Iterator[list[int]]:
    """Keeps as many requests under way as there are clients; the list holds their statuses."""
    stop = threading.Event()
    statuses: list[int] = []

    def ask() -> None:
        with Client(served.port, timeout_seconds=60) as client:
            while not stop.is_set():
                statuses.append(client.get(WORK).status)

    with ThreadPoolExecutor(CLIENTS) as pool:
        asked = [pool.submit(ask) for _ in range(CLIENTS)]
        try:
            time.sleep(3)  # the first of them are answered
            yield statuses
        finally:
            stop.set()
        for one in asked:
            one.result()


def _seconds(port: int, path: str) -> float:
    """Of one probe, on a connection of its own; raises RuntimeError unless it is answered 200."""
    started = time.perf_counter()
    with Client(port, timeout_seconds=60) as client:
        status = client.get(path).status
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
    with _pinned(0), serving(REFERENCE, "--no-access-log") as served, _pinned(1):
        with _busy(served) as statuses:
            before, started = len(statuses), time.monotonic()
            probes = []
            for _ in range(PROBES):
                probes.append(_seconds(served.management_port, "/livez"))
                time.sleep(PAUSE_SECONDS)
            rate = (len(statuses) - before) / (time.monotonic() - started)
            control = [_seconds(served.port, "/bytes?size=1") for _ in range(CONTROL_PROBES)]
        if set(statuses) != {200}:
            raise RuntimeError(f"{WORK}: {sorted(set(statuses))}")
    print(f"\n/livez with {CLIENTS} clients on {WORK} ({rate:.1f} answers/s), {PROBES} probes")
    print(_line("/livez, management port", probes))
    print(_line("a route, the app's port", control))
    verdict = "met" if quantiles(probes, n=100)[98] < BAR_SECONDS else "missed"
    print(f"  bar: p99 below {BAR_SECONDS * 1e3:.0f} ms: {verdict}")


if __name__ == "__main__":
    main()
