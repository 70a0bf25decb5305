"""Ends the process before the kernel kills it, without losing a request.

Kubernetes does not know that a container is about to exit. So the pod first becomes unready, and
goes on serving until it has been removed from the endpoints. Then it drains and exits, and the
kubelet starts the container again.
"""

import logging
import math
import random
import time

from prometheus_client import CollectorRegistry, Gauge

from uvicorn_pod.container_memory import ContainerMemory
from uvicorn_pod.probes import Probes

JITTER_PERCENT = 5
# A process that needs this much from the beginning does not leak, and would only retire again.
SETTLING_SECONDS = 30

logger = logging.getLogger("uvicorn.error")


class Retirement:
    """Decides when the process retires. The event loop's thread calls it once a second."""

    def __init__(
        self,
        probes: Probes,
        unready_seconds: float,
        registry: CollectorRegistry,
        most_requests: float = math.inf,
        memory: ContainerMemory | None = None,
        memory_percent: float = 0,
    ) -> None:
        """`unready_seconds` is the time from the first unready answer to the drain.

        `most_requests` is --limit-max-requests with its jitter.

        The process retires above `memory_percent` of its memory limit, less a random part of
        JITTER_PERCENT, so that the pods of a Deployment do not retire together.
        """
        self._probes = probes
        self._unready_seconds = unready_seconds
        self._most_requests = most_requests
        self._memory = memory
        self._threshold = memory_percent - random.uniform(0, JITTER_PERCENT)  # noqa: S311
        self._watches_from = time.monotonic() + SETTLING_SECONDS
        self._first_percent: float | None = None
        self._due: float | None = None
        self._retiring = Gauge(
            "uvicorn_retiring",
            "1 from the moment in which the process gives up its readiness to exit, 0 before.",
            registry=registry,
        )

    @property
    def is_due(self) -> bool:
        """Whether the drain has to begin."""
        return self._due is not None and time.monotonic() >= self._due

    def begin(self, reason: str) -> None:
        """Makes the pod unready, unless it is already retiring."""
        if self._due is None:
            self._due = time.monotonic() + self._unready_seconds
            self._probes.is_retiring = True
            self._retiring.set(1)
            logger.warning(
                "Retiring: %s. The pod is not ready from now on, and drains in %g seconds.",
                reason,
                self._unready_seconds,
            )

    def check(self, requests: int) -> None:
        """Begins to retire after `most_requests`, or if the memory is above the threshold."""
        if requests >= self._most_requests:
            self.begin(f"the limit of {self._most_requests} requests is reached")
        elif self._memory is not None and time.monotonic() >= self._watches_from:
            self._check_memory(self._memory.used_percent())

    def _check_memory(self, percent: float) -> None:
        if self._first_percent is None:
            self._first_percent = percent
            if percent > self._threshold:
                logger.warning(
                    "The app needs %.0f %% of its memory limit from the beginning, so "
                    "--retire-memory-percent is off: raise the limit.",
                    percent,
                )
                self._memory = None
        elif percent > self._threshold:
            self.begin(f"the container uses {percent:.0f} % of its memory limit")
