"""The one layer around the app: counts requests and sends clients away while draining."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from uvicorn_pod.metrics import Metrics

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Layer:
    """A pure ASGI wrapper; called by the event loop's thread alone."""

    def __init__(self, app: App, metrics: Metrics, is_draining: Callable[[], bool]) -> None:
        self._app = app
        self._metrics = metrics
        self._is_draining = is_draining
        self.in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on everything; adds `connection: close` to answers that start while draining."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # An app that fails before its answer starts makes uvicorn answer 500 by itself.
        status = 500

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._is_draining():
                    message = _closing(message)
            await send(message)

        self.in_flight += 1
        started = time.perf_counter()
        try:
            await self._app(scope, receive, send_watched)
        finally:
            self.in_flight -= 1
            self._metrics.observe_request(scope, status, time.perf_counter() - started)


def _closing(message: Message) -> Message:
    """The same start of an answer, saying that its connection ends with it (RFC 9112 §9.6)."""
    headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"connection"]
    return {**message, "headers": [*headers, (b"connection", b"close")]}
