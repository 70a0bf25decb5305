"""Requests on one connection, sent before the answer to the one before, do not disturb each other.

Few clients pipeline (RFC 9112 §9.3.2), but every client can send anything at any time.
"""

import asyncio
import time
from collections.abc import Iterator

import pytest
from uvicorn_pod.asgi import Receive, Scope, Send

from tests.runtime.reported import sample
from tests.support.exchange import read, request
from tests.support.raw_connection import connected, read_to_end
from tests.support.serving import Served, serving
from tests.support.waiting import wait_until

APP = "tests.runtime.test_pipelining:app"
SLOW_SECONDS = 2.5
IN_FLIGHT = "uvicorn_requests_in_flight"
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Has a slow route, one that waits until the client leaves, and a failing background task."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await receive()
        return
    if scope["type"] != "http":
        return
    path = scope["path"]
    if path == "/slow":
        await asyncio.sleep(SLOW_SECONDS)
    while path == "/until-left" and (await receive())["type"] != "http.disconnect":
        pass
    if path == "/late-reader":
        await asyncio.sleep(SLOW_SECONDS)
        while (await receive()).get("more_body"):
            pass
    headers = [(b"content-length", b"%d" % len(path))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": path.encode()})
    if path == "/background":
        await asyncio.sleep(0.3)
        raise ValueError(path)


def post(path: str, size: int) -> bytes:
    """The head of a request whose body follows."""
    return request(path, b"content-length: %d" % size, method="POST")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(APP) as served:
        yield served


def ask(port: int, *pieces: bytes) -> bytes:
    """Sends the pieces with a pause between them, the last says that the connection ends."""
    with connected(port) as connection:
        for number, piece in enumerate(pieces):
            time.sleep(0.2 if number else 0)
            connection.sendall(piece)
        return read_to_end(connection)


def bodies(answers: bytes) -> list[bytes]:
    """The bodies of answers, which must be whole and have the status 200."""
    number = answers.count(b"HTTP/1.1 ")
    found = list(read(answers, [b"GET"] * number))
    assert len(found) == number, f"an answer after the last one: {answers!r}"
    assert all((each.status, each.is_whole) == (200, True) for each in found), f"{answers!r}"
    return [each.body for each in found]


LAST = request("/last", b"connection: close")


def test_a_client_that_leaves_is_noticed_by_the_request_in_front(served: Served) -> None:
    with connected(served.port) as connection:
        connection.sendall(request("/until-left") + request("/"))
        wait_until(lambda: sample(served, IN_FLIGHT) == 1, 5, "the first request runs")
    wait_until(lambda: sample(served, IN_FLIGHT) == 0, 5, "the app learns that the client left")


def test_the_wait_for_the_answer_before_is_not_the_servers() -> None:
    options = ("--max-wait-seconds=1", "--request-seconds=4", "--body-seconds=1")
    with serving(APP, *options) as limited:
        answers = ask(limited.port, request("/slow"), request("/slow") + LAST)
    assert bodies(answers) == [b"/slow", b"/slow", b"/last"], f"answers {answers!r}"


def test_a_body_that_the_server_does_not_read_is_not_slow() -> None:
    size = 400_000
    with serving(APP, "--body-seconds=1") as limited, connected(limited.port) as connection:
        connection.sendall(request("/slow") + post("/late-reader", size) + b"a" * size + LAST)
        answers = read_to_end(connection)
    assert bodies(answers) == [b"/slow", b"/late-reader", b"/last"], f"answers {answers!r}"


def test_a_deadline_ends_the_request_that_the_app_has() -> None:
    with serving(APP, "--request-seconds=1") as limited:
        answers = ask(limited.port, request("/slow"), LAST)
    assert answers.startswith(b"HTTP/1.1 503 "), f"answers {answers!r}"
    assert answers.count(b"HTTP/1.1 ") == 1, f"answers {answers!r}"


@pytest.mark.parametrize(
    "rest",
    [
        b"garbage\r\n\r\n",
        request("/", b"x: " + b"a" * 70_000),
        post("/", 3)[:-2] + b"\x00: a\r\n\r\n",
    ],
    ids=["not HTTP", "a large head", "a bad field"],
)
def test_an_answer_is_given_although_malformed_bytes_follow(served: Served, rest: bytes) -> None:
    answers = ask(served.port, post("/slow", 1) + b"a", rest)
    assert bodies(answers) == [b"/slow"], f"answers {answers!r}"
    assert b"\r\nconnection: close\r\n" in answers, f"answers {answers!r}"


def test_a_pipelined_request_with_a_malformed_body_is_dropped(served: Served) -> None:
    chunked = request("/", b"transfer-encoding: chunked", method="POST")
    answers = ask(served.port, request("/slow") + request("/") + chunked, b"zz\r\n")
    assert bodies(answers) == [b"/slow", b"/"], f"answers {answers!r}"


@pytest.mark.parametrize("before", [request("/slow"), LAST], ids=["open", "last"])
def test_a_handshake_after_an_open_or_last_answer_is_ignored(served: Served, before: bytes) -> None:
    answers = ask(served.port, before + HANDSHAKE)
    assert len(bodies(answers)) == 1, f"answers {answers!r}"
    assert "Traceback" not in served.log()


def test_a_handshake_after_a_complete_answer_succeeds(served: Served) -> None:
    with connected(served.port) as connection:
        connection.sendall(request("/"))
        answer = b""
        while not answer.endswith(b"\r\n\r\n/"):
            answer += connection.recv(1000)
        assert answer.startswith(b"HTTP/1.1 200 "), f"answer {answer!r}"
        connection.sendall(HANDSHAKE)
        assert connection.recv(1000).startswith(b"HTTP/1.1 101 ")


def test_a_background_task_that_fails_does_not_cut_the_next_answer(served: Served) -> None:
    answers = ask(served.port, request("/background"), request("/slow"), LAST)
    assert bodies(answers) == [b"/background", b"/slow", b"/last"], f"answers {answers!r}"
    wait_until(lambda: "ValueError: /background" in served.log(), 5, "the error in the log")
