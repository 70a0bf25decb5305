"""An HTTP request in flight: tracks the answer from its start to its last byte."""

import asyncio
import contextlib
import inspect
import sys
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Any, Protocol

from uvicorn_pod import trace_context
from uvicorn_pod.asgi import Message, Receive, Scope, Send
from uvicorn_pod.connection_close import with_connection_close
from uvicorn_pod.metrics import LENGTH_IS_KNOWN, PLAIN_BYTES
from uvicorn_pod.request_record import REFUSED, RequestRecord
from uvicorn_pod.route_template import UNMATCHED

LINGER_SECONDS = 2
STREAM_SECONDS = 1.0
CLIENT_CLOSED = 499

_ADDRESS = (tuple, list, type(None))
_END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


class Owner(Protocol):
    """The middleware, as its requests see it."""

    is_draining: Callable[[], bool]
    is_stopping: bool
    find_route: Callable[[Scope], str]


class HTTPRequest:
    """A request in flight, and the state of its answer.

    It ends with the last byte of the answer, even if the app then runs a background task. If the
    app never completes the answer, the request ends when the app returns.
    """

    # If an app fails before it starts an answer, uvicorn answers 500.
    status: object = 500
    is_started = False
    is_refused = False
    is_ended = False
    _body_bytes = 0
    _headers: Sequence[tuple[bytes, bytes]] = ()
    _answer_started = 0.0
    _is_in_pieces = False
    _is_whole = False  # the app has sent the end of the body
    _is_head_delivered = False  # the client was still there
    _is_end_delivered = False

    def __init__(
        self,
        owner: Owner,
        scope: Scope,
        send: Send,
        trace: trace_context.Trace,
        on_end: Callable[["HTTPRequest"], None],
    ) -> None:
        """`on_end` is called once, when the request ends."""
        self._owner = owner
        self._scope = scope
        self._send = send
        self._connection = _connection(send)
        self._trace = trace
        self._on_end = on_end
        # The task of the whole request; the app may call `send` from another one.
        self._task = asyncio.current_task()
        self.started = perf_counter()

    def send(self, message: Message) -> Awaitable[None]:
        """Passes on a message of the app, and remembers what it tells about the answer."""
        if self.is_refused:
            return _nothing()
        kind = message["type"]
        if kind == "http.response.body":
            return self._send_body(message)
        if kind == "http.response.start":
            self.is_started = True
            self._answer_started = perf_counter()
            self.status = message["status"]
            self._headers = message.get("headers", ())
            self._is_head_delivered = not self._connection.disconnected
            if self._owner.is_draining():
                self._headers = [*self._headers]  # an iterator can be read only once
                message = with_connection_close(message, self._headers)
                if self._owner.is_stopping:
                    self.stop()
        return self._send(message)

    async def _send_body(self, message: Message) -> None:
        """Passes on a piece of the body; the last one ends the request."""
        is_last = not message.get("more_body")
        if is_last:
            self._is_whole = True
        else:
            self._is_in_pieces = True
        await self._send(message)
        if not self._connection.disconnected:
            self._body_bytes += len(message.get("body") or b"")
            self._is_end_delivered = is_last
        if is_last:
            self.end()

    def end(self) -> None:
        """Ends the request, unless it has ended before."""
        if not self.is_ended:
            self.is_ended = True
            self._on_end(self)

    def is_event_stream(self) -> bool:
        """Whether the answer is an unfinished event stream that its client reconnects to.

        An `EventSource` sends GET and reconnects when a stream ends. After another method, the end
        of a stream may have a meaning.
        """
        return (
            self.is_started
            and not self._is_whole
            and self._scope["method"] == "GET"
            and self._has_event_type()
        )

    def stop(self) -> None:
        """Cancels the request if it is an event stream."""
        if self._task is not None and self.is_event_stream():
            self._task.cancel()

    def record(self) -> RequestRecord:
        """The record of the request, which ends now. It does not hold the scope, which is large.

        An unusual scope may raise any error here, but not in `safe_record`.
        """
        scope = self._scope
        ended = perf_counter()
        method = scope["method"]
        # Percent-encoded, as the client sent it: the decoded path may be anything.
        path = scope.get("raw_path") or scope["path"].encode()
        client = scope.get("client")
        if not (
            isinstance(method, str) and isinstance(path, bytes) and isinstance(client, _ADDRESS)
        ):
            raise TypeError(f"method {method!r}, path {path!r}, client {client!r}")
        status = self.status
        if not (self._is_end_delivered and isinstance(status, int)):
            status = self._counted_status()
        sent_bytes = 0 if method == "HEAD" else self._body_bytes
        return RequestRecord(
            method,
            path,
            client,
            self._owner.find_route(scope),
            self._trace,
            self.started,
            ended,
            status,
            sent_bytes,
            scope.get(PLAIN_BYTES, sent_bytes),
            (self._is_in_pieces or not self._is_whole) and self._is_stream(ended),
        )

    def safe_record(self) -> RequestRecord:
        """The record with placeholders for what may be unusual: for after an error of `record`."""
        method, path = self._scope.get("method"), self._scope.get("raw_path")
        return RequestRecord(
            method if isinstance(method, str) else "?",
            path if isinstance(path, bytes) else b"?",
            None,
            UNMATCHED,
            self._trace,
            self.started,
            perf_counter(),
            self.status if isinstance(self.status, int) else 500,
            self._body_bytes,
            self._body_bytes,
            is_stream=False,
        )

    def _is_stream(self, ended: float) -> bool:
        """Whether an answer in pieces is a stream, so that its time tells nothing about latency.

        Middleware also splits ordinary answers into pieces, but sends them within a short time.
        """
        if self._has_event_type():
            return True
        is_length_known = LENGTH_IS_KNOWN in self._scope or self._field(b"content-length")
        is_long = self.is_started and ended - self._answer_started > STREAM_SECONDS
        return is_long and not is_length_known

    def _counted_status(self) -> int:
        """The status of the answer; 499, as proxies log it, if the client left before its end.

        An event stream keeps its status, because it is the client that ends it. If the server has
        refused the body while the app read it, the status is that of the refusal.
        """
        if REFUSED in self._scope:
            return int(self._scope[REFUSED])
        is_cut = not self._is_end_delivered and self._connection.disconnected
        if is_cut and not (self.is_refused or self._has_event_type() or self._has_client_all()):
            return CLIENT_CLOSED
        return self.status if isinstance(self.status, int) else 500  # uvicorn answers 500 too

    def _has_client_all(self) -> bool:
        """Whether the client has the whole answer, although it left before the app said so."""
        has_no_body = self._scope["method"] == "HEAD" or self.status in (204, 304)
        stated = self._field(b"content-length")
        return self._is_head_delivered and (has_no_body or stated == b"%d" % self._body_bytes)

    def _has_event_type(self) -> bool:
        return self._field(b"content-type").startswith(b"text/event-stream")

    def _field(self, name: bytes) -> bytes:
        return next((value for key, value in self._headers if key.lower() == name), b"")

    async def end_body(self) -> None:
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
        await self._send_body(_END)


class _Connected:
    """Stands in for a connection that nothing is known about."""

    disconnected = False


_CONNECTED = _Connected()


def _connection(send: Send) -> _Connected:
    """The object that has the flag `disconnected`: whether uvicorn drops what is sent to it.

    uvicorn drops it once the client has left, and no public interface shows this. But its `send` is
    a method of the object that handles one request. Any other `send` counts as never dropping.
    """
    cycle: Any = getattr(send, "__self__", None)
    return cycle if hasattr(cycle, "disconnected") else _CONNECTED


async def _nothing() -> None: ...


if sys.version_info >= (3, 12):  # for libraries that check whether `send` is a coroutine function
    inspect.markcoroutinefunction(HTTPRequest.send)
