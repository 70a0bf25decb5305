"""Counts and logs the WebSockets of an app. HTTP requests pass: their protocol counts them."""

from collections.abc import Awaitable

from uvicorn_pod import trace_context
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.asgi import App, Receive, Scope, Send
from uvicorn_pod.websocket_session import ABNORMAL, SERVICE_RESTART, WebSocketSession


class WebSocketApp:
    """A pure ASGI middleware. Only the event loop's thread may call it."""

    def __init__(self, app: App, accounting: Accounting) -> None:
        self._app = app
        self._accounting = accounting

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Calls the app. Not a coroutine, so that an HTTP request pays for no second one."""
        if scope["type"] == "websocket":
            return self._count(scope, receive, send)
        return self._app(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        accounting = self._accounting
        metrics = accounting.metrics
        trace = trace_context.Trace(scope["headers"])
        trace_context.current.set(trace)
        session = WebSocketSession(
            receive,
            send,
            on_open=lambda: metrics.count_websocket_opened(accounting.find_route(scope)),
            on_end=lambda ended: accounting.count_websocket(ended, scope, trace),
        )
        metrics.websockets_in_flight.inc()
        try:
            await self._app(scope, session.receive, session.send)
        finally:
            session.end(SERVICE_RESTART if accounting.is_stopping else ABNORMAL)
