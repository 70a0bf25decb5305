"""An answer that the app gives before it has read the body arrives, also when the connection ends.

Closing a connection with unread bytes resets it (RFC 9112 §9.6). The client then sees an error in
the place of an answer that it may not have read yet.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from uvicorn_pod.asgi import Receive, Scope, Send

from tests.support.raw_connection import connected, read_to_end
from tests.support.serving import Served, serving
from tests.support.waiting import wait_until

PIECE = b"a" * 50_000
PIECES = 20
TEXT = b"answered"
HEAD = b"POST %s HTTP/1.1\r\nhost: a\r\n%s\r\n"
LENGTH = b"content-length: %d\r\n" % (PIECES * len(PIECE))
CHUNKED = b"transfer-encoding: chunked\r\n"
APP = "tests.runtime.test_unread_bodies:app"


async def app(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers without reading; /close ends the connection, /fail answers nothing itself."""
    if scope["type"] != "http":
        return
    path = scope["path"]
    if path == "/fail":
        raise ValueError(path)
    headers = [(b"content-length", b"%d" % len(TEXT))]
    if path == "/close":
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": TEXT})


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _plain(data: bytes) -> bytes:
    return data


def upload(
    port: int,
    path: bytes = b"/",
    *fields: bytes,
    coding: bytes = LENGTH,
    middle: Callable[[], None] = lambda: time.sleep(0.05),
) -> bytes:
    """Sends a body slowly, and reads what the server sent only after the last byte.

    Calls `middle` after the first piece. Returns nothing if the connection was reset: a client
    that is still sending does not look for an answer.
    """
    frame = _chunked if coding == CHUNKED else _plain
    with connected(port) as connection:
        connection.sendall(HEAD % (path, coding + b"".join(fields)) + frame(PIECE))
        middle()
        try:
            for _ in range(PIECES - 1):
                connection.sendall(frame(PIECE))
                time.sleep(0.01)
            if coding == CHUNKED:
                connection.sendall(b"0\r\n\r\n")
        except OSError:
            return b""
        return read_to_end(connection)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(APP, "--max-body-bytes=0") as served:
        yield served


CASES = {
    "the client closes": (b"/", b"connection: close\r\n"),
    "the app closes": (b"/close", b""),
    "the app fails": (b"/fail", b""),
}


@pytest.mark.parametrize("coding", [LENGTH, CHUNKED], ids=["length", "chunked"])
@pytest.mark.parametrize(("path", "field"), CASES.values(), ids=CASES)
def test_the_answer_arrives_when(served: Served, path: bytes, field: bytes, coding: bytes) -> None:
    answer = upload(served.port, path, field, coding=coding)
    assert b"\r\nconnection: close\r\n" in answer.lower(), f"answer {answer!r}"
    assert answer.startswith(b"HTTP/1.1 500 " if path == b"/fail" else b"HTTP/1.1 200 "), answer
    assert answer.endswith(b"Internal Server Error" if path == b"/fail" else TEXT), answer
    assert answer.count(b"HTTP/1.1 ") == 1, answer


@pytest.mark.parametrize(("path", "field"), CASES.values(), ids=CASES)
def test_the_control_plain_uvicorn_resets_the_connection(path: bytes, field: bytes) -> None:
    with serving(APP, module="uvicorn") as plain:
        answers = [upload(plain.port, path, field) for _ in range(3)]
    assert b"" in answers, f"plain uvicorn answered each time: {answers}"


def test_a_body_above_the_limit_gets_its_413() -> None:
    with serving(APP, "--max-body-bytes=100") as limited:
        answer = upload(limited.port)
    assert answer.startswith(b"HTTP/1.1 413 "), f"answer {answer!r}"


def test_a_connection_does_not_end_by_age_before_the_body_is_read() -> None:
    with serving(APP, "--max-connection-seconds=0.01") as aged, connected(aged.port) as connection:
        time.sleep(0.1)
        connection.sendall(HEAD % (b"/", LENGTH) + PIECE)
        first = b""
        while TEXT not in first:
            first += connection.recv(65_536)
        for _ in range(PIECES - 1):
            connection.sendall(PIECE)
        connection.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        second = read_to_end(connection)
    assert b"connection: close" not in first, f"first answer {first!r}"
    assert b"connection: close" in second, f"second answer {second!r}"
    assert second.startswith(b"HTTP/1.1 200 "), f"second answer {second!r}"


@pytest.mark.parametrize("drain", [3, 0], ids=["the server drains", "the server shuts down"])
def test_the_answer_arrives_at_sigterm_while(drain: int) -> None:
    with serving(APP, f"--drain-seconds={drain}") as ending:

        def terminate() -> None:
            wait_until(lambda: b"_total{" in ending.ask("/metrics").body, 5, "an answer is counted")
            ending.terminate()
            wait_until(lambda: "Draining" in ending.log(), 5, "the drain begins")
            time.sleep(0.3)

        answer = upload(ending.port, middle=terminate)
        code = ending.process.wait(10)
    assert answer.startswith(b"HTTP/1.1 200 "), f"answer {answer!r}"
    assert code in {0, -15}, f"exit code {code}"


def test_an_upload_that_begins_in_the_drain_gets_its_answer() -> None:
    """Its client needs longer than the server would wait for the body outside of the drain."""
    with serving(APP, "--drain-seconds=6") as draining:
        draining.terminate()
        wait_until(lambda: "Draining" in draining.log(), 5, "the drain begins")
        answer = upload(draining.port, middle=lambda: time.sleep(3))
    assert answer.startswith(b"HTTP/1.1 200 "), f"answer {answer!r}"
    assert b"\r\nconnection: close\r\n" in answer, f"answer {answer!r}"


def test_a_client_that_stops_sending_is_closed_after_two_seconds(served: Served) -> None:
    with connected(served.port, timeout_seconds=10) as connection:
        connection.sendall(HEAD % (b"/close", LENGTH) + PIECE)
        began = time.monotonic()
        assert read_to_end(connection).endswith(TEXT)
    seconds = time.monotonic() - began
    assert 1.5 < seconds < 4, f"closed after {seconds:.1f} s, wanted 2"


def test_nothing_is_answered_on_a_connection_after_its_last_answer(served: Served) -> None:
    with connected(served.port) as connection:
        connection.sendall(HEAD % (b"/close", b"content-length: 3\r\n") + b"a")
        time.sleep(0.2)
        with suppress(OSError):
            connection.sendall(b"aaGET / HTTP/1.1\r\nhost: a\r\n\r\n")
        answer = read_to_end(connection)
    assert answer.count(b"HTTP/1.1 ") == 1, answer


def test_a_malformed_rest_of_a_body_gets_no_second_answer(served: Served) -> None:
    with connected(served.port) as connection:
        connection.sendall(HEAD % (b"/", CHUNKED) + b"1\r\na\r\n")
        answer = connection.recv(65_536)
        connection.sendall(b"zz\r\n")
        answer += read_to_end(connection)
    assert answer.count(b"HTTP/1.1 ") == 1, answer
