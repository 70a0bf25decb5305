"""A rollout cuts no answer under way, and WebSockets reconnect one after another.

The control is plain uvicorn, which gets 20 seconds for its shutdown. Kubernetes gives a pod 30.
"""

import asyncio
import time
from bisect import bisect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pykube
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.e2e.conftest import Install, install_together
from tests.e2e.release import FULL_NAME, PLAIN_UVICORN, Release
from tests.support.http_client import HOST
from tests.support.in_parallel import in_parallel
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT = 8081
CONTROL_PORT = 8082
STREAMS = 50
STREAM_SECONDS = 60
WEBSOCKETS = 1_000
DRAIN_SECONDS = 15
# The last two thirds of the drain.
CLOSE_SECONDS = 10
MOST_IN_A_SECOND = 2 * WEBSOCKETS / CLOSE_SECONDS
RECONNECT_PAUSE_SECONDS = 0.1  # after a refused attempt
GONE_SECONDS = 10
END_SECONDS = 90
APP = f"""\
import asyncio


async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await send({{"type": "websocket.accept"}})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    seconds = {STREAM_SECONDS} if scope["method"] == "POST" else 0
    for second in range(seconds):
        await send({{"type": "http.response.body", "body": b"%d\\n" % second, "more_body": True}})
        await asyncio.sleep(1)
    await send({{"type": "http.response.body"}})
"""
WHOLE = b"".join(b"%d\n" % second for second in range(STREAM_SECONDS))
VALUES: dict[str, Any] = {
    "autoscaling": {"enabled": False},
    "replicaCount": 1,
    "drainSeconds": DRAIN_SECONDS,
    "app": "streaming:app",
    "config": {"files": {"streaming.py": APP}},
    "env": {"UVICORN_APP_DIR": "/etc/app"},
    "uvicorn": {"timeoutGracefulShutdown": STREAM_SECONDS},
    "resources": {"requests": {"cpu": "100m"}},
}
NAIVE = VALUES | PLAIN_UVICORN | {"uvicorn": {}}


@dataclass
class Clients:
    """The clients of one port: streams that begin once, and WebSockets that reconnect."""

    port: int
    whole: int = 0
    """Streams that arrived to their end."""
    streams: int = 0
    """Streams that have begun."""
    connected: int = 0
    """WebSockets that are open now."""
    reconnects: list[float] = field(default_factory=list)
    """Moments at which a WebSocket was closed and its client connected again."""
    _all_connected: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> float:
        """Runs all clients, and returns the moment at which the last stream ended."""
        websockets = [asyncio.create_task(self._stay_connected()) for _ in range(WEBSOCKETS)]
        async with asyncio.timeout(END_SECONDS + STREAM_SECONDS):
            await self._all_connected.wait()
            await asyncio.gather(*(self._read_stream() for _ in range(STREAMS)))
        ended = time.monotonic()
        for websocket in websockets:
            websocket.cancel()
        await asyncio.gather(*websockets, return_exceptions=True)
        return ended

    async def _read_stream(self) -> None:
        reader, writer = await asyncio.open_connection(HOST, self.port)
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            writer.write(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            self.streams += 1
            body = await _chunked_body(reader)
            self.whole += body == WHOLE

    async def _stay_connected(self) -> None:
        url = f"ws://{HOST}:{self.port}/"
        while True:
            try:
                async with connect(url, compression=None, ping_interval=None) as websocket:
                    self.connected += 1
                    if self.connected == WEBSOCKETS:
                        self._all_connected.set()
                    try:
                        await websocket.recv()
                    finally:
                        self.connected -= 1
            except ConnectionClosed:
                self.reconnects.append(time.monotonic())
            except (OSError, InvalidHandshake):
                await asyncio.sleep(RECONNECT_PAUSE_SECONDS)


async def _chunked_body(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:size]
    return body


@dataclass(frozen=True)
class Result:
    """What the clients of one release saw in a rollout."""

    whole_streams: int
    reconnects: int
    most_in_a_second: int
    gone_seconds: float
    """From the end of the last stream to the end of the old pod."""


def measure(release: Release) -> Result:
    """Replaces the only pod while all clients are connected to it."""
    [old] = release.pods()
    clients = Clients(release.port or 0)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(asyncio.run, clients.run())
        what = f"{release.namespace}: {STREAMS} streams"
        wait_until(lambda: clients.streams == STREAMS or running.done(), END_SECONDS, what)
        release.kubectl("rollout", "restart", f"deployment/{FULL_NAME}")
        ended = running.result()
    pods = pykube.Pod.objects(release.client, namespace=release.namespace)
    wait_until(
        lambda: pods.get_or_none(name=old.name) is None,
        GONE_SECONDS,
        f"{old.name} gone after its last stream",
    )
    moments = sorted(clients.reconnects)
    most = max((bisect(moments, moment + 1) - i for i, moment in enumerate(moments)), default=0)
    return Result(clients.whole, len(moments), most, time.monotonic() - ended)


def test_a_rollout_cuts_no_stream_and_spreads_the_reconnects(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    release, control = install_together(
        install, ("streams", PORT, VALUES), ("streams-naive", CONTROL_PORT, NAIVE)
    )
    result, of_control = in_parallel(partial(measure, release), partial(measure, control))
    record_property("note", f"{result}; control: {of_control}")

    assert of_control.whole_streams == 0, f"the control cut nothing: {of_control}"
    assert of_control.most_in_a_second > MOST_IN_A_SECOND, f"the control spreads: {of_control}"
    assert result.whole_streams == STREAMS, f"wanted {STREAMS} whole streams: {result}"
    assert result.reconnects == WEBSOCKETS, f"wanted one reconnect of each WebSocket: {result}"
    assert result.most_in_a_second <= MOST_IN_A_SECOND, (
        f"wanted at most {MOST_IN_A_SECOND:g} reconnects in a second: {result}"
    )
