"""A handler that takes too long is cancelled, and a body that comes too slowly is refused."""

import time
from collections.abc import Iterator

import pytest

from tests.runtime.reported import sample
from tests.support.http_client import Client
from tests.support.raw_connection import connected, read_to_end
from tests.support.serving import REFERENCE, Served, serving

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


def test_an_answer_that_has_begun_has_no_deadline(served: Served) -> None:
    begun = time.monotonic()
    with Client(served.port) as client:
        client.send("/stream?count=10&interval_seconds=0.3")
        answer = client.receive()
    assert time.monotonic() - begun > 2 * LIMIT
    assert answer.body.count(b"event") == 10, f"events: {answer.body!r}"


def test_a_body_that_comes_too_slowly_gets_408(served: Served) -> None:
    begun = time.monotonic()
    with connected(served.port) as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nx")
        answer = read_to_end(client)
    seconds = time.monotonic() - begun
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n"), f"answer: {answer!r}"
    assert LIMIT <= seconds < LATE, f"answered after {seconds:.1f} s"
    assert sample(served, "uvicorn_requests_refused_total", status="408") == 1


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
