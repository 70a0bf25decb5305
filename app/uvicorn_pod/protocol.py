"""uvicorn's HTTP protocol with bounds on what a client may send before an app runs.

Nothing here runs per header or per byte: a request that comes whole, as nearly all do, pays for
three short calls.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn._types import HTTPScope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from uvicorn_pod.limits import Limits


class _ExceededError(Exception):
    """Ends the parsing; httptools reports it as a parser error, uvicorn then answers."""


class _Sink(list[tuple[bytes, bytes]]):
    """Takes trailer fields and keeps none: uvicorn would add them to the headers of the scope."""

    def append(self, _pair: object, /) -> None: ...


_TRAILERS = _Sink()


class LimitedProtocol(HttpToolsProtocol):
    """Answers 408 or 431, and ends the connection, where a request's head exceeds the limits."""

    limits = Limits()
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
        super().__init__(config, server_state, app_state, _loop)
        self._refusal = HTTPStatus.BAD_REQUEST
        self._stray_bytes = 0  # received since the last whole head, piece of a body or request
        self._deadline: asyncio.TimerHandle | None = None
        self._is_upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Also ends a connection that never speaks, as one that is idle between requests."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Also cancels the timers of a connection that was reset."""
        self._clear_deadline()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Also sees to it that what is begun is ended in time and within its size."""
        self._stray_bytes += len(data)
        super().data_received(data)
        if self._is_upgraded or self.transport.is_closing():
            return
        if self._stray_bytes > self.limits.max_header_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.cycle is None or self.cycle.scope is not self.scope or self._is_idle():
            # The head is not whole, or there is none and the client sends line ends.
            if self._deadline is None:
                self._start_deadline()
        elif self._deadline is not None:
            self._clear_deadline()

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

    def on_message_complete(self) -> None:
        self._stray_bytes = 0
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._is_upgraded = True
        self._clear_deadline()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """uvicorn's answer to a parser error; here the status is that of the limit exceeded."""
        self._refuse(self._refusal, msg)

    def _is_idle(self) -> bool:
        return self.cycle is not None and self.cycle.response_complete

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

    def _start_deadline(self) -> None:
        self._deadline = self.loop.call_later(self.limits.header_seconds, self._end_late)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end_late(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._start_deadline()  # an answer is still under way: look again when it may be done
        elif self.scope is None or (self.cycle is not None and self.cycle.scope is self.scope):
            self.transport.close()  # no request has begun: there is none to answer
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)


def limited_protocol(limits: Limits) -> type[LimitedProtocol]:
    """The class for uvicorn's `http` setting."""
    return type("LimitedProtocol", (LimitedProtocol,), {"limits": limits})
