"""Latencies at a fixed rate, each from the moment at which its request was due.

Users do not wait for each other, so requests are due at random moments. If all connections are
busy, a request waits for one, and its latency contains this wait.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles

from tests.support.http_client import HOST

CONNECTIONS = 64
PATIENCE_SECONDS = 2
OPENING_SECONDS = 0.1
MOST_REQUESTS = 20_000
SEED = 20_260_103


@dataclass
class Latencies:
    """What became of the requests."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """The number by status, `gave up` after the patience, and each error by its name."""
    seconds: list[float] = field(default_factory=list)
    """Latencies of answers with status 200."""
    late_seconds: list[float] = field(default_factory=list)
    """The client's own delay: how late it noticed that a request was due."""


def percentile(seconds: list[float], percent: int) -> float:
    """Returns the latency that so many per cent do not exceed."""
    return quantiles(seconds, n=100, method="inclusive")[percent - 1]


async def measure(
    port: int, path: str, *, per_second: float, seconds: float, seed: int = SEED
) -> Latencies:
    """Sends requests on kept connections. Calls with the same rate and seed have the same moments.

    Keeps the client's core busy, because a timer would be late by up to a millisecond.
    Raises ValueError for more than `MOST_REQUESTS`.
    """
    if per_second * seconds > MOST_REQUESTS:
        raise ValueError(f"{per_second * seconds:.0f} requests, wanted at most {MOST_REQUESTS}")
    found = Latencies()
    due: asyncio.Queue[float | None] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            connection = _Connection(port, path)
            await connection.open()
            group.create_task(_answer_those_due(connection, due, found))
        begun = time.perf_counter() + OPENING_SECONDS
        for moment in _moments(per_second, seconds, seed):
            while time.perf_counter() < begun + moment:  # noqa: ASYNC110 - timers are too late
                await asyncio.sleep(0)
            found.late_seconds.append(time.perf_counter() - begun - moment)
            due.put_nowait(begun + moment)
        for _ in range(CONNECTIONS):
            due.put_nowait(None)
    return found


def _moments(per_second: float, seconds: float, seed: int) -> Iterator[float]:
    """Seconds after the begin. The gaps between them are those of independent users."""
    draw = random.Random(seed)  # noqa: S311 - it has to be the same for each server
    moment = draw.expovariate(per_second)
    while moment < seconds:
        yield moment
        moment += draw.expovariate(per_second)


class _Connection:
    """A kept connection, which is opened again if the server has closed it or will."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._request = f"GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Opens it unless it is open."""
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            self._streams = await asyncio.open_connection(HOST, self._port)
        return self._streams

    async def status(self) -> str:
        """Sends the request and reads the whole answer, which needs a Content-Length."""
        reader, writer = await self.open()
        writer.write(self._request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        await reader.readexactly(int(length))
        if b"\r\nconnection: close\r\n" in head:
            self.close()
        return head.split(b" ", 2)[1].decode()

    def close(self) -> None:
        """Closes it; the next request opens it again."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


async def _answer_those_due(
    connection: _Connection, due: asyncio.Queue[float | None], found: Latencies
) -> None:
    """Sends one request after the other until the queue has None."""
    while (moment := await due.get()) is not None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                outcome = await connection.status()
        except TimeoutError:
            outcome = "gave up"
            connection.close()
        except (OSError, asyncio.IncompleteReadError) as error:
            outcome = type(error).__name__
            connection.close()
        found.outcomes[outcome] += 1
        if outcome == "200":
            found.seconds.append(time.perf_counter() - moment)
    connection.close()
