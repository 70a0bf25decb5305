"""The middleware around the app: counts and logs requests, and closes connections in a drain."""

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter

from uvicorn.protocols.http.flow_control import service_unavailable

from uvicorn_pod import trace_context
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.asgi import App, Receive, Scope, Send
from uvicorn_pod.body_limit import call_with_limit
from uvicorn_pod.http_request import HTTPRequest
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.request_record import RequestRecord
from uvicorn_pod.route_template import RouteTemplates
from uvicorn_pod.websocket_session import ABNORMAL, SERVICE_RESTART, WebSocketSession

BATCH_SECONDS = 0.01
MAX_TEXT = 200  # characters of an error

logger = logging.getLogger("uvicorn.error")


class PodMiddleware:
    """A pure ASGI middleware. Only the event loop's thread may call it.

    Finished requests are counted and logged together, after `BATCH_SECONDS` at most. In a batch,
    the same code takes a third of the time. Between requests, the app evicts it from the
    processor's caches.
    """

    def __init__(
        self,
        app: App,
        metrics: Metrics,
        is_draining: Callable[[], bool],
        access_log: AccessLog | None = None,
        *,
        max_body_bytes: int = 0,
    ) -> None:
        """`access_log=None` logs no requests; `max_body_bytes=0` sets no limit."""
        self._app = app
        self._metrics = metrics
        self.is_draining = is_draining
        self._access_log = access_log
        self._max_body_bytes = max_body_bytes
        self._requests: set[HTTPRequest] = set()
        self._records: list[RequestRecord] = []
        self._refused: list[RequestRecord] = []
        self.find_route: Callable[[Scope], str] = RouteTemplates(self._report).find
        self._has_reported = False
        self.is_stopping = False

    @property
    def in_flight(self) -> int:
        """The number of HTTP requests whose answers are not complete."""
        return len(self._requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the app; adds `connection: close` to answers that start during a drain."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        trace = trace_context.Trace(scope["headers"])
        trace_context.current.set(trace)
        if scope["type"] != "http":
            await self._call_websocket(scope, receive, send, trace)
            return
        request = HTTPRequest(self, scope, send, trace, self._count)
        self._requests.add(request)
        try:
            if self._max_body_bytes:
                await call_with_limit(self._app, self._max_body_bytes, scope, receive, request)
            else:
                await self._app(scope, receive, request.send)
        except asyncio.CancelledError:
            if not self.is_stopping:
                raise
            if not request.is_ended:  # otherwise it was a background task
                await self._end_cancelled(scope, request)
        finally:
            request.end()

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request over --limit-concurrency as uvicorn does; counts and logs it."""
        trace = trace_context.Trace(scope["headers"])
        request = HTTPRequest(self, scope, send, trace, self._count_refused)
        try:
            await service_unavailable(scope, receive, request.send)  # type: ignore[arg-type]
        finally:
            request.end()

    async def _call_websocket(
        self, scope: Scope, receive: Receive, send: Send, trace: trace_context.Trace
    ) -> None:
        def on_open() -> None:
            self._metrics.count_websocket_opened(self.find_route(scope))

        def on_end(session: WebSocketSession) -> None:
            self._metrics.websockets_in_flight.dec()
            record = session.record(scope, self.find_route(scope), trace)
            self._metrics.count_websocket_ended(record, session.close_code)
            if self._access_log is not None:
                self._count_dropped(self._access_log.log_websocket(record, session.close_code))

        session = WebSocketSession(receive, send, on_open, on_end)
        self._metrics.websockets_in_flight.inc()
        try:
            await self._app(scope, session.receive, session.send)
        finally:
            session.end(SERVICE_RESTART if self.is_stopping else ABNORMAL)

    def flush_records(self) -> None:
        """Counts and logs the requests that have finished since the last call."""
        records, self._records = self._records, []
        refused, self._refused = self._refused, []
        self._metrics.count(records)
        if refused:
            self._metrics.count_overload(refused)
            records += refused
        if self._access_log is not None and records:
            self._count_dropped(self._access_log.log(records))

    def _count(self, request: HTTPRequest) -> None:
        self._requests.discard(request)
        if not self._records:
            self._flush_soon()
        try:
            self._records.append(request.record())
        except Exception as error:  # noqa: BLE001 - it reads objects of the app
            self._report(error)
            self._records.append(request.safe_record())

    def _count_refused(self, request: HTTPRequest) -> None:
        if not self._refused:
            self._flush_soon()
        self._refused.append(request.record())

    def _count_dropped(self, lines: int) -> None:
        if lines:
            self._metrics.log_lines_dropped.inc(lines)

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

    def stop(self) -> None:
        """Ends the event streams, whose clients reconnect elsewhere; other requests may finish.

        From now on, a cancelled request is answered, counted and logged as cancelled.
        """
        self.is_stopping = True
        for request in self._requests:
            request.stop()

    async def _end_cancelled(self, scope: Scope, request: HTTPRequest) -> None:
        """Ends an event stream as its app would; answers 503 to any other request.

        Such a request has outlasted the graceful shutdown.
        """
        if request.is_event_stream():
            await request.end_body()
            return
        seconds = perf_counter() - request.started
        self._metrics.cancelled.inc()
        logger.warning("Cancelled %s %r after %.1f s.", scope["method"], scope["path"], seconds)
        await request.refuse(503)
