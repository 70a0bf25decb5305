"""The layer passes everything on, and adds `connection: close` only while draining."""

import asyncio
import contextlib
import json
from collections.abc import MutableMapping
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from uvicorn_pod.logs import AccessLog
from uvicorn_pod.metrics import PLAIN_BYTES, Metrics
from uvicorn_pod.pod_middleware import App, Message, PodMiddleware, Receive, Scope, Send

HTTP = {"type": "http", "method": "GET", "path": "/", "headers": []}


def _call(app: App, scope: MutableMapping[str, Any], *, is_draining: bool) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    layer = PodMiddleware(app, Metrics(CollectorRegistry()), lambda: is_draining)
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

    assert _call(app, {"type": kind, "headers": []}, is_draining=True) == [
        {"type": f"{kind}.sentinel"}
    ]


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

    layer = PodMiddleware(app, Metrics(CollectorRegistry()), lambda: False)
    asyncio.run(layer(dict(HTTP), receive, send))
    assert (seen, layer.in_flight) == ([1], 0)


def _cancel(
    app: App, *, is_stopping: bool
) -> tuple[list[Message], CollectorRegistry, PodMiddleware]:
    """Runs the app until it waits, then stops the layer, or cancels the task by itself."""
    sent: list[Message] = []
    registry = CollectorRegistry()
    layer = PodMiddleware(app, Metrics(registry), lambda: False)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        task = asyncio.create_task(layer(dict(HTTP), receive, send))
        await asyncio.sleep(0.01)
        if is_stopping:
            layer.stop()
            await asyncio.sleep(0.01)
        task.cancel()
        await task

    if is_stopping:
        asyncio.run(run())
    else:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(run())
    layer.account()
    return sent, registry, layer


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


def test_an_event_stream_ends_whole_when_the_layer_stops() -> None:
    sent, registry, layer = _cancel(_waiting(b"text/event-stream"), is_stopping=True)
    assert [message.get("more_body") for message in sent] == [None, True, False]
    assert _sample(registry, "uvicorn_requests_cancelled_total") == 0
    assert layer.in_flight == 0


def test_another_stream_goes_on_when_the_layer_stops_and_is_cut_when_cancelled() -> None:
    sent, registry, _ = _cancel(_waiting(b"text/csv"), is_stopping=True)
    assert [message.get("more_body") for message in sent] == [None, True]
    assert _sample(registry, "uvicorn_requests_cancelled_total") == 1


def test_a_request_cancelled_for_another_reason_is_none_of_the_layers_business() -> None:
    sent, registry, _ = _cancel(_waiting(b"text/event-stream"), is_stopping=False)
    assert len(sent) == 2
    assert _sample(registry, "uvicorn_requests_cancelled_total") == 0


@pytest.mark.parametrize(("length", "name"), [(b"", "stream"), (b"5", "request")])
def test_an_answer_of_unknown_length_is_timed_apart(length: bytes, name: str) -> None:
    _, registry, _ = _cancel(_waiting(b"text/csv", length), is_stopping=True)
    for kind in ("stream", "request"):
        family = f"uvicorn_{kind}_duration_seconds_count"
        count = _sample(registry, family, method="GET", route="unmatched")
        assert count == (kind == name), kind


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

    layer = PodMiddleware(app, Metrics(registry), lambda: False)
    asyncio.run(layer(dict(HTTP), receive, send))
    layer.account()
    assert _sample(registry, "uvicorn_response_bytes_total") == 5
    assert _sample(registry, "uvicorn_response_plain_bytes_total") == (plain_bytes or 5)


def test_requests_are_counted_and_logged_soon_after_their_end_many_at_once() -> None:
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

        layer = PodMiddleware(_answering([]), Metrics(registry), lambda: False, AccessLog(write))
        for _ in range(3):
            await layer(dict(HTTP), receive, send)
        assert written == []
        await asyncio.wait_for(is_written.wait(), 5)

    asyncio.run(run())
    assert [len(lines.splitlines()) for lines in written] == [3]
    labels = {"method": "GET", "route": "unmatched", "status": "2xx"}
    assert _sample(registry, "uvicorn_requests_total", **labels) == 3


def _ended(app: App, scope: Scope, *, is_gone: bool = False) -> tuple[CollectorRegistry, list[Any]]:
    """What is counted and logged of a request beside an ordinary one."""
    registry = CollectorRegistry()
    written: list[bytes] = []

    class Cycle:
        disconnected = is_gone

        async def send(self, _message: Message) -> None: ...

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def run() -> None:
        for one, its in ((app, scope), (_answering([]), dict(HTTP))):
            layer = PodMiddleware(one, metrics, lambda: False, AccessLog(written.append))
            with contextlib.suppress(ZeroDivisionError):
                await layer(its, receive, Cycle().send)
            layers.append(layer)

    metrics, layers = Metrics(registry), list[PodMiddleware]()
    asyncio.run(run())
    for layer in layers:
        layer.account()
    return registry, [json.loads(line) for lines in written for line in lines.splitlines()]


async def _give_up(_scope: Scope, _receive: Receive, _send: Send) -> None: ...


async def _fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("app", [_give_up, _fail])
@pytest.mark.parametrize(("is_gone", "status"), [(True, 499), (False, 500)])
def test_a_client_that_goes_is_no_error_of_the_server(app: App, is_gone: bool, status: int) -> None:
    registry, (line, _) = _ended(app, dict(HTTP), is_gone=is_gone)
    assert line["status"] == status
    labels = {"method": "GET", "route": "unmatched", "status": f"{status // 100}xx"}
    assert _sample(registry, "uvicorn_requests_total", **labels) == 1


def test_a_head_request_is_sent_no_bytes() -> None:
    registry, (line, _) = _ended(_answering([]), {**HTTP, "method": "HEAD"})
    assert line["bytes"] == 0
    assert _sample(registry, "uvicorn_response_bytes_total") == len(b"sentinel")


@pytest.mark.parametrize("odd", [{"client": (None, 0)}, {"fastapi": "x"}])
def test_an_odd_scope_keeps_no_other_request_from_being_logged(odd: dict[str, Any]) -> None:
    _, lines = _ended(_answering([]), {**HTTP, **odd})
    assert [line["status"] for line in lines] == [200, 200]


def test_an_odd_status_is_what_uvicorn_makes_of_it() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": "200", "headers": []})

    _, (line, _) = _ended(app, dict(HTTP))
    assert line["status"] == 500
