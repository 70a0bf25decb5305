"""The load generator: clients that each send the next request as soon as the last is answered."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.http_client import Answer
from tests.support.repeated_requests import Bounds, Outcome, RepeatingClient, sending

MOST_CLIENTS = 64
MOST_SECONDS = 300
MOST_REQUESTS = 50_000  # of each client
TIMEOUT_SECONDS = 30  # a busy pod is slow; how slow depends on the machine


@contextmanager
def load(
    port: int,
    path: str,
    clients: int,
    *,
    is_kept: bool = False,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Iterator[Counter[str]]:
    """Keeps `clients` requests in flight until the block ends.

    Counts answers by status and failures by the name of the error. Each request has a fresh
    connection, so that new pods get their share at once; `is_kept` keeps connections open.
    Raises ValueError for more clients than `MOST_CLIENTS`, and RuntimeError after a block in which
    a client reached a bound.
    """
    if clients > MOST_CLIENTS:
        raise ValueError(f"{clients} clients, wanted at most {MOST_CLIENTS}")
    tally: Counter[str] = Counter()

    def count(outcome: Outcome) -> None:
        if isinstance(outcome, Answer):
            tally[str(outcome.status)] += 1
        else:
            tally[type(outcome).__name__] += 1

    bounds = Bounds(MOST_SECONDS, MOST_REQUESTS, timeout_seconds)
    with sending([RepeatingClient(port, path, is_kept, count) for _ in range(clients)], bounds):
        yield tally
