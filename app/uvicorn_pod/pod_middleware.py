"""The middleware around the app: counts and logs requests, and closes connections in a drain."""

import asyncio
import contextlib
import inspect
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter

from uvicorn_pod import trace_context
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.asgi import App, Message, Receive, Scope, Send
from uvicorn_pod.metrics import PLAIN_BYTES, Metrics
from uvicorn_pod.request_record import RequestRecord
from uvicorn_pod.route_template import RouteTemplates

BATCH_SECONDS = 0.01
LINGER_SECONDS = 2
CLIENT_CLOSED = 499

__all__ = ["App", "Message", "PodMiddleware", "Receive", "Scope", "Send"]

_END: Message = {"type": "http.response.body", "body": b"", "more_body": False}
logger = logging.getLogger("uvicorn.error")


class PodMiddleware:
    """A pure ASGI middleware. Only the event loop's thread may call it.

    Finished requests are counted and logged together, after `BATCH_SECONDS` at most. In a batch,
    the same code takes a third of the time that it takes between requests, when the app has evicted
    it from the processor's caches.
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
        self._requests: set[_Request] = set()
        self._records: list[RequestRecord] = []
        self.find_route: Callable[[Scope], str] = RouteTemplates().find
        self.is_stopping = False

    @property
    def in_flight(self) -> int:
        """The number of HTTP requests that have begun and not finished."""
        return len(self._requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the app; adds `connection: close` to answers that start during a drain."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        trace = trace_context.Trace(scope["headers"])
        trace_context.current.set(trace)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request = _Request(self, scope, send)
        self._requests.add(request)
        try:
            if self._max_body_bytes:
                await self._call_with_body_limit(scope, receive, request)
            else:
                await self._app(scope, receive, request.send)
        except asyncio.CancelledError:
            if not self.is_stopping:
                raise
            await self._end_cancelled(scope, request, perf_counter() - started)
        finally:
            self._requests.discard(request)
            if not self._records:
                asyncio.get_running_loop().call_later(BATCH_SECONDS, self.flush_records)
            self._records.append(request.record(trace, started))

    def flush_records(self) -> None:
        """Counts and logs the requests that have finished since the last call."""
        records, self._records = self._records, []
        self._metrics.count(records)
        if self._access_log is not None and records:
            self._count_dropped(self._access_log.log(records))

    def _count_dropped(self, lines: int) -> None:
        if lines:
            self._metrics.log_lines_dropped.inc(lines)

    def stop(self) -> None:
        """Ends the event streams, whose clients reconnect elsewhere; other requests may finish.

        From now on, a cancelled request is answered, counted and logged as cancelled.
        """
        self.is_stopping = True
        for request in self._requests:
            request.stop()

    async def _call_with_body_limit(
        self, scope: Scope, receive: Receive, request: "_Request"
    ) -> None:
        """Calls the app; answers 413 in its place once a body is known to be too large."""
        left = self._max_body_bytes
        if any(name == b"content-length" and int(value) > left for name, value in scope["headers"]):
            await request.refuse(413, receive)
            return

        async def receive_limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                await request.refuse(413, receive)
                return {"type": "http.disconnect"}
            return message

        try:
            await self._app(scope, receive_limited, request.send)
        except Exception:
            if not request.is_refused:
                raise

    async def _end_cancelled(self, scope: Scope, request: "_Request", seconds: float) -> None:
        """Ends an event stream as its app would; answers 503 to any other request.

        Such a request has outlasted the graceful shutdown. `seconds` is how long it has run.
        """
        if request.is_event_stream():
            await request.end()
            return
        self._metrics.cancelled.inc()
        logger.warning("Cancelled %s %r after %.1f s.", scope["method"], scope["path"], seconds)
        await request.refuse(503)


class _Request:
    """A request in flight, and the state of its answer."""

    # If an app fails before it starts an answer, uvicorn answers 500.
    status: object = 500
    is_started = False
    is_refused = False
    body_bytes = 0
    _headers: Sequence[tuple[bytes, bytes]] = ()
    _is_in_pieces = False
    _is_whole = False

    def __init__(self, middleware: PodMiddleware, scope: Scope, send: Send) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = send
        # The task of the whole request; the app may call `send` from another one.
        self._task = asyncio.current_task()

    def send(self, message: Message) -> Awaitable[None]:
        """Passes on a message of the app, and remembers what it tells about the answer."""
        if self.is_refused:
            return _nothing()
        kind = message["type"]
        if kind == "http.response.body":
            self.body_bytes += len(message.get("body") or b"")
            if message.get("more_body"):
                self._is_in_pieces = True
            else:
                self._is_whole = True
        elif kind == "http.response.start":
            self.is_started = True
            self.status = message["status"]
            self._headers = message.get("headers", ())
            if self._middleware.is_draining():
                self._headers = [*self._headers]  # an iterator can be read only once
                message = _closing(message, self._headers)
                if self._middleware.is_stopping:
                    self.stop()
        return self._send(message)

    def is_event_stream(self) -> bool:
        """Whether the answer is an unfinished event stream that its client reconnects to.

        An `EventSource` sends GET and reconnects when a stream ends. After another method, the end
        of a stream may have a meaning.
        """
        return (
            self.is_started
            and not self._is_whole
            and self._scope["method"] == "GET"
            and self._field(b"content-type").startswith(b"text/event-stream")
        )

    def stop(self) -> None:
        """Cancels the request if it is an event stream."""
        if self._task is not None and self.is_event_stream():
            self._task.cancel()

    def record(self, trace: trace_context.Trace, started: float) -> RequestRecord:
        """The record of the finished request. It must not hold the scope, which is large."""
        scope = self._scope
        sent_bytes = 0 if scope["method"] == "HEAD" else self.body_bytes
        return RequestRecord(
            scope["method"],
            # Percent-encoded, as the client sent it: the decoded path may be anything.
            scope.get("raw_path") or scope["path"].encode(),
            scope.get("client"),
            self._middleware.find_route(scope),
            trace,
            started,
            perf_counter(),
            self._counted_status(),
            sent_bytes,
            scope.get(PLAIN_BYTES, sent_bytes),
            # A stream is an answer that begins before its length is known.
            self._is_in_pieces and not self._field(b"content-length"),
        )

    def _counted_status(self) -> int:
        """The status of the answer, or 499, as proxies log it, if the client left before."""
        cycle = getattr(self._send, "__self__", None)
        if not self.is_started and getattr(cycle, "disconnected", False):
            return CLIENT_CLOSED
        return self.status if isinstance(self.status, int) else 500  # uvicorn answers 500 too

    def _field(self, name: bytes) -> bytes:
        return next((value for key, value in self._headers if key.lower() == name), b"")

    async def end(self) -> None:
        """Ends the chunked body with its last chunk, so that the client sees it is complete."""
        await self._send(_END)

    async def refuse(self, status: int, receive: Receive | None = None) -> None:
        """Answers in the app's place, unless it has begun an answer; drops what it sends later.

        With `receive`, reads the rest of the body for LINGER_SECONDS at most. Closing a connection
        with unread bytes resets it, and the client may never see the answer (RFC 9112 §9.6).
        """
        if self.is_started:
            return
        self.is_started = self.is_refused = True
        self.status = status
        headers = [(b"content-length", b"0"), (b"connection", b"close")]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        if receive is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    while (await receive()).get("more_body"):
                        pass
        await self._send(_END)


def _closing(message: Message, headers: Sequence[tuple[bytes, bytes]]) -> Message:
    """Returns the start of the answer with `connection: close` (RFC 9112 §9.6)."""
    others = [pair for pair in headers if pair[0].lower() != b"connection"]
    return {**message, "headers": [*others, (b"connection", b"close")]}


async def _nothing() -> None: ...


if sys.version_info >= (3, 12):  # for libraries that check whether `send` is a coroutine function
    inspect.markcoroutinefunction(_Request.send)
