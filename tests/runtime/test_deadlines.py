"""A handler that takes too long is cancelled, and a body that comes too slowly is refused."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from uvicorn_pod.asgi import Receive, Scope, Send

from tests.runtime.reported import access_lines, sample
from tests.support.http_client import Client
from tests.support.raw_connection import connected, read_to_end
from tests.support.serving import REFERENCE, Served, serving
from tests.support.waiting import wait_until

LIMIT = 1
LATE = LIMIT + 3  # the limit, one check a second, and a busy machine


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(REFERENCE, f"--request-seconds={LIMIT}", f"--body-seconds={LIMIT}") as served:
        yield served


def test_a_handler_that_takes_too_long_is_cancelled_and_answered_503(served: Served) -> None:
    begun = time.monotonic()
    with Client(served.port) as client:
        client.send("/slow?seconds=20")
        answer = client.receive()
    seconds = time.monotonic() - begun
    assert (answer.status, answer.is_closing) == (503, True), f"answer: {answer}"
    assert LIMIT <= seconds < LATE, f"answered after {seconds:.1f} s"
    assert sample(served, "uvicorn_requests_overdue_total") == 1
    assert sample(served, "uvicorn_requests_in_flight") == 0
    assert "Cancelled GET '/slow' after" in served.log()


def test_a_handler_is_cancelled_also_if_its_client_has_left() -> None:
    with serving(REFERENCE, f"--request-seconds={LIMIT}") as served:
        with connected(served.port) as client:
            client.sendall(b"GET /slow?seconds=20 HTTP/1.1\r\nhost: a\r\n\r\n")
            time.sleep(0.3)
        overdue = "uvicorn_requests_overdue_total"
        wait_until(lambda: sample(served, overdue) == 1, LATE, "the handler is cancelled")
        (line,) = access_lines(served, 1)
    assert line["status"] == 499, f"logged as {line}"


async def starting_when_cancelled(scope: Scope, _receive: Receive, send: Send) -> None:
    """Starts its answer when it is too late, and never ends it."""
    if scope["type"] != "http":
        return
    try:
        await asyncio.sleep(20)
    finally:
        await send({"type": "http.response.start", "status": 200})


def test_an_answer_that_begins_when_it_is_cancelled_is_cut() -> None:
    app = "tests.runtime.test_deadlines:starting_when_cancelled"
    with serving(app, f"--request-seconds={LIMIT}") as served, connected(served.port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        answer = read_to_end(client)  # times out if the connection stays open
    assert answer.startswith(b"HTTP/1.1 200 "), f"answer {answer!r}"
    assert not answer.endswith(b"0\r\n\r\n"), "it looks complete"


def test_an_answer_that_has_begun_has_no_deadline(served: Served) -> None:
    begun = time.monotonic()
    with Client(served.port) as client:
        client.send("/stream?count=10&interval_seconds=0.3")
        answer = client.receive()
    assert time.monotonic() - begun > 2 * LIMIT
    assert answer.body.count(b"event") == 10, f"events: {answer.body!r}"


def test_a_body_that_comes_too_slowly_gets_408(served: Served) -> None:
    begun = time.monotonic()
    overdue = sample(served, "uvicorn_requests_overdue_total")
    with connected(served.port) as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nx")
        answer = read_to_end(client)
    seconds = time.monotonic() - begun
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n"), f"answer: {answer!r}"
    assert LIMIT <= seconds < LATE, f"answered after {seconds:.1f} s"
    assert sample(served, "uvicorn_requests_refused_total", status="408") == 1
    counted = sample(served, "uvicorn_requests_overdue_total") - overdue
    assert counted == 0, f"the refused request is also counted as overdue {counted} times"


def test_without_deadlines_the_handler_and_the_body_may_take_longer() -> None:
    with (
        serving(REFERENCE) as served,
        Client(served.port) as client,
        connected(served.port) as slow,
    ):
        slow.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nx")
        client.send("/slow?seconds=3")
        assert client.receive().status == 200
        slow.sendall(b"x")
        assert slow.recv(65_536).startswith(b"HTTP/1.1 200")
