"""A request's head has limits of time, size and number of fields; its body has one of size."""

import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from itertools import repeat

import pytest
from websockets.sync.client import connect

from tests.runtime.reported import sample
from tests.support.http_client import Client
from tests.support.metrics_text import samples
from tests.support.raw_connection import connected, read_to_end
from tests.support.serving import Served, serving
from tests.support.waiting import wait_until

PLAIN = "tests.runtime.apps:plain"
SECONDS = 0.5
OPTIONS = (
    f"--header-seconds={SECONDS}",
    "--timeout-keep-alive=2",
    "--max-header-bytes=8192",
    "--max-headers=20",
    "--max-body-bytes=1000",
)
GET = b"GET / HTTP/1.1\r\nhost: a\r\n"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("tests.runtime.apps:reads", *OPTIONS) as served:
        yield served


def _connected(served: Served) -> AbstractContextManager[socket.socket]:
    return connected(served.port)


def _read_answer(client: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"read 0"):
        data = client.recv(65_536)
        assert data, received
        received += data
    return received


def _trickle(client: socket.socket, pieces: Iterable[bytes]) -> float:
    """Sends piece after piece until the server closes; returns the seconds that took."""
    started = time.monotonic()
    client.settimeout(0.1)
    for piece in pieces:
        with suppress(TimeoutError):
            try:
                client.sendall(piece)
                if not client.recv(1000):
                    break
            except ConnectionError:
                break
        if time.monotonic() - started > 20:
            raise TimeoutError("the connection is still open after 20 s")
    return time.monotonic() - started


@pytest.mark.parametrize("begun", [b"G", b"GET / HTTP/1.1\r\n", GET + b"x-a: "])
def test_a_head_that_stops_halfway_gets_408(served: Served, begun: bytes) -> None:
    with _connected(served) as client:
        client.sendall(begun)
        started = time.monotonic()
        answer = read_to_end(client)
        assert time.monotonic() - started >= SECONDS * 0.9
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"connection: close" in answer


def test_a_head_that_trickles_is_cut_off(served: Served) -> None:
    with _connected(served) as client:
        client.sendall(GET)
        assert SECONDS * 0.9 <= _trickle(client, repeat(b"a")) < 15


@pytest.mark.parametrize(
    "pieces",
    [repeat(b"\r\n"), [GET[:1], GET[1:2], GET[2:4], *([b"/"] * 500)]],
    ids=["line ends", "a head"],
)
def test_a_keep_alive_client_that_trickles_is_cut_off(
    served: Served, pieces: Iterable[bytes]
) -> None:
    with _connected(served) as client:
        client.sendall(GET + b"\r\n")
        assert _read_answer(client).startswith(b"HTTP/1.1 200")
        assert SECONDS * 0.9 <= _trickle(client, pieces) < 15


def test_a_connection_that_sends_nothing_is_closed_like_an_idle_one(served: Served) -> None:
    with _connected(served) as client:
        started = time.monotonic()
        assert read_to_end(client) == b""
        assert 1.8 <= time.monotonic() - started < 15


def test_an_idle_keep_alive_connection_outlives_the_header_deadline(served: Served) -> None:
    with Client(served.port) as client:
        client.get("/")
        time.sleep(SECONDS * 1.5)  # nothing may happen, so there is no event to wait for
        assert client.get("/").status == 200


def test_a_slow_answer_outlives_the_header_deadline(served: Served) -> None:
    with Client(served.port) as client:
        assert client.get("/slow").status == 200


def test_a_head_in_pieces_is_answered_when_it_is_complete_in_time(served: Served) -> None:
    with _connected(served) as client:
        for piece in (b"GET", b" / HTTP/1.1\r\nho", b"st: a\r\n", b"\r\n"):
            client.sendall(piece)
            time.sleep(0.05)  # so that each is a separate packet
        assert _read_answer(client).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "head",
    [
        GET + b"x-a: " + b"b" * 9000 + b"\r\n\r\n",
        GET + b"x-a: " + b"b" * 900_000,
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: a\r\n\r\n",
        GET + b"a: b\r\n" * 20 + b"\r\n",
        GET + b"".join(b"x-%d: %s\r\n" % (n, b"b" * 900) for n in range(15)) + b"\r\n",
    ],
    ids=["long field", "endless field", "long path", "many fields", "large together"],
)
def test_a_head_that_is_too_large_gets_431(served: Served, head: bytes) -> None:
    with _connected(served) as client:
        _send(client, head)
        answer = read_to_end(client)
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n") or (
        len(head) > 100_000 and answer == b""  # a reset, because much of it was unread
    )


def _send(client: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        client.sendall(data)


@pytest.mark.parametrize(
    "head", [GET + b"a: b\r\n" * 19 + b"\r\n", GET + b"x-a: " + b"b" * 8000 + b"\r\n\r\n"]
)
def test_a_head_just_within_the_limits_is_answered(served: Served, head: bytes) -> None:
    with _connected(served) as client:
        client.sendall(head)
        assert _read_answer(client).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("pieces", [1, 3])
def test_bodies_and_pipelined_requests_do_not_count_as_one_head(
    served: Served, pieces: int
) -> None:
    post = b"POST /answer HTTP/1.1\r\nhost: a\r\ncontent-length: 900\r\n\r\n" + b"b" * 900
    requests = post * 15 + GET + b"\r\n"
    with _connected(served) as client:
        for start in range(pieces):
            size = len(requests) // pieces + 1
            client.sendall(requests[start * size : (start + 1) * size])
        assert _read_answer(client).count(b"HTTP/1.1 200") == 16


CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\n\r\n",
        CHUNKED + b"3e9\r\n" + b"b" * 1001 + b"\r\n0\r\n\r\n",
        CHUNKED + b"200\r\n" + b"b" * 512 + b"\r\n200\r\n" + b"b" * 512 + b"\r\n",
    ],
)
def test_a_body_that_is_too_large_gets_413(served: Served, request_bytes: bytes) -> None:
    before = served.log()
    with _connected(served) as client:
        client.sendall(request_bytes)
        assert read_to_end(client).startswith(b"HTTP/1.1 413 ")
    wait_until(lambda: '"status":413' in served.log()[len(before) :], 5, "413 is logged")
    assert "Traceback" not in served.log()


def test_a_client_that_sends_far_too_much_still_gets_its_answer(served: Served) -> None:
    """The client reads only after it has sent the whole body; closing early would reset it."""
    with Client(served.port, timeout_seconds=20) as client:
        client.send_post("/", b"b" * 20_000_000)
        assert client.receive().status == 413


@pytest.mark.parametrize(
    "request_head", [CHUNKED, b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 900\r\n\r\n"]
)
def test_the_rest_of_an_answered_request_gets_the_time_of_an_idle_connection(
    served: Served, request_head: bytes
) -> None:
    with _connected(served) as client:
        client.sendall(request_head.replace(b"/ ", b"/early "))
        assert _read_answer(client).startswith(b"HTTP/1.1 200")
        piece = b"1\r\na\r\n" if request_head is CHUNKED else b"b"
        assert 1.8 <= _trickle(client, repeat(piece)) < 15


def test_a_body_that_ends_after_its_answer_leaves_the_connection_open(served: Served) -> None:
    with _connected(served) as client:
        client.sendall(CHUNKED.replace(b"/ ", b"/early "))
        assert _read_answer(client).startswith(b"HTTP/1.1 200")
        client.sendall(b"0\r\n\r\n")
        time.sleep(SECONDS * 1.5)  # nothing may happen, so there is no event to wait for
        client.sendall(GET + b"\r\n")
        assert _read_answer(client).startswith(b"HTTP/1.1 200")


def test_a_head_has_its_whole_time_after_the_rest_of_an_unread_body() -> None:
    options = ("--header-seconds=4", "--timeout-keep-alive=1")
    with serving("tests.runtime.apps:reads", *options) as patient, _connected(patient) as client:
        client.sendall(CHUNKED.replace(b"/ ", b"/early "))
        assert _read_answer(client).startswith(b"HTTP/1.1 200")
        client.sendall(b"1\r\n")  # from now on, the rest of the body has one second
        client.sendall(b"a\r\n0\r\n\r\n" + GET)
        time.sleep(2.5)  # past the time of the rest, within the time of the head
        client.sendall(b"\r\n")
        answer = _read_answer(client)
    assert answer.startswith(b"HTTP/1.1 200"), answer


def test_refusals_of_each_status_begin_with_zero() -> None:
    """A rate sees no increase in a series that begins with 1."""
    with serving("tests.runtime.apps:reads") as served:
        found = samples(served.ask("/metrics").body.decode())
    name = "uvicorn_requests_refused_total"
    refused = {one.labels["status"]: one.value for one in found if one.name == name}
    assert refused == dict.fromkeys(("400", "408", "413", "431", "503"), 0), f"{name}: {refused}"


def test_refusals_are_counted_and_logged(served: Served) -> None:
    name = "uvicorn_requests_refused_total"
    before = sample(served, name, status="431")
    with _connected(served) as client:
        client.sendall(GET + b"a: b\r\n" * 20 + b"\r\n")
        read_to_end(client)
    counted = sample(served, name, status="431") - before
    assert counted == 1, f"{name}: {counted} more, wanted 1"
    assert "431 Request Header Fields Too Large" in served.log()


def test_a_body_just_within_the_limit_is_read(served: Served) -> None:
    with _connected(served) as client:
        client.sendall(CHUNKED + b"3e8\r\n" + b"b" * 1000 + b"\r\n0\r\n\r\n" + GET + b"\r\n")
        assert b"read 1000" in _read_answer(client)


def test_trailers_are_neither_added_to_the_headers_nor_kept(served: Served) -> None:
    with _connected(served) as client:
        client.sendall(CHUNKED.replace(b"/ ", b"/headers ") + b"1\r\na\r\n0\r\nx-forged: 1\r\n\r\n")
        client.sendall(GET + b"\r\n")
        assert b"forged" not in _read_answer(client)
    with _connected(served) as client:
        client.sendall(CHUNKED + b"1\r\na\r\n0\r\nx-a: ")
        assert _trickle(client, repeat(b"b" * 4000)) < 15


def test_a_websocket_outlives_the_header_deadline(served: Served) -> None:
    with connect(f"ws://127.0.0.1:{served.port}/socket") as websocket:
        time.sleep(SECONDS * 1.5)  # nothing may happen, so there is no event to wait for
        websocket.send("sentinel")
        assert websocket.recv(10) == "sentinel"


def test_plain_uvicorn_has_no_such_limits() -> None:
    with (
        serving(PLAIN, "--no-access-log", module="uvicorn", until="port") as served,
        _connected(served) as client,
    ):
        client.sendall(GET + b"x-a: " + b"b" * 200_000 + b"\r\n" + b"a: b\r\n" * 500 + b"\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
