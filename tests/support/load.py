"""Bounded load: to a port on loopback, for so many seconds and requests at most."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.http_client import get

MAX_SECONDS = 180
MAX_REQUESTS_PER_CLIENT = 5_000
PATIENCE_SECONDS = 30  # of a client: a busy pod is slow, how slow depends on the machine


@contextmanager
def load(port: int, path: str, clients: int) -> Iterator[Counter[str]]:
    """Keep `clients` requests under way until the block ends, or a bound is reached.

    Each client asks on a fresh connection each time, so that new pods get their share at once. The
    counter holds, once the block has ended, the answers by status and the failures by their names.
    """
    tally: Counter[str] = Counter()
    stop = threading.Event()
    deadline = time.monotonic() + MAX_SECONDS

    def client() -> None:
        for _ in range(MAX_REQUESTS_PER_CLIENT):
            if stop.is_set() or time.monotonic() > deadline:
                return
            try:
                answer = get(port, path, timeout_seconds=PATIENCE_SECONDS)
                tally[str(answer.status)] += 1
            except (OSError, http.client.HTTPException) as error:
                tally[type(error).__name__] += 1
                stop.wait(0.1)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield tally
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=PATIENCE_SECONDS + 5)
