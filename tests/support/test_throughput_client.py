"""The throughput client counts the answers of the server and stops at any other than 200."""

import asyncio

import pytest

from tests.support.serving import REFERENCE, serving
from tests.support.throughput_client import Throughput, ThroughputClient


async def _measured_twice(port: int, path: str) -> list[Throughput]:
    async with ThroughputClient(port, path, connections=4) as client:
        return [await client.measure(0.2), await client.measure(0.2)]


def test_throughput_client_counts_answers_and_raises_for_another_status() -> None:
    with serving(REFERENCE) as served:
        measured = asyncio.run(_measured_twice(served.port, "/bytes?size=10"))
        with pytest.raises(RuntimeError, match="404"):
            asyncio.run(_measured_twice(served.port, "/nowhere"))
        answered = served.log().count("/bytes")
    assert min(one.requests for one in measured) > 20
    assert sum(one.requests for one in measured) == answered
    for one in measured:
        assert 0.2 <= one.seconds < 5, one
        assert one.rate * one.seconds == pytest.approx(one.requests)
