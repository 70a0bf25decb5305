"""The prober: clients that send requests at a steady rate and count each one that is lost.

Half of them keep their connection until the server tells them to close it. The other half open a
connection for each request. None of them retries.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.support.http_client import Answer
from tests.support.repeated_requests import Bounds, Outcome, RepeatingClient, sending

KEPT_CLIENTS = FRESH_CLIENTS = 15
REQUESTS_PER_SECOND = 10  # of each client
BOUNDS = Bounds(
    seconds=600,
    requests=600 * REQUESTS_PER_SECOND,
    timeout_seconds=10,
    pause_seconds=1 / REQUESTS_PER_SECOND,
)


MOST_LOSSES = 20  # the first ones tell the cause
MOST_BODY_BYTES = 80


@dataclass
class Tally:
    """The result of each request."""

    answered: int = 0
    """Complete answers with status 200."""
    told_to_close: int = 0
    """Of these, answers on kept connections with `Connection: close`."""
    lost: Counter[str] = field(default_factory=Counter)
    """Requests with an error, an incomplete answer or another status, by reason."""
    first_losses: list[str] = field(default_factory=list)
    """How and when each of the first MOST_LOSSES ended, in seconds since the probing began."""
    _began: float = field(default_factory=time.monotonic, repr=False)

    @property
    def requests(self) -> int:
        """All requests that have ended."""
        return self.answered + self.lost.total()

    def count_kept(self, outcome: Outcome) -> None:
        """Counts a request on a kept connection."""
        self._count("kept", outcome)
        if isinstance(outcome, Answer) and outcome.status == 200:
            self.told_to_close += outcome.is_closing

    def count_fresh(self, outcome: Outcome) -> None:
        """Counts a request on a fresh connection."""
        self._count("fresh", outcome)

    def _count(self, kind: str, outcome: Outcome) -> None:
        if isinstance(outcome, Exception):
            self._count_lost(f"{kind}: {type(outcome).__name__}", str(outcome))
        elif outcome.status != 200:
            body = outcome.body[:MOST_BODY_BYTES].decode(errors="replace")
            self._count_lost(f"{kind}: status {outcome.status}", body)
        else:
            self.answered += 1

    def _count_lost(self, reason: str, details: str) -> None:
        self.lost[reason] += 1
        if len(self.first_losses) < MOST_LOSSES:
            seconds = time.monotonic() - self._began
            self.first_losses.append(f"{reason} after {seconds:.1f} s ({details})")


@contextmanager
def probing(
    port: int,
    path: str = "/",
    *,
    kept: int = KEPT_CLIENTS,
    fresh: int = FRESH_CLIENTS,
    seconds: float = BOUNDS.seconds,
) -> Iterator[Tally]:
    """Runs `kept` and `fresh` clients until the block ends.

    Raises RuntimeError after a block that takes longer than `seconds`.
    """
    tally = Tally()
    clients = [
        *(RepeatingClient(port, path, True, tally.count_kept) for _ in range(kept)),
        *(RepeatingClient(port, path, False, tally.count_fresh) for _ in range(fresh)),
    ]
    bounds = replace(BOUNDS, seconds=seconds, requests=int(seconds * REQUESTS_PER_SECOND))
    with sending(clients, bounds):
        yield tally
