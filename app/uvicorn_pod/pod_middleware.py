"""The one layer around the app: counts and logs requests, and sends clients away on the way out."""

import asyncio
import contextlib
import inspect
import logging
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from time import perf_counter
from typing import Any

from uvicorn_pod import trace_context
from uvicorn_pod.logs import AccessLog
from uvicorn_pod.metrics import PLAIN_BYTES, Metrics, route_template
from uvicorn_pod.request_record import RequestRecord

BATCH_SECONDS = 0.01
LINGER_SECONDS = 2
CLIENT_CLOSED = 499

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_END: Message = {"type": "http.response.body", "body": b"", "more_body": False}
logger = logging.getLogger("uvicorn.error")


class PodMiddleware:
    """A pure ASGI wrapper; called by the event loop's thread alone.

    What is known of a request goes to the metrics and to the log a moment after its end, with all
    that ended in the same `BATCH_SECONDS`: the same code run on many at once takes a third of the
    time that it takes in between, when the app has driven it from the processor's caches.
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
        """Without an access log it writes none; 0 is no limit of a request's body."""
        self._app = app
        self._metrics = metrics
        self.is_draining = is_draining
        self._access_log = access_log
        self._max_body_bytes = max_body_bytes
        self._requests: set[_Request] = set()
        self._ended: list[RequestRecord] = []
        self.is_stopping = False

    @property
    def in_flight(self) -> int:
        """HTTP requests that have begun and not ended."""
        return len(self._requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on everything; adds `connection: close` to answers that start while draining."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        found = trace_context.Trace(scope["headers"])
        trace_context.current.set(found)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request = _Request(self, scope, send)
        self._requests.add(request)
        try:
            if self._max_body_bytes:
                await self._call_bounded(scope, receive, request)
            else:
                await self._app(scope, receive, request.send)
        except asyncio.CancelledError:
            if not self.is_stopping:
                raise
            await self._end_cancelled(scope, request, perf_counter() - started)
        finally:
            self._requests.discard(request)
            if not self._ended:
                asyncio.get_running_loop().call_later(BATCH_SECONDS, self.account)
            self._ended.append(request.ended(found, started))

    def account(self) -> None:
        """Counts and logs the requests that have ended since the last time."""
        ended, self._ended = self._ended, []
        self._metrics.count(ended)
        if self._access_log is not None and ended:
            self._access_log.log(ended)

    def stop(self) -> None:
        """Ends the event streams, whose clients then reconnect elsewhere; others may finish.

        From now on a request that is cancelled is answered, counted and logged as such.
        """
        self.is_stopping = True
        for request in self._requests:
            request.stop()

    async def _call_bounded(self, scope: Scope, receive: Receive, request: "_Request") -> None:
        """Answers 413 in the app's place as soon as a body is known to be too large."""
        left = self._max_body_bytes
        if any(name == b"content-length" and int(value) > left for name, value in scope["headers"]):
            await request.refuse(413, receive)
            return

        async def receive_bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                await request.refuse(413, receive)
                return {"type": "http.disconnect"}
            return message

        try:
            await self._app(scope, receive_bounded, request.send)
        except Exception:
            if not request.is_refused:
                raise

    async def _end_cancelled(self, scope: Scope, request: "_Request", seconds: float) -> None:
        """Ends an event stream as its app would; any other request has outlasted its time."""
        if request.is_event_stream():
            await request.end()
            return
        self._metrics.cancelled.inc()
        logger.warning("Cancelled %s %r after %.1f s.", scope["method"], scope["path"], seconds)
        await request.refuse(503)


class _Request:
    """What is known of a request's answer so far."""

    # An app that fails before its answer starts makes uvicorn answer 500 by itself.
    status: object = 500
    is_started = False
    is_refused = False
    body_bytes = 0
    _headers: Sequence[tuple[bytes, bytes]] = ()
    _is_in_pieces = False
    _is_whole = False

    def __init__(self, layer: PodMiddleware, scope: Scope, send: Send) -> None:
        self._layer = layer
        self._scope = scope
        self._send = send
        self._task = asyncio.current_task()  # of the whole request: the app may send from another

    def send(self, message: Message) -> Awaitable[None]:
        """Passes on a message of the app."""
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
            if self._layer.is_draining():
                self._headers = [*self._headers]  # which may be read only once
                message = _closing(message, self._headers)
                if self._layer.is_stopping:
                    self.stop()
        return self._send(message)

    def is_event_stream(self) -> bool:
        """Whether this is an answer that an `EventSource` asks for again where it ends.

        That asks by GET; an event stream by another method may be one whose end means something.
        """
        return (
            self.is_started
            and not self._is_whole
            and self._scope["method"] == "GET"
            and self._field(b"content-type").startswith(b"text/event-stream")
        )

    def stop(self) -> None:
        """Ends it if it is an event stream."""
        if self._task is not None and self.is_event_stream():
            self._task.cancel()

    def ended(self, found: trace_context.Trace, started: float) -> RequestRecord:
        """What is to be known of it; not its scope, which would keep all else in memory."""
        scope = self._scope
        sent_bytes = 0 if scope["method"] == "HEAD" else self.body_bytes
        return RequestRecord(
            scope["method"],
            # As the client sent it, percent-encoded: what it decodes to may be anything.
            scope.get("raw_path") or scope["path"].encode(),
            scope.get("client"),
            route_template(scope),
            found,
            started,
            perf_counter(),
            self._counted_status(),
            sent_bytes,
            scope.get(PLAIN_BYTES, sent_bytes),
            # A stream is an answer that begins before its length is known.
            self._is_in_pieces and not self._field(b"content-length"),
        )

    def _counted_status(self) -> int:
        """The answer's; where none began and the client has gone, 499, as proxies log it."""
        cycle = getattr(self._send, "__self__", None)
        if not self.is_started and getattr(cycle, "disconnected", False):
            return CLIENT_CLOSED
        return self.status if isinstance(self.status, int) else 500  # what uvicorn makes of it

    def _field(self, name: bytes) -> bytes:
        return next((value for key, value in self._headers if key.lower() == name), b"")

    async def end(self) -> None:
        """Ends the body, which is chunked, so that the client knows it to be whole."""
        await self._send(_END)

    async def refuse(self, status: int, receive: Receive | None = None) -> None:
        """Answers in the app's place, unless the app has begun to; drops what it sends from now.

        With `receive` it reads on for LINGER_SECONDS at most: a connection that is closed with
        something unread is reset, and its client may never see the answer (RFC 9112 §9.6).
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
    """The same start of an answer, saying that its connection ends with it (RFC 9112 §9.6)."""
    others = [pair for pair in headers if pair[0].lower() != b"connection"]
    return {**message, "headers": [*others, (b"connection", b"close")]}


async def _nothing() -> None: ...


if sys.version_info >= (3, 12):  # for libraries that ask before they call
    inspect.markcoroutinefunction(_Request.send)
