"""Bounded load: to a port on loopback, for so many seconds and requests at most."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.http_client import get

MAX_SECONDS = 180
MAX_REQUESTS_PER_CLIENT = 5_000


@contextmanager
def load(port: int, path: str, clients: int) -> Iterator[None]:
    """Keep `clients` requests under way until the block ends, or a bound is reached.

    Each client asks on a fresh connection each time, so that new pods get their share at once.
    """
    stop = threading.Event()
    deadline = time.monotonic() + MAX_SECONDS

    def client() -> None:
        for _ in range(MAX_REQUESTS_PER_CLIENT):
            if stop.is_set() or time.monotonic() > deadline:
                return
            try:
                get(port, path)
            except (OSError, http.client.HTTPException):
                stop.wait(0.1)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=15)
