"""Counts and logs requests when they end, and knows those in flight."""

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.asgi import Scope
from uvicorn_pod.demand import Demand
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.request_record import RequestRecord, record_of, safe_record_of
from uvicorn_pod.route_template import RouteTemplates

if TYPE_CHECKING:
    from uvicorn_pod.deadlines import Deadlines
    from uvicorn_pod.http_request import HTTPRequest
    from uvicorn_pod.overload import Overload
    from uvicorn_pod.trace_context import Trace
    from uvicorn_pod.websocket_session import WebSocketSession

BATCH_SECONDS = 0.01
MAX_TEXT = 200  # characters of an error

logger = logging.getLogger("uvicorn.error")


class Accounting:
    """What the process knows about its requests. Only the event loop's thread may use it.

    Finished requests are counted and logged together, after `BATCH_SECONDS` at most. In a batch,
    the same code takes a third of the time. Between requests, the app evicts it from the
    processor's caches.
    """

    def __init__(
        self,
        metrics: Metrics,
        access_log: AccessLog | None = None,
        *,
        max_body_bytes: int = 0,
        overload: "Overload | None" = None,
        deadlines: "Deadlines | None" = None,
    ) -> None:
        """`access_log=None` logs no requests; `max_body_bytes=0` sets no limit.

        `overload=None` refuses no request that has waited; `deadlines=None` ends none.
        """
        self.metrics = metrics
        self.max_body_bytes = max_body_bytes
        self.overload = overload
        self.deadlines = deadlines
        self.requests: set[HTTPRequest] = set()
        self.find_route: Callable[[Scope], str] = RouteTemplates(self._report).find
        self.is_draining = False
        self.is_stopping = False
        self._access_log = access_log
        self._ended: list[HTTPRequest] = []
        self._records: list[RequestRecord] = []
        self._refused: list[RequestRecord] = []
        self._ended_number = self._refused_number = 0
        self._demand = Demand()
        self._has_reported = False
        metrics.watch(lambda: len(self.requests), lambda: self.is_draining)
        self.watch_waiting(lambda: 0)

    def watch_waiting(self, number: Callable[[], int]) -> None:
        """Sets the function that each scrape calls, on its thread, to count waiting connections."""
        self.metrics.watch_demand(lambda: self._demand.requests(len(self.requests)) + number())

    def count(self, request: "HTTPRequest") -> None:
        """Counts and logs a request that has ended."""
        self.requests.discard(request)
        if not (self._ended or self._records):
            self._flush_soon()
        if request.response_complete:
            self._ended.append(request)
        else:  # the end of the connection would still change what the record says
            self._records.append(self._record(request))

    def count_shed(self, request: "HTTPRequest") -> None:
        """Counts a request that has waited too long; the log has only a summary."""
        self._refused_number += 1
        self.metrics.count_overload([self._record(request)])

    def count_refused(self, request: "HTTPRequest") -> None:
        """Counts and logs a request over --limit-concurrency, which the app never got."""
        if not self._refused:
            self._flush_soon()
        self._refused.append(self._record(request))

    def _record(self, request: "HTTPRequest") -> RequestRecord:
        try:
            return record_of(request, self.find_route)
        except Exception as error:  # noqa: BLE001 - it reads objects of the app
            self._report(error)
            return safe_record_of(request)

    def count_websocket(self, session: "WebSocketSession", scope: Scope, trace: "Trace") -> None:
        """Counts and logs a WebSocket that has ended."""
        self.metrics.websockets_in_flight.dec()
        record = session.record(scope, self.find_route(scope), trace)
        self.metrics.count_websocket_ended(record, session.close_code)
        if self._access_log is not None:
            self._count_dropped(self._access_log.log_websocket(record, session.close_code))

    def flush_records(self) -> None:
        """Counts and logs the requests that have finished since the last call."""
        ended, self._ended = self._ended, []
        records, self._records = self._records, []
        records.extend(self._record(request) for request in ended)
        refused, self._refused = self._refused, []
        self._ended_number += len(records)
        self.metrics.count(records)
        if refused:
            self._refused_number += len(refused)
            self.metrics.count_overload(refused)
            records += refused
        if self._access_log is not None and records:
            self._count_dropped(self._access_log.log(records))

    def sample_demand(self) -> None:
        """Call it every second."""
        self._demand.sample(self._ended_number, self._refused_number)

    def stop(self) -> None:
        """Ends the event streams, whose clients reconnect elsewhere; other requests may finish.

        From now on, a cancelled request is answered, counted and logged as cancelled.
        """
        self.is_stopping = True
        for request in self.requests:
            request.stop()

    def end_overdue(self) -> None:
        """Cancels the requests whose answer is overdue, also if their clients have left."""
        if self.deadlines is not None:
            for request in self.requests:
                if self.deadlines.is_answer_overdue(request):
                    request.expire()

    def report_cancelled(self, request: "HTTPRequest") -> None:
        """Counts and logs a request that has outlasted the graceful shutdown."""
        self.metrics.cancelled.inc()
        _log_cancelled(request, "")

    def report_overdue(self, request: "HTTPRequest") -> None:
        """Counts and logs a request whose answer had not begun after --request-seconds."""
        self.metrics.overdue.inc()
        _log_cancelled(request, ", the limit of --request-seconds")

    def _count_dropped(self, lines: int) -> None:
        if lines:
            self.metrics.log_lines_dropped.inc(lines)

    def _flush_soon(self) -> None:
        asyncio.get_running_loop().call_later(BATCH_SECONDS, self.flush_records)

    def _report(self, error: Exception) -> None:
        """Logs the first error of the accounting, which must never disturb an answer."""
        if not self._has_reported:
            self._has_reported = True
            logger.warning(
                "A request could not be fully counted and logged, because its scope or headers are "
                "unusual: %s. Placeholders replace what is missing. Not reported again.",
                repr(error)[:MAX_TEXT],
            )


def _log_cancelled(request: "HTTPRequest", reason: str) -> None:
    seconds = perf_counter() - request.received
    method, path = request.scope["method"], request.scope["path"]
    logger.warning("Cancelled %s %r after %.1f s%s.", method, path, seconds, reason)
