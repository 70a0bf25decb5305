"""The WebSockets of a draining server are closed one after another, not all at once."""

import asyncio
import contextlib
import struct
import time

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.serving import Served, serving

APP = "tests.runtime.answering:plain"
WEBSOCKETS = 200
DRAIN = 6
STEP = 0.5  # seconds
HANDSHAKE = (
    b"GET /talk/one?do=send-on HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
)
CODE = struct.pack("!H", 1012)
CLOSE_FRAME = b"\x88\x02" + CODE
MASKED_CLOSE_FRAME = b"\x88\x82\x00\x00\x00\x00" + CODE
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


def test_the_client_can_answer_the_close_frame() -> None:
    """The socket stays open until then (RFC 6455 §7.1.1), although the app still sends."""
    with serving(APP, f"--drain-seconds={DRAIN}") as served:
        asyncio.run(_answer_close(served))
        served.process.wait(timeout=2 * DRAIN)
        log = served.log()
    assert "Traceback" not in log, f"the app that still sent failed: {log}"


def test_the_control_plain_uvicorn_closes_before_the_client_answers() -> None:
    with (
        serving(APP, *PLAIN, module="uvicorn") as served,
        pytest.raises(AssertionError, match="before the client had answered"),
    ):
        asyncio.run(_answer_close(served))


async def _answer_close(served: Served) -> None:
    """Reads the close frame, waits, answers it, and reads the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    with contextlib.closing(writer):
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        served.terminate()
        frame = await asyncio.wait_for(reader.readexactly(4), 2 * DRAIN)
        assert frame == CLOSE_FRAME, f"wanted a close frame with 1012, got {frame!r}"
        with contextlib.suppress(TimeoutError):
            rest = await asyncio.wait_for(reader.read(), STEP)
            raise AssertionError(f"the server closed before the client had answered: {rest!r}")
        writer.write(MASKED_CLOSE_FRAME)
        rest = await asyncio.wait_for(reader.read(), STEP)
        assert rest == b"", f"wanted the end after the answer, got {rest!r}"
