"""The latencies of the bench contain every wait, and its failures are counted."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bench.fixed_rate import CONNECTIONS, Latencies, measure
from tests.support.http_client import HOST

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
WORK_SECONDS = 0.05

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.readline():
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(WORK_SECONDS)
        writer.write(ANSWER)
    writer.close()


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.close()


async def _answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER.replace(b"content", b"connection: close\r\ncontent"))
    writer.close()


def _measured(handler: Handler, per_second: float, seconds: float) -> Latencies:
    async def run() -> Latencies:
        async with await asyncio.start_server(handler, HOST, 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await measure(port, "/", per_second=per_second, seconds=seconds)

    return asyncio.run(run())


def test_a_latency_contains_the_wait_for_a_connection() -> None:
    twice_the_capacity = 2 * CONNECTIONS / WORK_SECONDS
    found = _measured(_work, twice_the_capacity, 0.2)
    assert set(found.outcomes) == {"200"}, f"outcomes: {found.outcomes}"
    assert min(found.seconds) >= WORK_SECONDS
    assert max(found.seconds) >= 3 * WORK_SECONDS, f"longest: {max(found.seconds):.3f} s"


def test_a_request_without_an_answer_is_a_failure_without_a_latency() -> None:
    found = _measured(_hang_up, 200, 0.1)
    assert found.outcomes.total() > 0
    assert "200" not in found.outcomes
    assert not found.seconds


def test_a_connection_that_the_server_closes_is_opened_again() -> None:
    found = _measured(_answer_once, 500, 0.5)
    assert found.outcomes.total() > CONNECTIONS, "no connection was used twice"
    assert set(found.outcomes) == {"200"}, f"outcomes: {found.outcomes}"


def test_all_calls_with_one_rate_send_as_many_requests() -> None:
    one, other = (_measured(_work, 300, 0.1).outcomes.total() for _ in range(2))
    assert one == other > 0


def test_too_many_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted at most"):
        _measured(_work, 1_000_000, 1)
