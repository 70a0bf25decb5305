"""uvicorn's HTTP protocol with bounds on what a client may send before an app runs.

Nothing here runs per header or per byte: a request that comes whole, as nearly all do, pays for
two short calls.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Self, cast

from uvicorn._types import HTTPScope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from uvicorn_pod.head_limits import Limits


class _ExceededError(Exception):
    """Ends the parsing; httptools reports it as a parser error, uvicorn then answers."""


class _Sink(list[tuple[bytes, bytes]]):
    """Takes trailer fields and keeps none: uvicorn would add them to the headers of the scope."""

    def append(self, _pair: object, /) -> None: ...


_TRAILERS = _Sink()


class LimitedProtocol(HttpToolsProtocol):
    """Answers 408 or 431, and ends the connection, where a request's head exceeds the limits."""

    limits = Limits()
    on_refusal: Callable[[HTTPStatus], None]
    # Both are None until a first request, whatever their types say in uvicorn.
    cycle: RequestResponseCycle | None  # type: ignore[assignment]
    scope: HTTPScope | None  # type: ignore[assignment]

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
        self._stray_bytes = 0  # received since the last whole head or piece of a body
        self._deadline = math.inf  # of a head that is not whole

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Also ends a connection that never speaks, as one that is idle between requests."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    @staticmethod
    def end_overdue(connections: Iterable[object]) -> None:
        """Ends each that has been idle, or at the head of a request, for too long.

        To be called every second: no such time is worth a timer of the loop for each request.
        """
        for connection in tuple(connections):
            if isinstance(connection, LimitedProtocol):
                connection.end_if_overdue()

    def data_received(self, data: bytes) -> None:
        """Also sees to it that what is begun is ended in time and within its size."""
        self._stray_bytes += len(data)
        super().data_received(data)
        cycle = self.cycle
        is_answered = cycle is not None and cycle.response_complete
        if self._stray_bytes or is_answered or self._deadline < math.inf:
            self._look_after_rest()

    def on_headers_complete(self) -> None:
        limits = self.limits
        if len(self.headers) > limits.max_headers or (
            self._stray_bytes > limits.max_header_bytes
            and self._head_bytes() > limits.max_header_bytes
        ):
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _ExceededError
        self._stray_bytes = 0
        super().on_headers_complete()
        if not self.parser.should_upgrade():
            self.headers = _TRAILERS

    def on_body(self, body: bytes) -> None:
        self._stray_bytes = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """uvicorn's answer to a parser error; here the status is that of the limit exceeded."""
        self._refuse(self._refusal, msg)

    def _look_after_rest(self) -> None:
        """Bounds what is neither a whole head nor a piece of a body: what it is, may come later.

        A head has the header deadline. What comes after an answer without beginning a request (line
        ends, or the rest of a body that nobody read) has the time of an idle connection.
        """
        if self not in self.connections or self.transport.is_closing():
            return  # a WebSocket's now, or nobody's
        cycle = self.cycle
        is_head = cycle is None or cycle.scope is not self.scope
        if cycle is not None and not is_head and not cycle.more_body:
            self._stray_bytes = 0  # the end of a chunked body
        if self._stray_bytes > self.limits.max_header_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif is_head:
            self._end_by(self.limits.header_seconds)
        elif cycle is not None and cycle.response_complete:
            self._end_by(self.timeout_keep_alive)
        else:
            self._deadline = math.inf

    def _end_by(self, seconds: float) -> None:
        self._deadline = min(self._deadline, self._idle.now() + seconds)

    def _head_bytes(self) -> int:
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.url) + fields

    def _refuse(self, status: HTTPStatus, text: str | None = None) -> None:
        """Answers and closes; only closes where it would cut into the answer before."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            self.transport.close()
            return
        self.on_refusal(status)
        self.logger.info("Refused %s with %d %s.", self.client, status.value, status.phrase)
        body = (text or status.phrase).encode()
        head = [
            f"HTTP/1.1 {status.value} {status.phrase}".encode(),
            *(b"%s: %s" % field for field in self.server_state.default_headers),
            b"content-type: text/plain; charset=utf-8",
            b"content-length: %d" % len(body),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join([*head, b"", body]))
        self.transport.close()

    def end_if_overdue(self) -> None:
        """Closes where nothing has begun, else answers 408."""
        now = self._idle.now()
        if self._idle.due <= now:
            self.timeout_keep_alive_handler()
        if self._deadline > now or self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            return  # an answer is still under way: look again when it may be done
        if self.scope is None or (self.cycle is not None and self.cycle.scope is self.scope):
            self.transport.close()  # no request has begun: there is none to answer
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)


class _IdleTimer:
    """Stands in for the loop in uvicorn's protocol, which asks it for tasks and for one timer.

    The timer, that of an idle connection, is set and cancelled at every request, so it is but a
    number here.
    """

    __slots__ = ("create_task", "due", "now")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.create_task = loop.create_task
        self.now = loop.time
        self.due = math.inf

    def call_later(self, seconds: float, _callback: object) -> Self:
        self.due = self.now() + seconds
        return self

    def cancel(self) -> None:
        self.due = math.inf


def limited_protocol(
    limits: Limits, on_refusal: Callable[[HTTPStatus], None] = lambda _status: None
) -> type[LimitedProtocol]:
    """The class for uvicorn's `http` setting; `on_refusal` is called at each request refused."""
    members = {"limits": limits, "on_refusal": staticmethod(on_refusal)}
    return type("LimitedProtocol", (LimitedProtocol,), members)
