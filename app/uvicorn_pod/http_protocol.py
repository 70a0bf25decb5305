"""uvicorn's HTTP protocol with requests that are counted and logged, and refused in an overload."""

import asyncio
import contextvars
import math
import random
import urllib.parse
from collections.abc import Iterable
from time import perf_counter
from typing import Any, cast

import httptools
from uvicorn._types import ASGI3Application, HTTPScope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from uvicorn_pod import overload
from uvicorn_pod.accept_queue import AcceptQueue
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.http_request import HTTPRequest

LINGER_SECONDS = 2
OVERLOADED = b"Service Unavailable"


class PodProtocol(HttpToolsProtocol):
    """Makes an HTTPRequest of each request; see there for the reason."""

    accounting: Accounting
    accept_queue: AcceptQueue | None = None
    max_connection_seconds = math.inf
    max_started = math.inf  # an answer that starts later is the last on the connection
    running: HTTPRequest | None = None  # the newest that the app has; `cycle` may be pipelined
    _lingering: asyncio.TimerHandle | None = None
    # uvicorn's types leave out that both are None before the first request.
    cycle: HTTPRequest | None  # type: ignore[assignment]
    scope: HTTPScope | None  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Also draws the age at which the connection has its last request."""
        super().connection_made(transport)
        if self.accept_queue is not None:
            self.accept_queue.accept_more()
        if self.max_connection_seconds < math.inf:
            # Jitter, so that the connections of one moment do not end in one moment.
            age = self.max_connection_seconds * random.uniform(0.75, 1.25)  # noqa: S311
            self.max_started = perf_counter() + age

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.pipeline.clear()
        if self.running is not None:
            self.running.leave()
        if self._lingering is not None:
            self._lingering.cancel()

    def on_headers_complete(self) -> None:
        """Completes the scope and starts the app, unless an answer on the connection is open."""
        before = self.cycle
        if before is not None and before.response_complete and not before.keep_alive:
            return  # that answer said that the connection ends
        parser = self.parser
        scope = cast("dict[str, Any]", self.scope)
        scope["method"] = parser.get_method().decode("ascii")
        version = parser.get_http_version()
        if version != "1.1":
            scope["http_version"] = version
        if parser.should_upgrade() and self._should_upgrade():
            return
        # uvicorn would add trailer fields to this list, which is the scope's.
        self.headers = []
        self._set_path(scope)
        self.cycle = request = HTTPRequest(
            self,
            scope,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            expects_continue=self.expect_100_continue,
        )
        if before is None or before.response_complete:
            limiter = self.accounting.overload
            if limiter is not None:
                is_first = before is None
                request.kernel_wait = limiter.kernel_wait(self.transport, is_first=is_first)
            self._start(request)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cast("RequestResponseCycle", request), self.app))

    def _set_path(self, scope: dict[str, Any]) -> None:
        url = httptools.parse_url(self.url)
        raw_path = url.path
        path = raw_path.decode("ascii")
        if "%" in path:
            path = urllib.parse.unquote(path)
        if self.root_path:
            path = self.root_path + path
            raw_path = self.root_path.encode("ascii") + raw_path
        scope["path"] = path
        scope["raw_path"] = raw_path
        scope["query_string"] = url.query or b""

    def _start_asgi_task(self, cycle: RequestResponseCycle, _app: ASGI3Application) -> None:
        """Starts a request that was pipelined. Its wait for the answer before was the client's."""
        request = cast("HTTPRequest", cycle)
        request.began = perf_counter()
        self._start(request)

    def _start(self, request: HTTPRequest) -> None:
        """Starts the app, or refuses the request."""
        limit = self.limit_concurrency
        if limit is not None and max(len(self.connections), len(self.tasks)) >= limit:
            self.logger.warning("Exceeded concurrency limit.")
            self._refuse_at_once(request, ())
            self.accounting.count_refused(request)
            return
        limiter = self.accounting.overload
        if limiter is not None and self.is_shed(request, limiter):
            return
        context = contextvars.Context() if self.config.reset_contextvars else None
        # The request itself removes its task. A callback would cost one more turn of the loop.
        task = self.loop.create_task(request.run_asgi(self), context=context)
        self.tasks.add(task)
        self.running = request

    def is_shed(self, request: HTTPRequest, limiter: overload.Overload) -> bool:
        """Refuses a request that has waited too long, and returns whether it has."""
        if not limiter.is_late(request):
            return False
        self._refuse_at_once(request, overload.FIELDS)
        limiter.count_shed()
        self.accounting.count_shed(request)
        return True

    def _refuse_at_once(self, request: HTTPRequest, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Answers 503 without the app, and ends the connection."""
        request.refuse_at_once(503, OVERLOADED, fields)
        self.end_connection(request)

    def end_connection(self, request: HTTPRequest) -> None:
        """Closes the connection after its last answer, once the request's body has been read.

        Closing a connection with unread bytes resets it, and the client may never see the answer
        (RFC 9112 §9.6). The body may take LINGER_SECONDS; while the server drains, as long as an
        idle connection is kept.
        """
        accounting = self.accounting
        if not request.more_body:
            self.transport.close()
        elif accounting.is_stopping or not accounting.is_draining or request.refused_status:
            self._lingering = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def handle_websocket_upgrade(self) -> None:
        """Becomes a WebSocket, unless an answer is open or was the last on the connection.

        An answer would otherwise end up among the frames of the WebSocket.
        """
        request = self.cycle
        if request is None or (request.response_complete and request.keep_alive):
            super().handle_websocket_upgrade()
        elif request.response_complete:
            self.transport.close()
        else:
            request.keep_alive = False

    def shutdown(self) -> None:
        """Called by the server: closes the connection, or has it closed after the answer."""
        request = self.cycle
        if request is None or not request.response_complete:
            super().shutdown()
        else:
            request.keep_alive = False
            self.end_connection(request)

    def on_body(self, body: bytes) -> None:
        """Keeps a piece of the body until the app asks for it."""
        request = self.cycle
        if request is None or request.response_complete or self._is_upgrade():
            return
        if not request.body:
            request.body = body
        else:
            if isinstance(request.body, bytes):
                request.body = bytearray(request.body)
            request.body += body
        if len(request.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        request.message_event.set()

    def on_message_complete(self) -> None:
        """Tells the app that the body is whole, or closes the connection after its last answer."""
        request = self.cycle
        if request is None or self._is_upgrade():
            return
        request.more_body = False
        request.message_event.set()
        if request.response_complete and not request.keep_alive:
            self.transport.close()

    def _is_upgrade(self) -> bool:
        return bool(self.parser.should_upgrade()) and self._should_upgrade()
