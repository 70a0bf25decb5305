"""The layer passes everything on, and adds `connection: close` only while draining."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from uvicorn_pod.layer import App, Layer, Message, Receive, Scope, Send
from uvicorn_pod.metrics import Metrics

HTTP = {"type": "http", "method": "GET", "path": "/"}


def _call(app: App, scope: MutableMapping[str, Any], *, is_draining: bool) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    layer = Layer(app, Metrics(CollectorRegistry()), lambda: is_draining)
    asyncio.run(layer(scope, receive, send))
    assert layer.in_flight == 0
    return sent


def _answering(headers: object) -> App:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": 200, "trailers": False}
        if headers is not None:
            start["headers"] = headers
        await send(start)
        await send({"type": "http.response.body", "body": b"sentinel"})

    return app


def test_an_answer_is_passed_on_untouched_when_not_draining() -> None:
    headers = [(b"connection", b"keep-alive"), (b"x-a", b"b")]
    start, body = _call(_answering(headers), HTTP, is_draining=False)
    assert start["headers"] is headers
    assert body["body"] == b"sentinel"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (None, []),
        ([], []),
        ([(b"x-a", b"b")], [(b"x-a", b"b")]),
        (((b"x-a", b"b"), (b"X-C", b"d")), [(b"x-a", b"b"), (b"X-C", b"d")]),
        ([(b"Connection", b"keep-alive"), (b"x-a", b"b")], [(b"x-a", b"b")]),
    ],
)
def test_an_answer_says_close_while_draining_and_keeps_its_other_headers(
    headers: object, expected: list[tuple[bytes, bytes]]
) -> None:
    start, body = _call(_answering(headers), HTTP, is_draining=True)
    assert start["headers"] == [*expected, (b"connection", b"close")]
    assert (start["status"], start["trailers"]) == (200, False)
    assert body["body"] == b"sentinel"


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_protocols_are_passed_through_while_draining(kind: str) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": f"{scope['type']}.sentinel"})

    assert _call(app, {"type": kind}, is_draining=True) == [{"type": f"{kind}.sentinel"}]


def test_an_error_of_the_app_is_passed_on_and_ends_the_request() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("sentinel")

    with pytest.raises(RuntimeError, match="sentinel"):
        _call(app, HTTP, is_draining=False)


def test_requests_in_flight_are_counted_until_they_end() -> None:
    seen = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(layer.in_flight)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        raise AssertionError

    layer = Layer(app, Metrics(CollectorRegistry()), lambda: False)
    asyncio.run(layer(dict(HTTP), receive, send))
    assert (seen, layer.in_flight) == ([1], 0)
