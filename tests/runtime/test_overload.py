"""Under overload, requests that have waited too long are refused, and the others are answered."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from bench.overload import LIMIT, PATH, PATIENCE_SECONDS, PLAIN, capacity, on_one_core
from tests.runtime.reported import sample
from tests.support.open_loop import Arrivals, arrive
from tests.support.raw_connection import connected, read_to_end
from tests.support.serving import REFERENCE, Served, serving
from tests.support.waiting import wait_until

SECONDS = 4
CAPACITY_SECONDS = 1.5
BLOCK_SECONDS = 0.8


def _shares(module: str, *options: str, times: tuple[float, ...]) -> dict[float, float]:
    """Good answers as a share of the capacity, for arrivals at so many times the capacity."""
    shares = {}
    with on_one_core(module, *options) as served:
        most = capacity(served, CAPACITY_SECONDS)
        for factor in times:
            arrivals: Arrivals = asyncio.run(
                arrive(served.port, PATH, most * factor, SECONDS, PATIENCE_SECONDS)
            )
            shares[factor] = arrivals.good_per_second / most
            print(f"{module}, {factor} x {most:.1f}/s: {shares[factor]:.2f} {arrivals.outcomes}")
            time.sleep(PATIENCE_SECONDS)  # what was given up is worked off
    return shares


@pytest.mark.quiet
def test_good_answers_stay_at_the_capacity_however_many_requests_arrive() -> None:
    ours = _shares("uvicorn_pod", LIMIT, times=(3, 10))
    assert ours[3] >= 0.9, f"3 times the capacity: {ours[3]:.2f} of it answered, wanted 0.9"
    assert ours[10] >= 0.85, f"10 times the capacity: {ours[10]:.2f} of it answered, wanted 0.85"


@pytest.mark.quiet
def test_the_control_plain_uvicorn_answers_nearly_nobody_in_time() -> None:
    theirs = _shares("uvicorn", *PLAIN, times=(3,))[3]
    # It answers the requests of the first second, before its queue is longer than the patience.
    assert theirs <= 0.5, f"3 times the capacity: {theirs:.2f} of it answered, so nothing is proven"


@pytest.fixture(scope="module")
def limited() -> Iterator[Served]:
    with serving(REFERENCE, LIMIT) as served:
        yield served


def _block(served: Served) -> socket.socket:
    """Sends a request that keeps the event loop busy for `BLOCK_SECONDS`."""
    blocker = socket.create_connection(("127.0.0.1", served.port), timeout=10)
    blocker.sendall(f"GET /work?ms={BLOCK_SECONDS * 1000:.0f} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
    time.sleep(0.1)
    return blocker


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
        b"POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    ],
    ids=["GET", "stated length", "chunked"],
)
@pytest.mark.parametrize("is_kept", [False, True], ids=["fresh", "kept"])
def test_a_request_that_waited_behind_a_busy_loop_gets_503_and_is_told_to_come_back(
    limited: Served, request_bytes: bytes, is_kept: bool
) -> None:
    before = sample(limited, "uvicorn_requests_shed_total")
    with connected(limited.port) as client:
        if is_kept:
            client.sendall(b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n")
            assert b" 405 " in client.recv(65_536)
        with _block(limited):
            client.sendall(request_bytes)
            head, _, body = read_to_end(client).partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == b"http/1.1 503 service unavailable", f"answer: {head!r}"
    assert {b"retry-after: 1", b"connection: close"} <= set(lines), f"answer: {head!r}"
    assert body == b"Service Unavailable"
    after = sample(limited, "uvicorn_requests_shed_total")
    assert after == before + 1, f"uvicorn_requests_shed_total: {before} → {after}"


def test_the_rest_of_a_refused_body_is_read_before_the_connection_closes(limited: Served) -> None:
    with connected(limited.port) as client:
        with _block(limited):
            client.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 200000\r\n\r\nx")
            answer = b""
            while not answer.endswith(b"Service Unavailable"):
                answer += client.recv(65_536)
        assert answer.startswith(b"HTTP/1.1 503"), f"answer: {answer!r}"
        client.sendall(b"x" * 199_999)
        assert read_to_end(client) == b"", "the connection did not end cleanly after the body"


def test_refused_requests_have_one_line_a_second_in_the_log_and_no_time_in_the_histogram() -> None:
    with serving(REFERENCE, LIMIT) as served:
        with _block(served):
            clients = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(5)]
            for client in clients:
                client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            for client in clients:
                assert client.recv(100).startswith(b"HTTP/1.1 503")
                client.close()
        summary = "answered 503 to 5 requests that had waited longer than 0.3 s"
        wait_until(lambda: summary in served.log(), 10, f"{summary!r} in the log")
        assert '"status":503' not in served.log()
        assert sample(served, "uvicorn_requests_refused_total", status="503") == 5
        assert sample(served, "uvicorn_requests_total", status="5xx") == 5
        assert sample(served, "uvicorn_request_duration_seconds_count", route="unmatched") == 0


def test_the_default_patience_spares_requests_that_wait_for_seconds() -> None:
    with serving(REFERENCE) as served, connected(served.port) as client, _block(served):
        client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        assert read_to_end(client).startswith(b"HTTP/1.1 200")


def test_zero_turns_the_protection_and_its_metric_off() -> None:
    with serving(REFERENCE, "--max-wait-seconds=0") as served:
        assert "uvicorn_requests_shed" not in served.ask("/metrics").body.decode()
