"""A request ends with the last byte of its answer, or when its client leaves before that."""

import asyncio
import socket
import time

import pytest
from uvicorn_pod.asgi import Receive, Scope, Send

from tests.runtime.reported import access_lines, sample
from tests.support.accounted import Accounted
from tests.support.exchange import ask_and_leave, request
from tests.support.http_client import Client
from tests.support.serving import serving
from tests.support.waiting import wait_until

PLAIN = "tests.runtime.answering:plain"
IN_PIECES = "tests.runtime.answering:in_pieces"


@pytest.mark.parametrize("app", [PLAIN, IN_PIECES])
def test_the_time_of_a_background_task_is_not_counted_as_the_time_of_the_answer(app: str) -> None:
    with serving(app) as served, Client(served.port) as client:
        client.get("/background?seconds=30")
        (line,) = access_lines(served, 1)  # it does not wait for the task
        assert line["duration_ms"] < 2_000, f"a task of 30 s is in the time of {line}"
        assert line["bytes"] == len("done")
        assert sample(served, "uvicorn_requests_in_flight") == 0
        seconds = sample(served, "uvicorn_request_duration_seconds_sum", route="/background")
        assert seconds < 2, f"a task of 30 s is in the histogram's {seconds} s"


def test_an_answered_request_whose_background_task_is_cancelled_is_not_reported_as_cancelled() -> (
    None
):
    with (
        serving(PLAIN, "--drain-seconds=0", "--timeout-graceful-shutdown=2") as served,
        Client(served.port) as client,
    ):
        client.send("/wait?seconds=30")
        with Client(served.port) as other:
            other.get("/background?seconds=30")
        wait_until(lambda: sample(served, "uvicorn_requests_in_flight") == 1, 5, "one is in flight")
        served.terminate()
        assert client.receive().status == 503, "the control, which is not answered yet"
        served.process.wait(20)
        lines = {line["path"]: line["status"] for line in access_lines(served, 2)}
        assert lines == {"/background": 200, "/wait": 503}
        assert served.log().count('"Cancelled ') == 1
        assert "Traceback" not in served.log()


def _leave(port: int, path: str, *, after_bytes: bytes = b"") -> None:
    """Requests a path and closes the connection, after `after_bytes` of the answer's body."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET %s HTTP/1.1\r\nhost: a\r\n\r\n" % path.encode())
        received = b""
        while after_bytes not in received:
            received += client.recv(65_536)
        time.sleep(0.2 if not after_bytes else 0)


def test_an_answer_that_comes_after_its_client_has_left_is_reported_as_499() -> None:
    with serving(PLAIN) as served:
        _leave(served.port, "/wait?seconds=1")
        served.get("/wait?seconds=0")
        other, line = access_lines(served, 2)
        assert (line["status"], line["bytes"]) == (499, 0), line
        assert (other["status"], other["bytes"]) == (200, 4), "the control, whose client stays"
        assert line["duration_ms"] > 900
        counts = {
            status: sample(served, "uvicorn_requests_total", route="/wait", status=status)
            for status in ("2xx", "4xx")
        }
        assert counts == {"2xx": 1, "4xx": 1}


@pytest.mark.parametrize(("kind", "status"), [("text/csv", 499), ("text/event-stream", 200)])
def test_only_an_event_stream_keeps_its_status_when_its_client_leaves(
    kind: str, status: int
) -> None:
    with serving(PLAIN) as served:
        _leave(served.port, f"/drip?seconds=1&type={kind}", after_bytes=b"x" * 100)
        (line,) = access_lines(served, 1)
        assert (line["status"], line["bytes"]) == (status, 100), line


@pytest.mark.parametrize(
    ("method", "length", "status"), [("GET", b"4", 200), ("GET", b"5", 499), ("HEAD", b"5", 200)]
)
def test_a_client_that_leaves_once_it_has_all_does_not_get_499(
    method: str, length: bytes, status: int
) -> None:
    """Some middleware sends an empty last message, when the client already has all."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"done", "more_body": True})
        await has_left.wait()
        await send({"type": "http.response.body"})

    accounted, has_left = Accounted(), asyncio.Event()
    connection = ask_and_leave(app, accounted.accounting, request(method=method), has_left)
    asyncio.run(connection)
    (line,) = accounted.lines()
    assert line["status"] == status, f"{method}, {length.decode()} bytes stated: {line}"
