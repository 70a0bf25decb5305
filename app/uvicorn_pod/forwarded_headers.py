"""Calls uvicorn's middleware for X-Forwarded headers only for the requests that have one."""

from collections.abc import Awaitable
from typing import Any, cast

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from uvicorn_pod.asgi import App, Receive, Scope, Send

# The headers that uvicorn's middleware reads. A test fails if it begins to read another one.
FORWARDED = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})


class ForwardedHeaders:
    """A pure ASGI middleware. It saves the parsing of the client's address in each request."""

    def __init__(self, middleware: ProxyHeadersMiddleware) -> None:
        self._middleware: Any = middleware
        self.app = cast("App", middleware.app)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Not a coroutine, because a second one would cost as much as the check."""
        for name, _ in scope.get("headers", ()):
            if name in FORWARDED:
                called: Awaitable[None] = self._middleware(scope, receive, send)
                return called
        return self.app(scope, receive, send)


def only_where_present(app: App) -> App:
    """The app as uvicorn's Config has wrapped it, with less work for most requests."""
    return ForwardedHeaders(app) if isinstance(app, ProxyHeadersMiddleware) else app
