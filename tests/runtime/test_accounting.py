"""An unusual scope loses no request from the metrics and the log."""

import asyncio
import json
import logging
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.asgi import Message, Receive, Scope, Send
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.pod_middleware import PodMiddleware

HTTP = {"type": "http", "method": "GET", "path": "/a", "raw_path": b"/a", "headers": []}


class _Route:
    @property
    def path(self) -> str:
        raise RuntimeError("sentinel")


async def _receive() -> Message:
    raise AssertionError


async def _send(_message: Message) -> None: ...


def _answering(**changes: Any) -> Any:  # noqa: ANN401
    """An app that changes its scope as given, None removes a key, and answers with 4 bytes."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        for key, value in changes.items():
            if value is None:
                del scope[key]
            else:
                scope[key] = value
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    return app


@pytest.mark.parametrize(
    "changes",
    [
        {"route": _Route()},
        {"method": None},
        {"method": []},
        {"path": None, "raw_path": None},
        {"raw_path": "/text"},
        {"client": 7},
        {"headers": None},
    ],
    ids=[
        "route raises",
        "no method",
        "odd method",
        "no path",
        "odd path",
        "odd client",
        "no headers",
    ],
)
def test_an_unusual_scope_loses_no_line_and_shows_at_most_one_warning(
    caplog: pytest.LogCaptureFixture, changes: dict[str, Any]
) -> None:
    registry = CollectorRegistry()
    written: list[bytes] = []
    metrics = Metrics(registry)
    middleware = PodMiddleware(
        _answering(**changes), metrics, lambda: False, AccessLog(written.append)
    )

    async def run() -> None:
        for _ in range(3):
            await middleware(dict(HTTP), _receive, _send)

    with caplog.at_level(logging.INFO):
        asyncio.run(run())
        middleware.flush_records()
    lines = [json.loads(line) for data in written for line in data.splitlines()]
    assert [(line["status"], line["bytes"]) for line in lines] == [(201, 4)] * 3, lines
    totals = [
        sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "uvicorn_requests_total"
    ]
    assert totals == [3]
    assert len(caplog.records) <= 1, caplog.text
    assert "Traceback" not in caplog.text


def test_a_request_whose_headers_the_app_has_changed_gets_a_random_trace_id() -> None:
    written: list[bytes] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["headers"].append(("odd",))
        scope["headers"].append((b"traceparent", 7))
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    log = AccessLog(written.append)
    middleware = PodMiddleware(app, Metrics(CollectorRegistry()), lambda: False, log)
    asyncio.run(middleware({**HTTP, "headers": []}, _receive, _send))
    middleware.flush_records()
    (line,) = [json.loads(line) for line in written]
    assert len(line["trace_id"]) == 32
