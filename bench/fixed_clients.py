"""Clients that pause after each answer, and record how long it took."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.http_client import Answer
from tests.support.repeated_requests import Bounds, Outcome, RepeatingClient, sending

SECONDS = 300


@dataclass
class Seen:
    """What became of the requests."""

    seconds: list[float] = field(default_factory=list)
    """How long each answer with status 200 took."""
    lost: Counter[str] = field(default_factory=Counter)
    """Requests with an error, an incomplete answer or another status, by reason."""
    answered_by: Counter[str] = field(default_factory=Counter)
    """Answers by their body, which names the process."""

    @property
    def requests(self) -> int:
        """All requests that have ended."""
        return len(self.seconds) + self.lost.total()

    def count(self, outcome: Outcome) -> None:
        """Counts one request."""
        if isinstance(outcome, Answer) and outcome.status == 200:
            self.seconds.append(outcome.seconds)
            self.answered_by[outcome.body.decode()] += 1
        elif isinstance(outcome, Answer):
            self.lost[f"status {outcome.status}"] += 1
        else:
            self.lost[type(outcome).__name__] += 1


@contextmanager
def requesting(
    port: int, path: str, *, kept: int, fresh: int, per_second: float, timeout_seconds: float = 10
) -> Iterator[Seen]:
    """Runs clients until the block ends: some keep their connection, others open one each time.

    `per_second` is the rate of each client while answers come at once. No client retries.
    """
    seen = Seen()
    kinds = [True] * kept + [False] * fresh
    clients = [RepeatingClient(port, path, is_kept, seen.count) for is_kept in kinds]
    bounds = Bounds(SECONDS, int(SECONDS * per_second), timeout_seconds, 1 / per_second)
    with sending(clients, bounds):
        yield seen
