"""The CPU that a server's process takes for a request, read from its own metrics."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.support.http_client import Client

CPU_SECONDS = re.compile(rb"^process_cpu_seconds_total (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Side:
    """A server and a kind of request. `read_metrics` returns the text of its `/metrics`."""

    port: int
    accept_encoding: str
    read_metrics: Callable[[], bytes]


@dataclass
class Cost:
    """CPU seconds of `requests` requests, and the bytes of one body as sent."""

    seconds: float = 0.0
    requests: int = 0
    sent_bytes: int = 0
    coding: str | None = None
    least_request_seconds: float = math.inf
    """CPU of one request in the cheapest block: others on the machine can only add to it."""

    @property
    def milliseconds(self) -> float:
        """CPU time of one request, sockets and server included."""
        return 1e3 * self.seconds / self.requests


def measure(sides: Mapping[str, Side], path: str, *, rounds: int, requests: int) -> dict[str, Cost]:
    """Sends blocks of `requests` requests to the sides in turn.

    The counter of a process advances in steps of 10 ms, so a block must be much longer. Raises
    AssertionError for an answer that is not 200.
    """
    costs = {name: Cost() for name in sides}
    for number in range(rounds + 1):
        for name, side in sides.items():
            before = _cpu_seconds(side)
            for _ in range(requests if number else 3):
                _ask(side, path, costs[name])
            if number:  # the first round warms up
                spent = _cpu_seconds(side) - before
                costs[name].seconds += spent
                costs[name].least_request_seconds = min(
                    costs[name].least_request_seconds, spent / requests
                )
                costs[name].requests += requests
    return costs


def _ask(side: Side, path: str, cost: Cost) -> None:
    # A fresh connection, because a kept one may have been closed during another side's block.
    with Client(side.port, 30) as client:
        answer = client.get(path, accept_encoding=side.accept_encoding)
    assert answer.status == 200, f"GET {path}: status {answer.status}, wanted 200"
    cost.sent_bytes = len(answer.body)
    cost.coding = answer.headers.get("content-encoding")


def _cpu_seconds(side: Side) -> float:
    found = CPU_SECONDS.search(side.read_metrics())
    assert found, "/metrics has no process_cpu_seconds_total"
    return float(found[1])
