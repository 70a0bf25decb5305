"""The middleware passes messages on unchanged, except for `connection: close` in a drain."""

import asyncio
import contextlib
import json
from collections.abc import MutableMapping
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.asgi import App, Message, Receive, Scope, Send
from uvicorn_pod.metrics import PLAIN_BYTES, Metrics
from uvicorn_pod.pod_middleware import PodMiddleware

HTTP = {"type": "http", "method": "GET", "path": "/", "headers": []}


def _call(app: App, scope: MutableMapping[str, Any], *, is_draining: bool) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    middleware = PodMiddleware(app, Metrics(CollectorRegistry()), lambda: is_draining)
    asyncio.run(middleware(scope, receive, send))
    assert middleware.in_flight == 0
    return sent


def _answering(headers: object) -> App:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": 200, "trailers": False}
        if headers is not None:
            start["headers"] = headers
        await send(start)
        await send({"type": "http.response.body", "body": b"sentinel"})

    return app


def test_an_answer_is_unchanged_when_not_draining() -> None:
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
def test_an_answer_gets_connection_close_while_draining_and_keeps_its_other_headers(
    headers: object, expected: list[tuple[bytes, bytes]]
) -> None:
    start, body = _call(_answering(headers), HTTP, is_draining=True)
    assert start["headers"] == [*expected, (b"connection", b"close")]
    assert (start["status"], start["trailers"]) == (200, False)
    assert body["body"] == b"sentinel"


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_protocols_are_unchanged_while_draining(kind: str) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": f"{scope['type']}.sentinel"})

    assert _call(app, {"type": kind, "headers": []}, is_draining=True) == [
        {"type": f"{kind}.sentinel"}
    ]


def test_an_error_of_the_app_is_raised_and_ends_the_request() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("sentinel")

    with pytest.raises(RuntimeError, match="sentinel"):
        _call(app, HTTP, is_draining=False)


def test_requests_in_flight_are_counted_until_they_end() -> None:
    seen = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(middleware.in_flight)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        raise AssertionError

    middleware = PodMiddleware(app, Metrics(CollectorRegistry()), lambda: False)
    asyncio.run(middleware(dict(HTTP), receive, send))
    assert (seen, middleware.in_flight) == ([1], 0)


def _cancel(
    app: App, *, is_stopping: bool
) -> tuple[list[Message], CollectorRegistry, PodMiddleware]:
    """Runs the app until it waits, then stops the middleware, or only cancels the task."""
    sent: list[Message] = []
    registry = CollectorRegistry()
    middleware = PodMiddleware(app, Metrics(registry), lambda: False)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        task = asyncio.create_task(middleware(dict(HTTP), receive, send))
        await asyncio.sleep(0.01)
        if is_stopping:
            middleware.stop()
            await asyncio.sleep(0.01)
        task.cancel()
        await task

    if is_stopping:
        asyncio.run(run())
    else:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(run())
    middleware.flush_records()
    return sent, registry, middleware


def _waiting(media_type: bytes, length: bytes = b"") -> App:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"Content-Type", media_type)]
        headers += [(b"Content-Length", length)] if length else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await asyncio.sleep(60)

    return app


def _sample(registry: CollectorRegistry, name: str, **labels: str) -> float:
    return registry.get_sample_value(name, labels) or 0


def test_an_event_stream_gets_its_last_chunk_when_the_middleware_stops() -> None:
    sent, registry, middleware = _cancel(_waiting(b"text/event-stream"), is_stopping=True)
    assert [message.get("more_body") for message in sent] == [None, True, False]
    assert _sample(registry, "uvicorn_requests_cancelled_total") == 0
    assert middleware.in_flight == 0


def test_another_stream_continues_when_the_middleware_stops_and_is_cut_when_cancelled() -> None:
    sent, registry, _ = _cancel(_waiting(b"text/csv"), is_stopping=True)
    assert [message.get("more_body") for message in sent] == [None, True]
    assert _sample(registry, "uvicorn_requests_cancelled_total") == 1


def test_a_request_cancelled_before_the_middleware_stops_is_left_alone() -> None:
    sent, registry, _ = _cancel(_waiting(b"text/event-stream"), is_stopping=False)
    assert len(sent) == 2
    assert _sample(registry, "uvicorn_requests_cancelled_total") == 0


@pytest.mark.parametrize("plain_bytes", [None, 100])
def test_bytes_are_counted_as_sent_and_before_gzip(plain_bytes: int | None) -> None:
    registry = CollectorRegistry()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if plain_bytes is not None:
            scope[PLAIN_BYTES] = plain_bytes
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"1234", "more_body": True})
        await send({"type": "http.response.body", "body": b"5"})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None: ...

    middleware = PodMiddleware(app, Metrics(registry), lambda: False)
    asyncio.run(middleware(dict(HTTP), receive, send))
    middleware.flush_records()
    assert _sample(registry, "uvicorn_response_bytes_total") == 5
    assert _sample(registry, "uvicorn_response_plain_bytes_total") == (plain_bytes or 5)


def test_finished_requests_are_counted_and_logged_together() -> None:
    registry = CollectorRegistry()
    written: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None: ...

    async def run() -> None:
        is_written = asyncio.Event()

        def write(lines: bytes) -> None:
            written.append(lines)
            is_written.set()

        middleware = PodMiddleware(
            _answering([]), Metrics(registry), lambda: False, AccessLog(write)
        )
        for _ in range(3):
            await middleware(dict(HTTP), receive, send)
        assert written == []
        await asyncio.wait_for(is_written.wait(), 5)

    asyncio.run(run())
    assert [len(lines.splitlines()) for lines in written] == [3]
    labels = {"method": "GET", "route": "unmatched", "status": "2xx"}
    assert _sample(registry, "uvicorn_requests_total", **labels) == 3


def _reported(
    app: App, scope: Scope, *, is_gone: bool = False
) -> tuple[CollectorRegistry, list[Any]]:
    """Calls the app, then an ordinary one; returns the metrics and the access log of both."""
    registry = CollectorRegistry()
    written: list[bytes] = []

    class Cycle:
        def __init__(self, *, disconnected: bool) -> None:
            self.disconnected = disconnected

        async def send(self, _message: Message) -> None: ...

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def run() -> None:
        for one, its, gone in ((app, scope, is_gone), (_answering([]), dict(HTTP), False)):
            middleware = PodMiddleware(one, metrics, lambda: False, AccessLog(written.append))
            with contextlib.suppress(ZeroDivisionError):
                await middleware(its, receive, Cycle(disconnected=gone).send)
            middlewares.append(middleware)

    metrics, middlewares = Metrics(registry), list[PodMiddleware]()
    asyncio.run(run())
    for middleware in middlewares:
        middleware.flush_records()
    return registry, [json.loads(line) for lines in written for line in lines.splitlines()]


async def _give_up(_scope: Scope, _receive: Receive, _send: Send) -> None: ...


async def _fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("app", [_give_up, _fail])
@pytest.mark.parametrize(("is_gone", "status"), [(True, 499), (False, 500)])
def test_a_client_that_leaves_before_the_answer_gets_499(
    app: App, is_gone: bool, status: int
) -> None:
    registry, (line, _) = _reported(app, dict(HTTP), is_gone=is_gone)
    assert line["status"] == status
    labels = {"method": "GET", "route": "unmatched", "status": f"{status // 100}xx"}
    assert _sample(registry, "uvicorn_requests_total", **labels) == 1


def test_a_head_request_counts_no_sent_bytes() -> None:
    registry, (line, _) = _reported(_answering([]), {**HTTP, "method": "HEAD"})
    assert line["bytes"] == 0
    assert _sample(registry, "uvicorn_response_bytes_total") == len(b"sentinel")


@pytest.mark.parametrize("odd", [{"client": (None, 0)}, {"fastapi": "x"}])
def test_an_odd_scope_does_not_stop_the_log_of_other_requests(odd: dict[str, Any]) -> None:
    _, lines = _reported(_answering([]), {**HTTP, **odd})
    assert [line["status"] for line in lines] == [200, 200]


def test_a_status_that_is_not_a_number_counts_as_500() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": "200", "headers": []})

    _, (line, _) = _reported(app, dict(HTTP))
    assert line["status"] == 500
