"""After the drain, lasting connections end cleanly; a request that takes too long is cancelled."""

import asyncio
import json
import time
from collections.abc import Callable

import pytest
from uvicorn_pod.asgi import Receive, Scope, Send
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support.http_client import Client
from tests.support.raw_connection import connected
from tests.support.serving import Served, serving
from tests.support.waiting import wait_until

LASTING = "tests.runtime.apps:lasting"


def _entries(served: Served) -> list[dict[str, object]]:
    return [json.loads(line) for line in served.log().splitlines()]


def test_an_event_stream_ends_with_its_last_chunk() -> None:
    with serving(LASTING, "--drain-seconds=0.5") as served, Client(served.port) as client:
        client.send("/tick")
        response = client.receive_head()
        assert response.readline() == b"data: tick\n"
        served.terminate()
        # A body without its last chunk raises http.client.IncompleteRead.
        rest = response.read()
        assert rest.count(b"data: tick") >= 5, "the stream did not continue during the drain"
        served.process.wait(20)
        assert "Exception" not in served.log()
        (line,) = [entry for entry in _entries(served) if entry["logger"] == "uvicorn.access"]
        assert (line["path"], line["status"]) == ("/tick", 200)


def test_an_event_stream_that_starts_after_the_drain_ends_at_once_with_its_last_chunk() -> None:
    options = ("--drain-seconds=0", "--timeout-graceful-shutdown=3")
    with serving(LASTING, *options) as served, Client(served.port) as client:
        client.send("/tick-late")
        wait_until(
            lambda: b"in_flight 1.0" in served.ask("/metrics").body, 5, "the request is in flight"
        )
        served.terminate()
        answer = client.receive()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        ticks = answer.body.count(b"data: tick")
        assert ticks <= 2, f"the stream continued: {ticks} events, one each 0.05 s"


@pytest.mark.parametrize(
    ("send", "expected"),
    [(Client.send, b""), (Client.send_post, b"data: [DONE]\n\n")],
    ids=["GET", "POST"],
)
def test_a_silent_event_stream_ends_after_get_and_may_finish_after_post(
    send: Callable[[Client, str], None], expected: bytes
) -> None:
    """An EventSource reconnects, by GET; the end of another stream may have a meaning."""
    with serving(LASTING, "--drain-seconds=0") as served, Client(served.port) as client:
        send(client, "/event")
        wait_until(
            lambda: b"in_flight 1.0" in served.ask("/metrics").body, 5, "the request is in flight"
        )
        served.terminate()
        assert client.receive().body == expected
        served.process.wait(20)
        assert "Exception" not in served.log()


def test_a_websocket_is_closed_with_1012_when_its_endpoint_is_removed() -> None:
    with (
        serving(LASTING, "--drain-seconds=0.5") as served,
        connect(f"ws://127.0.0.1:{served.port}/socket") as socket,
    ):
        started = time.monotonic()
        served.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(10)
        assert time.monotonic() - started >= 0.15, "its client could reach the same pod again"
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        served.process.wait(20)
        assert "Exception" not in served.log()


@pytest.mark.parametrize("path", ["/hang", "/transaction"])
def test_a_request_that_outlasts_the_shutdown_is_answered_503_counted_and_logged(path: str) -> None:
    options = ("--drain-seconds=0", "--timeout-graceful-shutdown=1")
    with serving(LASTING, *options) as served, Client(served.port) as client:
        client.send(path)
        wait_until(
            lambda: b"in_flight 1.0" in served.ask("/metrics").body, 5, "the request is in flight"
        )
        assert b"uvicorn_requests_cancelled_total 0.0" in served.ask("/metrics").body
        served.terminate()
        answer = client.receive()
        assert (answer.status, answer.headers["connection"]) == (503, "close")
        served.process.wait(20)
        messages = [str(entry.get("message")) for entry in _entries(served)]
        assert any(message.startswith(f"Cancelled GET {path!r} after 1.") for message in messages)
        assert "Traceback" not in served.log()
        (line,) = [entry for entry in _entries(served) if entry["logger"] == "uvicorn.access"]
        assert line["status"] == 503


def test_a_server_that_ends_without_a_signal_is_not_ready() -> None:
    with serving(
        LASTING, "--limit-max-requests=1", "--retire-seconds=0", "--drain-seconds=2"
    ) as served:
        served.get("/nowhere")
        wait_until(lambda: served.ask("/readyz").status == 503, 5, "the server is not ready")
        assert served.ask("/livez").status == 200
        assert served.process.wait(20) == 0


async def with_bad_headers(scope: Scope, receive: Receive, send: Send) -> None:
    """Streams an answer with a header that is no bytes, whether its client is there or not."""
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
        print("the lifespan has ended")
        return
    if scope["type"] == "http" and scope["path"] == "/good":
        await asyncio.sleep(2)
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})
        return
    await asyncio.sleep(0.5)
    headers = [(b"content-type", "text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while True:
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await asyncio.sleep(0.1)


def test_an_answer_with_unusual_headers_does_not_disturb_the_shutdown() -> None:
    options = ("--drain-seconds=0", "--timeout-graceful-shutdown=4")
    with serving("tests.runtime.test_shutdown:with_bad_headers", *options) as served:
        with connected(served.port) as leaving:
            leaving.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            time.sleep(0.2)
        time.sleep(0.6)
        with Client(served.port) as client:
            client.send("/good")
            time.sleep(0.2)
            served.terminate()
            status = client.receive().status
        served.process.wait(10)
        assert status == 204, f"status of the other request: {status}"
        assert "the lifespan has ended" in served.log()
