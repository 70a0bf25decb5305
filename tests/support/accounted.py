"""An Accounting without a server, and what it has counted and logged."""

import json
from typing import Any

from prometheus_client import CollectorRegistry
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.metrics import Metrics


class Accounted:
    """Keeps the metrics and the lines of the access log of the requests that it accounts for."""

    def __init__(self, *, max_body_bytes: int = 0) -> None:
        self.registry = CollectorRegistry()
        self.written: list[bytes] = []  # one item per write
        log = AccessLog(self.written.append)
        self.accounting = Accounting(Metrics(self.registry), log, max_body_bytes=max_body_bytes)

    def lines(self) -> list[dict[str, Any]]:
        """The lines of the access log, of all requests that have ended."""
        self.accounting.flush_records()
        return [json.loads(line) for lines in self.written for line in lines.splitlines()]

    def sample(self, name: str, **labels: str) -> float:
        """The sum of a metric's values that have these labels, zero if there are none."""
        self.accounting.flush_records()
        return sum(
            each.value
            for family in self.registry.collect()
            for each in family.samples
            if each.name == name and labels.items() <= each.labels.items()
        )
