"""Reads what a running server counts and logs about its requests."""

import json
from typing import Any, Protocol

from tests.support.http_client import Answer
from tests.support.metrics_text import total
from tests.support.serving import Served
from tests.support.waiting import wait_until


class Asked(Protocol):
    """A server whose management port can be asked."""

    def ask(self, path: str) -> Answer: ...


def access_lines(served: Served, number: int) -> list[dict[str, Any]]:
    """The lines of the access log, once there are `number` of them."""

    def lines() -> list[dict[str, Any]]:
        found = [json.loads(line) for line in served.log().splitlines() if "uvicorn.access" in line]
        return [line for line in found if line["logger"] == "uvicorn.access"]

    wait_until(lambda: len(lines()) >= number, 10, f"{number} requests are logged")
    assert len(lines()) == number, f"wanted {number} lines of the access log, got {lines()}"
    return lines()


def sample(served: Asked, name: str, **labels: str) -> float:
    """The value of a metric, zero if it does not exist."""
    return total(served.ask("/metrics").body.decode(), name, **labels)
