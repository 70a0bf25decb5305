"""A malformed request is answered, counted and logged as refused, also while its body is read."""

import json
import re
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.serving import Served, serving
from tests.support.waiting import wait_until


async def _read(request: Request) -> Response:
    """Reads the body; answers even if the client has left."""
    try:
        body = await request.body()
    except ClientDisconnect:
        body = b""
    return PlainTextResponse(f"read {len(body)}")


async def _answer_first(request: Request) -> Response:
    """Begins its answer before it reads the body."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"begun"
        async for _ in request.stream():
            pass

    return StreamingResponse(pieces())


app = Starlette(
    routes=[
        Route("/read", _read, methods=["POST"]),
        Route("/begun", _answer_first, methods=["POST"]),
    ]
)
HEAD = b"POST /read HTTP/1.1\r\nhost: a\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
LARGE = b"a" * 3000
LIMITS = ("--max-header-bytes=2048", "--max-body-bytes=1000")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("tests.runtime.test_refused_bodies:app", *LIMITS) as served:
        yield served


def _refused(served: Served, status: int) -> int:
    metrics = served.ask("/metrics").body.decode()
    found = re.search(rf'uvicorn_requests_refused_total{{status="{status}"}} (\d+)', metrics)
    return int(found[1]) if found else 0


def _send(served: Served, *pieces: bytes) -> bytes:
    """Sends the pieces, each when the server waits for it, and reads until the server closes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
        for number, piece in enumerate(pieces):
            if number:
                wait_until(
                    lambda: b"in_flight 1.0" in served.ask("/metrics").body, 5, "the app runs"
                )
            client.sendall(piece)
        received = b""
        while data := client.recv(65_536):
            received += data
    return received


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ([HEAD + b"transfer-encoding: xchunked\r\n\r\n"], 400),
        ([CHUNKED + b"zz\r\n"], 400),
        ([CHUNKED, b"zz\r\n"], 400),
        ([CHUNKED + b"1\r\na\r\n", b"1\r\nabc\r\n"], 400),
        ([CHUNKED, b"1;" + LARGE], 413),
        ([CHUNKED + b"1\r\na\r\n0\r\n", b"x-a: " + LARGE], 413),
    ],
    ids=[
        "an unknown coding",
        "a bad size at once",
        "a bad size",
        "a long piece",
        "a long extension",
        "long trailers",
    ],
)
def test_a_malformed_body_is_answered_counted_and_logged(
    served: Served, pieces: list[bytes], status: int
) -> None:
    before, log = _refused(served, status), len(served.log())
    answer = _send(served, *pieces)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    assert b"\r\nconnection: close\r\n" in answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert _refused(served, status) == before + 1

    def logged() -> list[int]:
        entries = [json.loads(line) for line in served.log()[log:].splitlines()]
        return [one["status"] for one in entries if one["logger"] == "uvicorn.access"]

    assert wait_until(logged, 5, "the request is logged") == [status]
    assert "Traceback" not in served.log()[log:]


def test_a_malformed_body_whose_answer_has_begun_is_counted_and_cut(served: Served) -> None:
    before = _refused(served, 400)
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as client:
        client.sendall(CHUNKED.replace(b"/read", b"/begun"))
        answer = b""
        while b"begun" not in answer:
            answer += client.recv(65_536)
        client.sendall(b"zz\r\n")
        while data := client.recv(65_536):
            answer += data
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not answer.endswith(b"0\r\n\r\n"), "the answer looks complete"
    assert answer.count(b"HTTP/1.1 ") == 1
    assert _refused(served, 400) == before + 1


def test_a_malformed_request_does_not_get_the_place_of_an_earlier_answer(served: Served) -> None:
    """The bytes after a complete request are the next one: 400 would answer the wrong one."""
    complete = HEAD + b"content-length: 1\r\n\r\na"
    answer = _send(served, complete + b"malformed\r\n\r\n")
    assert not answer.startswith(b"HTTP/1.1 400 "), answer
