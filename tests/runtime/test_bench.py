"""The load client counts its answers correctly, and raises unless each is a 200."""

import asyncio

import pytest

from bench.client import Client, Load
from tests.support.serving import REFERENCE, serving


async def _asked_twice(port: int, path: str) -> list[Load]:
    async with Client(port, path, connections=4) as client:
        return [await client.ask(0.2), await client.ask(0.2)]


def test_the_load_client_counts_answers_and_refuses_errors() -> None:
    with serving(REFERENCE) as served:
        loads = asyncio.run(_asked_twice(served.port, "/bytes?size=10"))
        with pytest.raises(RuntimeError, match="404"):
            asyncio.run(_asked_twice(served.port, "/nowhere"))
        answered = served.log().count("/bytes")
    assert min(load.requests for load in loads) > 20
    assert sum(load.requests for load in loads) == answered
    for load in loads:
        assert 0.2 <= load.seconds < 5, load
        assert load.rate * load.seconds == pytest.approx(load.requests)
