"""The WebSockets of a draining server are closed one after another, not all at once."""

import asyncio
import time

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.serving import Served, serving

APP = "tests.runtime.answering:plain"
WEBSOCKETS = 200
DRAIN = 6
STEP = 0.5  # seconds
PLAIN = ("--loop=uvloop", "--http=httptools")


async def _close_times(served: Served) -> list[float]:
    """Seconds from SIGTERM to the close of each WebSocket. Every code must be 1012."""

    async def closed(websocket: ClientConnection) -> float:
        with pytest.raises(ConnectionClosed) as reason:
            await websocket.recv()
        received = reason.value.rcvd
        assert received is not None, "a WebSocket was cut without a close frame"
        assert received.code == 1012, f"a WebSocket was closed with {received.code}"
        return time.monotonic()

    url = f"ws://127.0.0.1:{served.port}/talk/one"
    sockets = [await connect(url, compression=None) for _ in range(WEBSOCKETS)]
    waiting = [asyncio.create_task(closed(websocket)) for websocket in sockets]
    served.terminate()
    begun = time.monotonic()
    return [moment - begun for moment in await asyncio.wait_for(asyncio.gather(*waiting), 30)]


def _peak(times: list[float]) -> float:
    """The most closes in one step, relative to their mean from the first to the last."""
    steps = max(1, round((max(times) - min(times)) / STEP))
    most = max(sum(start <= moment < start + STEP for moment in times) for start in times)
    return most / (len(times) / steps)


def test_closes_are_spread_over_the_drain() -> None:
    with serving(APP, f"--drain-seconds={DRAIN}") as served:
        times = asyncio.run(_close_times(served))
    assert max(times) - min(times) > DRAIN / 3, (
        f"closed from {min(times):.1f} to {max(times):.1f} s"
    )
    assert _peak(times) <= 2, f"{_peak(times):.1f} times the mean rate of closes in {STEP} s"


def test_the_control_plain_uvicorn_closes_all_at_once() -> None:
    with serving(APP, *PLAIN, module="uvicorn") as served:
        times = asyncio.run(_close_times(served))
    assert max(times) - min(times) < STEP, f"closed from {min(times):.1f} to {max(times):.1f} s"
