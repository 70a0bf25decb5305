"""uvicorn's middleware for X-Forwarded headers runs where it changes something, and only there."""

import asyncio
from typing import Any, cast

import pytest
from uvicorn import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn_pod.asgi import App, Receive, Scope, Send
from uvicorn_pod.forwarded_headers import FORWARDED, ForwardedHeaders, only_where_present

HEADERS = [
    b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port",
    b"x-forwarded-prefix", b"x-forwarded-scheme", b"x-forwarded-server", b"x-forwarded-ssl",
    b"x-real-ip", b"forwarded", b"via", b"host", b"cf-connecting-ip", b"true-client-ip",
]  # fmt: skip
VALUES = [b"203.0.113.9", b"203.0.113.9, 127.0.0.1", b"https", b"wss", b"for=203.0.113.9", b""]
CHANGED = "uvicorn's ProxyHeadersMiddleware reads another header now: add it to FORWARDED"


def _called(app: App, kind: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    scope = {"type": kind, "client": ("127.0.0.1", 5000), "scheme": "http", "headers": headers}
    asyncio.run(cast("Any", app)(scope, None, None))
    return scope


async def _app(_scope: Scope, _receive: Receive, _send: Send) -> None: ...


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("name", HEADERS)
def test_the_scope_is_that_of_uvicorn(name: bytes, kind: str) -> None:
    theirs = ProxyHeadersMiddleware(cast("Any", _app))
    ours = only_where_present(cast("Any", theirs))
    assert isinstance(ours, ForwardedHeaders)
    untouched = []
    for value in VALUES:
        headers = [(b"accept", b"*/*"), (name, value)]
        expected = _called(cast("App", theirs), kind, headers)
        assert _called(ours, kind, headers) == expected, f"{name!r}: {value!r}. {CHANGED}"
        untouched.append(expected == _called(_app, kind, headers))
    # Where uvicorn changes nothing, calling its middleware would be work for nothing.
    assert all(untouched) == (name not in FORWARDED), name


def test_no_middleware_means_no_second_one() -> None:
    config = Config(cast("Any", _app), proxy_headers=False, log_config=None)
    config.load()
    app = cast("Any", config.loaded_app)
    assert only_where_present(app) is app
    config = Config(cast("Any", _app), log_config=None)
    config.load()
    assert isinstance(only_where_present(cast("Any", config.loaded_app)), ForwardedHeaders), CHANGED
