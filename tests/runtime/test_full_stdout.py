"""Lines of the access log that stdout does not accept are counted, and none is torn."""

import fcntl
import json
import os
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry
from uvicorn_pod import access_log
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.asgi import Receive, Scope, Send
from uvicorn_pod.metrics import Metrics

from tests.support.exchange import exchange, request


async def _answer(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


def _request(accounting: Accounting, times: int = 1) -> None:
    exchange(_answer, *[request("/a")] * times, accounting=accounting)


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Replaces stdout by a pipe that does not block; nobody reads it but the test."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    monkeypatch.setattr(access_log, "STDOUT", writer)
    yield reader
    os.close(reader)
    os.close(writer)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1_000_000)
    except BlockingIOError:
        return b""


def test_lines_that_a_full_stdout_does_not_accept_are_counted_and_none_is_torn(pipe: int) -> None:
    registry = CollectorRegistry()
    accounting = Accounting(Metrics(registry), AccessLog())
    received = b""
    for round_number in range(20):
        _request(accounting, 17)
        accounting.flush_records()
        if round_number % 3 == 2:
            received += _read(pipe)
    _request(accounting)
    received += _read(pipe)
    accounting.flush_records()
    received += _read(pipe)
    lines = received.splitlines()
    for line in lines:
        assert json.loads(line)["path"] == "/a", f"torn: {line!r}"
    dropped = registry.get_sample_value("uvicorn_access_log_lines_dropped_total")
    assert dropped
    assert len(lines) + dropped == 20 * 17 + 1, f"{len(lines)} lines arrived, {dropped} are dropped"


def test_no_line_counts_as_dropped_while_stdout_accepts_them(pipe: int) -> None:
    registry = CollectorRegistry()
    accounting = Accounting(Metrics(registry), AccessLog())
    _request(accounting)
    accounting.flush_records()
    assert _read(pipe).count(b"\n") == 1
    assert registry.get_sample_value("uvicorn_access_log_lines_dropped_total") == 0


def test_lines_for_a_closed_stdout_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "STDOUT", -1)
    registry = CollectorRegistry()
    accounting = Accounting(Metrics(registry), AccessLog())
    _request(accounting)
    accounting.flush_records()
    assert registry.get_sample_value("uvicorn_access_log_lines_dropped_total") == 1
