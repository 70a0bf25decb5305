"""Overload protection: refuses requests that have waited too long, before they cost anything.

Under overload, a server that works through its queue answers clients that have already given up,
and every later request waits as long. The wait in the kernel, before the process reads the request,
is part of it. Only the kernel knows it.
"""

import asyncio
import logging
import socket
from time import perf_counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter

from uvicorn_pod import tcp_info
from uvicorn_pod.loop_heartbeat import INTERVAL_SECONDS, Heartbeat

RETRY_AFTER_SECONDS = 1
SUMMARY_SECONDS = 1.0
# Later beats than this mean that requests may have waited in the kernel.
PUNCTUAL_SECONDS = INTERVAL_SECONDS + 0.05
FIELDS = [(b"retry-after", b"%d" % RETRY_AFTER_SECONDS)]

if TYPE_CHECKING:
    from uvicorn_pod.http_request import HTTPRequest

logger = logging.getLogger("uvicorn.error")


class Overload:
    """Decides which requests have waited too long, and reports how many."""

    def __init__(
        self, max_wait_seconds: float, heartbeat: Heartbeat, registry: CollectorRegistry
    ) -> None:
        self.max_wait_seconds = max_wait_seconds
        self._heartbeat = heartbeat
        self._shed = Counter(
            "uvicorn_requests_shed",
            "Requests answered 503 because they had waited longer than --max-wait-seconds.",
            registry=registry,
        )
        self._unreported = 0

    def kernel_wait(self, transport: asyncio.BaseTransport, *, is_first: bool) -> float:
        """Seconds since the last bytes of a request arrived, which the process has just read.

        Returns 0 without asking the kernel where the answer is known to be small: if the event loop
        turns in time, only the first request of a connection may have waited, to be accepted. Also
        returns 0 where the kernel does not tell, as for Unix sockets and outside Linux.
        """
        if not is_first and self._heartbeat.age_seconds() < PUNCTUAL_SECONDS:
            return 0.0
        return _since_last_data(transport)

    def is_late(self, request: "HTTPRequest") -> bool:
        """Whether a request has waited too long, in the kernel and in the process."""
        waited = perf_counter() - request.began + request.kernel_wait
        return waited > self.max_wait_seconds

    def count_shed(self) -> None:
        """Counts a request, and logs the number once a second at most."""
        self._shed.inc()
        if not self._unreported:
            asyncio.get_running_loop().call_later(SUMMARY_SECONDS, self._report)
        self._unreported += 1

    def _report(self) -> None:
        number, self._unreported = self._unreported, 0
        logger.warning(
            "Overloaded: answered 503 to %d requests that had waited longer than %g s.",
            number,
            self.max_wait_seconds,
        )


def _since_last_data(transport: asyncio.BaseTransport) -> float:
    found = transport.get_extra_info("socket")
    if found is None or found.family == socket.AF_UNIX:
        return 0.0
    # uvloop's object for the socket duplicates the descriptor at each call.
    tcp = socket.socket(found.family, socket.SOCK_STREAM, socket.IPPROTO_TCP, found.fileno())
    try:
        return tcp_info.field(tcp, tcp_info.LAST_DATA_RECV) / 1000
    finally:
        tcp.detach()
