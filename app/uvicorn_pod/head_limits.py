"""The limits of a request's head, enforced by a subclass of uvicorn's HTTP protocol.

The limits cost nothing per header or per byte. A request that arrives in one piece, as nearly all
do, pays for two short calls.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import Any, Self, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from uvicorn_pod.accounting import Accounting
from uvicorn_pod.deadlines import Deadlines
from uvicorn_pod.http_protocol import PodProtocol
from uvicorn_pod.http_request import HTTPRequest


@dataclass(frozen=True)
class HeadLimits:
    """Limits of a request's head: its request line and its header fields (RFC 9112 §2.1).

    `header_seconds` is the time from its first byte to its last; `max_headers` counts fields.
    """

    header_seconds: float
    max_header_bytes: int
    max_headers: int


class _ExceededError(Exception):
    """Stops the parser. httptools reports a parser error, and uvicorn calls send_400_response."""


class LimitedProtocol(PodProtocol):
    """Answers 408 or 431 and closes the connection if a request's head exceeds the limits."""

    limits: HeadLimits

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._idle = _IdleTimer(_loop or asyncio.get_event_loop())
        loop = cast("asyncio.AbstractEventLoop", self._idle)
        super().__init__(config, server_state, app_state, loop)
        self._refusal = HTTPStatus.BAD_REQUEST
        self._pending_bytes = 0  # received since the last complete head or piece of a body
        self._deadline = math.inf  # for the bytes of an incomplete head, or after an answer
        self._deadline_of: object = None  # the request that it belongs to
        self._has_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Also starts the idle timer, so that a connection that sends nothing is closed."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    @staticmethod
    def close_overdue(connections: Iterable[object]) -> None:
        """Closes the connections that are idle, or receiving a head, for too long.

        Call it every second. One check of all connections costs less than a timer per request.
        """
        for connection in tuple(connections):
            if isinstance(connection, LimitedProtocol):
                connection.close_if_overdue()

    def data_received(self, data: bytes) -> None:
        """Also limits the size and the time of a head that is not complete after `data`."""
        self._pending_bytes += len(data)
        super().data_received(data)
        cycle = self.cycle
        is_answered = cycle is not None and cycle.response_complete
        if self._pending_bytes or is_answered or self._deadline < math.inf:
            self._limit_pending_bytes()

    def on_headers_complete(self) -> None:
        limits = self.limits
        if len(self.headers) > limits.max_headers or (
            self._pending_bytes > limits.max_header_bytes
            and self._head_bytes() > limits.max_header_bytes
        ):
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _ExceededError
        self._pending_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._pending_bytes = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Answers a parser error, with the status of the exceeded limit if there is one."""
        self._refuse(self._refusal, msg)

    def _limit_pending_bytes(self) -> None:
        """Sets a deadline for bytes that are not yet a complete head or a piece of a body.

        An incomplete head gets the header deadline. Other bytes after an answer get the time of
        an idle connection: line ends, or the rest of an unread body.
        """
        if self not in self.connections or self.transport.is_closing():
            return  # it became a WebSocket, or it is closed
        cycle = self.cycle
        is_head = cycle is None or cycle.scope is not self.scope
        if cycle is not None and not is_head and not cycle.more_body:
            self._pending_bytes = 0  # they were the end of a chunked body
        if self._pending_bytes > self.limits.max_header_bytes:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                if is_head
                else HTTPStatus.REQUEST_ENTITY_TOO_LARGE  # chunk extensions or trailer fields
            )
        elif is_head:
            self._set_deadline(self.limits.header_seconds, cycle and self.scope)
        elif cycle is not None and cycle.response_complete:
            self._set_deadline(self.timeout_keep_alive, cycle)
        else:
            self._deadline, self._deadline_of = math.inf, None

    def _set_deadline(self, seconds: float, request: object) -> None:
        """Sets the deadline to `seconds` from now, unless `request` already has an earlier one."""
        if request is not self._deadline_of:
            self._deadline, self._deadline_of = math.inf, request
        self._deadline = min(self._deadline, self._idle.now() + seconds)

    def _head_bytes(self) -> int:
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.url) + fields

    def _refuse(self, status: HTTPStatus, text: str | None = None) -> None:
        """Answers and closes the connection.

        If answers to other requests are open, the connection closes after them, without this one.
        """
        if self._has_refused:
            return
        self._has_refused = True
        self.accounting.metrics.count_refusal(status)
        self.logger.info("Refused %s with %d %s.", self.client, status.value, status.phrase)
        cycle = self.cycle
        is_in_body = cycle is not None and cycle.scope is self.scope and cycle.more_body
        if cycle is None or cycle.response_complete:
            if cycle is None or (cycle.keep_alive and not is_in_body):
                self._answer(status, text or status.phrase)
        elif not is_in_body:
            cycle.keep_alive = False
            return
        elif self.pipeline:
            self._forget_newest()
            return
        else:
            if not cycle.response_started:
                cycle.refused_status = status.value
                self._answer(status, text or status.phrase)
            cycle.leave()
        self.transport.close()

    def _forget_newest(self) -> None:
        """Drops a pipelined request that the app has not got; the one before becomes the last."""
        self.pipeline.popleft()
        before = self.pipeline[0][0] if self.pipeline else self.running
        self.cycle = cast("HTTPRequest", before)
        self.cycle.keep_alive = False

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        head = [
            f"HTTP/1.1 {status.value} {status.phrase}".encode(),
            *(b"%s: %s" % field for field in self.server_state.default_headers),
            b"content-type: text/plain; charset=utf-8",
            b"content-length: %d" % len(body),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join([*head, b"", body]))

    def close_if_overdue(self) -> None:
        """Closes an overdue connection; answers 408 first if a request has begun on it."""
        now = self._idle.now()
        if self._idle.due <= now:
            self.timeout_keep_alive_handler()
        if self.transport.is_closing():
            return
        if self.accounting.deadlines is not None:
            self._refuse_overdue_body(self.accounting.deadlines)
        if self._deadline > now:
            return
        if self.cycle is not None and not self.cycle.response_complete:
            return  # an answer is not finished: the next check decides
        if self.scope is None or (self.cycle is not None and self.cycle.scope is self.scope):
            self.transport.close()  # no request has begun, so there is nothing to answer
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse_overdue_body(self, deadlines: Deadlines) -> None:
        """Answers 408 if the client has sent the body too slowly."""
        request = self.cycle
        if request is None or request.response_complete or request is not self.running:
            return
        if self.flow.read_paused:  # because the app does not read; the client's time begins anew
            request.body_began = perf_counter()
        elif deadlines.is_body_overdue(request):
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)


class _IdleTimer:
    """Replaces the event loop inside uvicorn's protocol, to replace one timer.

    uvicorn sets and cancels that timer, the idle timeout, at every request. Here it is only a
    number, which `close_if_overdue` reads. Everything else goes to the loop.
    """

    __slots__ = ("_loop", "create_task", "due", "now")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.create_task = loop.create_task
        self.now = loop.time
        self.due = math.inf

    def call_later(
        self, seconds: float, callback: Callable[..., object], *arguments: object, **named: Any
    ) -> Self | asyncio.TimerHandle:
        if getattr(callback, "__func__", None) is not HttpToolsProtocol.timeout_keep_alive_handler:
            return self._loop.call_later(seconds, callback, *arguments, **named)
        self.due = self.now() + seconds
        return self

    def cancel(self) -> None:
        self.due = math.inf

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of the loop
        return getattr(self._loop, name)


def limited_protocol(
    limits: HeadLimits, accounting: Accounting, max_connection_seconds: float = math.inf
) -> type[LimitedProtocol]:
    """The class for uvicorn's `http` setting; `accounting` counts and logs its requests.

    A request that begins later than about `max_connection_seconds` is the last on its connection.
    """
    members = {
        "limits": limits,
        "accounting": accounting,
        "max_connection_seconds": max_connection_seconds,
    }
    return type("LimitedProtocol", (LimitedProtocol,), members)
