"""Shows and sizes the threads in which FastAPI and Starlette run code that is not `async`.

anyio limits them by tokens: each call holds one, and waits while all are in use. This module never
imports anyio for an app that does not use it.
"""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

USER_MODULE = "anyio.to_thread"
# anyio imports it when it is first used, which takes tens of milliseconds.
BACKEND_MODULE = "anyio._backends._asyncio"
DEFAULT_TOKENS = 40  # anyio's; any other number was set by the app, and stays


class ThreadPool(Collector):
    """The tokens of one event loop, read on the loop. Has no metrics before anyio is used."""

    def __init__(self, tokens: int, registry: CollectorRegistry) -> None:
        """`tokens` is the size of the pool, 0 for anyio's own."""
        self._tokens = tokens
        self._limiter: Any = None
        self._figures: tuple[float, int, int] | None = None
        self._search: asyncio.Task[None] | None = None
        registry.register(self)

    def on_beat(self) -> None:
        """Reads the figures. Call it often, on the event loop."""
        if self._limiter is not None:
            figures = self._limiter.statistics()
            self._figures = (figures.total_tokens, figures.borrowed_tokens, figures.tasks_waiting)
        elif (USER_MODULE if self._tokens else BACKEND_MODULE) in sys.modules and (
            self._search is None or self._search.done()
        ):
            # anyio answers only inside a task.
            self._search = asyncio.get_running_loop().create_task(self._find_limiter())

    async def _find_limiter(self) -> None:
        find = getattr(
            sys.modules.get(USER_MODULE), "current_default_thread_limiter", None
        )  # a thread may still be importing the module
        if find is None:
            return
        limiter = find()
        if self._tokens and limiter.total_tokens == DEFAULT_TOKENS:
            limiter.total_tokens = self._tokens
        self._limiter = limiter

    def describe(self) -> Iterator[Metric]:
        """The names of the metrics, also before anyio is used."""
        return _metrics((0, 0, 0))

    def collect(self) -> Iterator[Metric]:
        """Runs on the scraping thread."""
        if self._figures is not None:
            yield from _metrics(self._figures)


def _metrics(figures: tuple[float, int, int]) -> Iterator[Metric]:
    total, in_use, waiting = figures
    yield GaugeMetricFamily(
        "uvicorn_thread_tokens", "Threads that may run synchronous code at once.", total
    )
    yield GaugeMetricFamily(
        "uvicorn_thread_tokens_in_use", "Threads that run synchronous code.", in_use
    )
    yield GaugeMetricFamily(
        "uvicorn_thread_tasks_waiting", "Calls that wait for one of these threads.", waiting
    )
