"""An unusual scope loses no request from the metrics and the log."""

import logging
from typing import Any

import pytest
from uvicorn_pod.asgi import Receive, Scope, Send

from tests.support.accounted import Accounted
from tests.support.exchange import exchange, request


class _Route:
    @property
    def path(self) -> str:
        raise RuntimeError("sentinel")


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
    accounted = Accounted()
    with caplog.at_level(logging.INFO):
        answers = exchange(
            _answering(**changes), *[request("/a")] * 3, accounting=accounted.accounting
        )
        lines = accounted.lines()
    assert [(answer.status, answer.body) for answer in answers] == [(201, b"done")] * 3
    assert [(line["status"], line["bytes"]) for line in lines] == [(201, 4)] * 3, lines
    assert accounted.sample("uvicorn_requests_total") == 3
    assert len(caplog.records) <= 1, caplog.text
    assert "Traceback" not in caplog.text


def test_a_request_whose_headers_the_app_has_changed_gets_a_random_trace_id() -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["headers"].append(("odd",))
        scope["headers"].append((b"traceparent", 7))
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    accounted = Accounted()
    exchange(app, request(), accounting=accounted.accounting)
    (line,) = accounted.lines()
    assert len(line["trace_id"]) == 32
