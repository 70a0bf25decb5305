"""Each WebSocket is counted and logged, without its query."""

import asyncio
import contextlib
import socket
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.asgi import Message, Receive, Scope, Send
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.websocket_app import WebSocketApp
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.runtime.reported import access_lines, sample
from tests.support.serving import Served, serving
from tests.support.waiting import wait_until

APP = "tests.runtime.answering:plain"
ROUTE = "/talk/{name}"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _connect(served: Served, query: str = "") -> ClientConnection:
    url = f"ws://127.0.0.1:{served.port}/talk/one?token=sentinel{query}"
    return connect(url, additional_headers={"traceparent": TRACEPARENT})


def _closed(served: Served, code: str) -> float:
    return sample(served, "uvicorn_websockets_closed_total", route=ROUTE, code=code)


def test_a_websocket_is_in_flight_until_it_is_closed_and_is_logged_then() -> None:
    with serving(APP) as served:
        with _connect(served) as websocket:
            websocket.send("grüße")
            assert websocket.recv() == "grüße"
            assert sample(served, "uvicorn_websockets_in_flight") == 1
            assert sample(served, "uvicorn_websockets_opened_total", route=ROUTE) == 1
            websocket.close(4001)
        (line,) = access_lines(served, 1)
        assert sample(served, "uvicorn_websockets_in_flight") == 0
        assert _closed(served, "4xxx") == 1
        assert sample(served, "uvicorn_websocket_duration_seconds_count", route=ROUTE) == 1
        assert sample(served, "uvicorn_requests_total") == 0
        assert line.pop("time").endswith("Z")
        assert line.pop("duration_ms") > 0
        assert line == {
            "level": "INFO",
            "logger": "uvicorn.access",
            "method": "GET",
            "path": "/talk/one",
            "status": 101,
            "bytes": len("grüße".encode()),
            "client": "127.0.0.1",
            "trace_id": TRACEPARENT.split("-")[1],
            "parent_id": TRACEPARENT.split("-")[2],
            "close_code": 4001,
        }


@pytest.mark.parametrize(
    ("query", "status"), [("&do=refuse", 403), ("&do=answer-404", 404), ("&do=fail", 500)]
)
def test_a_refused_websocket_is_counted_and_logged_with_its_status(query: str, status: int) -> None:
    with serving(APP) as served:
        with pytest.raises(InvalidStatus) as refused:
            _connect(served, query)
        assert refused.value.response.status_code == status
        (line,) = access_lines(served, 1)
        assert (line["status"], line["close_code"]) == (status, None)
        name, status_class = "uvicorn_websockets_refused_total", f"{status // 100}xx"
        assert sample(served, name, route=ROUTE, status=status_class) == 1
        assert sample(served, "uvicorn_websockets_opened_total") == 0
        assert sample(served, "uvicorn_websockets_in_flight") == 0


@pytest.mark.parametrize(
    ("message", "code", "label"), [("close", 4242, "4xxx"), ("fail", 1006, "1006")]
)
def test_the_end_by_the_app_is_counted_by_its_close_code(
    message: str, code: int, label: str
) -> None:
    with serving(APP) as served:
        with _connect(served) as websocket, contextlib.suppress(ConnectionClosed):
            websocket.send(message)
            for _ in range(2):
                websocket.recv(10)
        (line,) = access_lines(served, 1)
        assert line["close_code"] == code
        assert _closed(served, label) == 1


def test_a_websocket_that_the_server_closes_is_logged_with_1012() -> None:
    with serving(APP, "--drain-seconds=0.2") as served, _connect(served) as websocket:
        served.terminate()
        with pytest.raises(ConnectionClosed):
            websocket.recv(10)
        served.process.wait(20)
        (line,) = access_lines(served, 1)
        assert line["close_code"] == 1012


@pytest.mark.parametrize("implementation", ["websockets-sansio", "websockets"])
@pytest.mark.parametrize("access_log_format", ["json", "off"])
def test_no_log_contains_the_query_of_a_websocket(
    implementation: str, access_log_format: str
) -> None:
    options = (f"--ws={implementation}", f"--access-log-format={access_log_format}")
    with serving(APP, *options, PYTHONWARNINGS="ignore") as served:
        with _connect(served):
            pass
        with pytest.raises(InvalidStatus):
            _connect(served, "&do=refuse")
        wait_until(
            lambda: sample(served, "uvicorn_websockets_refused_total") == 1, 5, "it is refused"
        )
        served.terminate()
        served.process.wait(20)
        log = served.log()
        assert "sentinel" not in log, (
            "the query of a WebSocket is in the log: server_logs.is_not_about_websocket no longer "
            f"recognises the lines of uvicorn in {log}"
        )
        assert ("/talk/one" in log) == (access_log_format == "json")


def test_the_text_format_keeps_the_lines_of_uvicorn() -> None:
    with serving(APP, "--access-log-format=text") as served, _connect(served):
        wait_until(lambda: '"WebSocket /talk/one' in served.log(), 5, "the WebSocket is logged")


def test_a_client_cannot_add_series_by_its_close_codes() -> None:
    registry = CollectorRegistry()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await receive()

    async def run() -> None:
        for code in [*range(5000), 10**12, -1, None, "odd"]:

            async def receive(code: Any = code) -> Message:  # noqa: ANN401
                return {"type": "websocket.disconnect", "code": code}

            async def send(_message: Message) -> None: ...

            await WebSocketApp(app, accounting)(
                {"type": "websocket", "path": "/", "headers": []}, receive, send
            )

    accounting = Accounting(Metrics(registry))
    asyncio.run(run())
    codes = {
        each.labels["code"]: each.value
        for family in registry.collect()
        for each in family.samples
        if each.name == "uvicorn_websockets_closed_total"
    }
    assert sum(codes.values()) == 5004
    assert len(codes) <= 18, f"{len(codes)} close codes became labels: {sorted(codes)}"
    assert codes["3xxx"] == codes["4xxx"] == 1000
    assert registry.get_sample_value("uvicorn_websockets_in_flight") == 0


def test_a_client_that_leaves_without_a_close_frame_ends_its_websocket() -> None:
    with serving(APP) as served:
        with _connect(served) as websocket:
            websocket.socket.shutdown(socket.SHUT_RDWR)
        (line,) = access_lines(served, 1)
        assert line["close_code"] in (1005, 1006)
        assert sample(served, "uvicorn_websockets_in_flight") == 0
