"""An HTTP request in flight, and its answer: what the app calls `receive` and `send` on.

It replaces uvicorn's RequestResponseCycle. So requests are counted and logged where their bytes
are written, without a second object and a second coroutine around the app.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.utils import get_client_addr, get_path_with_query_string

from uvicorn_pod import trace_context
from uvicorn_pod.asgi import App, Message, Scope
from uvicorn_pod.body_limit import call_with_limit
from uvicorn_pod.connection_close import without_connection
from uvicorn_pod.response_head import ResponseHead

if TYPE_CHECKING:
    from uvicorn_pod.http_protocol import PodProtocol

_NO_BODY = (204, 304)

logger = logging.getLogger("uvicorn.error")


class Wakeup:
    """An asyncio.Event that costs nothing for a request that never waits."""

    __slots__ = ("_event", "_is_set")

    def __init__(self) -> None:
        self._is_set = False
        self._event: asyncio.Event | None = None

    def set(self) -> None:
        """Wakes all that wait."""
        self._is_set = True
        if self._event is not None:
            self._event.set()

    async def wait(self) -> None:
        """Waits until `set` was called since the last wait."""
        if not self._is_set:
            self._event = self._event or asyncio.Event()
            await self._event.wait()
        self._is_set = False
        if self._event is not None:
            self._event.clear()


class HTTPRequest:
    """A request in flight, and the state of its answer.

    It ends with the last byte of the answer, even if the app then runs a background task. If the
    app never completes the answer, the request ends when the app returns.
    """

    # uvicorn's protocol reads and writes the attributes of this block, under its own names.
    disconnected = False
    more_body = True
    response_complete = False  # the whole answer is written
    body: bytes | bytearray = b""  # received, and not yet given to the app

    response_started = False  # the head is written
    status: object = 500  # what the client gets if the app fails before it starts an answer
    headers: Sequence[tuple[bytes, bytes]] = ()
    started_answer = 0.0  # a value of perf_counter, as `received`
    ended = 0.0
    sent_bytes = 0
    refused_status: int | None = None  # of a refusal by the server, in the app's place
    is_started = False  # the app has started an answer, even if the client has left
    is_whole = False  # the app has sent the end of the body
    is_in_pieces = False
    is_ended = False
    is_overdue = False
    body_began = 0.0  # 0 where it is the same as `began`
    kernel_wait = 0.0  # seconds before the process read the request, if they may have been many
    _task: "asyncio.Task[Any] | None" = None
    _is_chunked = False
    _unsent = 0  # bytes of the stated Content-Length that are still to come

    def __init__(
        self, protocol: "PodProtocol", scope: Scope, *, keep_alive: bool, expects_continue: bool
    ) -> None:
        self.scope = scope  # the app may change it
        self.is_head = scope["method"] == "HEAD"
        self.keep_alive = keep_alive
        self.message_event = Wakeup()
        self.accounting = protocol.accounting
        self.trace = trace_context.Trace(scope["headers"])
        self.received = self.began = perf_counter()  # it begins later if it was pipelined
        self._max_started = protocol.max_started
        self._text_log = protocol.access_logger if protocol.access_log else None
        self._expects_continue = expects_continue
        self._transport = protocol.transport
        self._flow = protocol.flow
        self._server_state = protocol.server_state
        self._on_response: Callable[[], None] = protocol.on_response_complete

    @property
    def protocol(self) -> "PodProtocol | None":
        """The protocol of the connection; None once the app has returned."""
        return getattr(self._on_response, "__self__", None)

    async def run_asgi(self, protocol: "PodProtocol") -> None:
        """Runs the app of the protocol; answers in its place if it fails, or if it is too late."""
        accounting = self.accounting
        limiter = accounting.overload
        self._task = task = asyncio.current_task()
        if limiter is not None and protocol.is_shed(self, limiter):
            protocol.tasks.discard(task)
            return
        app: App = protocol.app
        result: object  # an app should return None
        trace_context.current.set(self.trace)
        accounting.requests.add(self)
        try:
            if accounting.max_body_bytes:
                result = await call_with_limit(app, accounting.max_body_bytes, self)
            else:
                result = await app(self.scope, self.receive, self.send)  # type: ignore[func-returns-value]
            if result is not None or not self.response_complete:
                self._end_without_answer(result)
        except BaseException as error:  # noqa: BLE001 - as uvicorn: a request cannot end the server
            self._end_failed(error)
        finally:
            self.end()
            self._on_response = _nothing  # or it would keep the connection's objects alive
            protocol.tasks.discard(task)

    async def receive(self) -> Message:
        """The next piece of the request's body, or a disconnect once the answer is complete."""
        if self._expects_continue and not self._transport.is_closing():
            self._expects_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not (self.disconnected or self.response_complete):
            self._flow.resume_reading()
            await self.message_event.wait()
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body, self.body = bytes(self.body), b""
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def send(self, message: Message) -> None:
        """Writes a message of the app. Raises RuntimeError if it breaks the rules of ASGI."""
        if self._flow.write_paused and not self.disconnected:
            await self._flow.drain()
        if self.refused_status is not None:
            return
        if not self.is_started:
            self._start(message)
        elif not self.is_whole:
            self._send_piece(message)
        elif not self.disconnected:
            raise RuntimeError(f"{message['type']!r} after the end of the answer.")

    def _start(self, message: Message) -> None:
        if not self._is_expected(message, "http.response.start"):
            return
        self.is_started = True
        self.started_answer = perf_counter()
        self.status = message["status"]
        headers = message.get("headers", ())
        self.headers = headers if isinstance(headers, list) else [*headers]
        accounting = self.accounting
        if self.started_answer > self._max_started and self.keep_alive and not self.more_body:
            self.keep_alive = False
            accounting.metrics.connections_expired.inc()
        if accounting.is_draining:
            self.keep_alive = False
            self.headers = without_connection(self.headers)
            if accounting.is_stopping:
                self.stop()
        if not self.disconnected:
            self._write_head(message["status"])

    def _send_piece(self, message: Message) -> None:
        if not self._is_expected(message, "http.response.body"):
            return
        is_last = not message.get("more_body", False)
        if is_last:
            self.is_whole = True
        else:
            self.is_in_pieces = True
        if not self.disconnected:
            self._write(message.get("body") or b"", is_last=is_last)
        if is_last:
            self.end()

    def _is_expected(self, message: Message, kind: str) -> bool:
        """Whether to use the message. A wrong one is an error, unless the client has left."""
        if message["type"] == kind:
            return True
        if self.disconnected:
            return False
        raise RuntimeError(f"Expected ASGI message {kind!r}, but got {message['type']!r}.")

    def _write_head(self, status: int) -> None:
        self.response_started = True
        self._expects_continue = False
        if self._text_log is not None:
            self._log_as_text(self._text_log, status)
        head = ResponseHead(
            status,
            self.headers,  # type: ignore[arg-type]
            self._server_state.default_headers,
            has_body=not self.is_head and status not in _NO_BODY,
            keep_alive=self.keep_alive,
        )
        self.keep_alive = not head.is_last
        self._is_chunked = head.is_chunked
        self._unsent = head.length or 0
        self._transport.write(head.data)

    def _write(self, body: bytes, *, is_last: bool) -> None:
        size = len(body)
        if self.is_head:
            self._unsent = 0
        elif self._is_chunked:
            chunk = b"%x\r\n%b\r\n" % (size, body) if body else b""
            self._transport.write(chunk + b"0\r\n\r\n" if is_last else chunk)
        else:
            if size > self._unsent:
                raise RuntimeError("Response content longer than Content-Length")
            self._unsent -= size
            self._transport.write(body)
        self.sent_bytes += size
        if is_last:
            if self._unsent:
                self.is_whole = False  # the app may catch the error and send the rest
                raise RuntimeError("Response content shorter than Content-Length")
            self._complete()

    def _complete(self) -> None:
        self.response_complete = True
        self.message_event.set()
        protocol = self.protocol
        if not self.keep_alive and protocol is not None:
            protocol.end_connection(self)
        self._on_response()

    def end(self) -> None:
        """Ends the request, unless it has ended before."""
        if not self.is_ended:
            self.is_ended = True
            self.ended = perf_counter()
            self.accounting.count(self)

    def _end_without_answer(self, result: object) -> None:
        """Reports an app that has returned too early, or something, and ends the answer."""
        if result is not None:
            logger.error("ASGI callable should return None, but returned '%s'.", result)
            self._cut()
        elif self.disconnected or self.refused_status is not None:
            return
        elif not self.response_started:
            logger.error("ASGI callable returned without starting response.")
            self._answer_failed()
        elif not self.response_complete:
            logger.error("ASGI callable returned without completing response.")
            self._cut()

    def _end_failed(self, error: BaseException) -> None:
        """Ends the answer of an app that has failed, or was cancelled in the shutdown."""
        is_cancelled = isinstance(error, asyncio.CancelledError)
        if is_cancelled and (self.is_overdue or self.accounting.is_stopping):
            if not self.is_ended:  # otherwise it was a background task
                self._end_cancelled()
            return
        logger.error("Exception in ASGI application\n", exc_info=error)
        if self.response_started:
            self._cut()
        elif not self.disconnected:
            self._answer_failed()

    def _end_cancelled(self) -> None:
        """Ends an event stream as its app would; answers 503 to any other request.

        Such a request is overdue, or has outlasted the graceful shutdown.
        """
        if self.is_overdue:
            self.accounting.report_overdue(self)
        elif not self.is_event_stream():
            self.accounting.report_cancelled(self)
        elif not self.disconnected:
            self._write(b"", is_last=True)
        if self.response_started:
            self._cut()
        elif not self.disconnected:
            self.refuse(503)

    def _cut(self) -> None:
        """Closes the connection, unless it already belongs to the next request.

        That is the case where a background task fails after the answer.
        """
        protocol = self.protocol
        if not self.response_complete or protocol is None or protocol.cycle is self:
            self._transport.close()

    def _answer_failed(self) -> None:
        self.status = 500
        self.headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"21"),
        ]
        self.keep_alive = False
        self._write_head(500)
        self._write(b"Internal Server Error", is_last=True)

    def is_event_stream(self) -> bool:
        """Whether the answer is an unfinished event stream that its client reconnects to.

        An `EventSource` sends GET and reconnects when a stream ends. After another method, the end
        of a stream may have a meaning.
        """
        return (
            self.is_started
            and not self.is_whole
            and self.scope["method"] == "GET"
            and self.has_event_type()
        )

    def has_event_type(self) -> bool:
        """Whether the answer is an event stream, finished or not."""
        return self.field(b"content-type").startswith(b"text/event-stream")

    def leave(self) -> None:
        """Tells the app that the client has left, unless the answer is complete."""
        if not self.response_complete:
            self.disconnected = True
        self.message_event.set()

    def field(self, name: bytes) -> bytes:
        """The value of a header field of the answer; empty if it has none of this name."""
        try:
            value = next((value for key, value in self.headers if key.lower() == name), b"")
            return bytes(memoryview(value))  # not bytes(value), which makes zeros of a number
        except (AttributeError, TypeError, ValueError):  # nobody checks them if the client has left
            return b""

    def stop(self) -> None:
        """Cancels the request if it is an event stream."""
        if self._task is not None and self.is_event_stream():
            self._task.cancel()

    def expire(self) -> None:
        """Cancels the request, because its answer is overdue."""
        if self._task is not None and not self.is_overdue:
            self.is_overdue = True
            self._task.cancel()

    def refuse(self, status: int) -> None:
        """Answers in the app's place, unless it has begun an answer; drops what it sends later."""
        if self.is_started or self.refused_status is not None:
            return
        self._start_refusal(status, b"")
        if not self.disconnected:
            self._write(b"", is_last=True)
        self.end()

    def refuse_at_once(
        self, status: int, text: bytes, fields: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Answers in the app's place, without a task. The caller closes the connection."""
        self.is_ended = self.response_complete = True
        self.ended = perf_counter()
        self._start_refusal(status, text, fields)
        if not (self.disconnected or self.is_head):
            self._transport.write(text)
            self.sent_bytes = len(text)

    def _start_refusal(
        self, status: int, text: bytes, fields: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        self.is_started = self.is_whole = True
        self.status = self.refused_status = status
        self.headers = [(b"content-length", b"%d" % len(text)), *fields]
        if text:
            self.headers.append((b"content-type", b"text/plain; charset=utf-8"))
        self.keep_alive = False
        if not self.disconnected:
            self._write_head(status)

    def _log_as_text(self, log: logging.Logger, status: int) -> None:
        """Logs as uvicorn does, for --access-log-format text."""
        scope: Any = self.scope
        log.info(
            '%s - "%s %s HTTP/%s" %d',
            get_client_addr(scope),
            scope["method"],
            get_path_with_query_string(scope),
            scope["http_version"],
            status,
        )


def _nothing() -> None: ...
