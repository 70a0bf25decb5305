"""A client that measures a server's throughput on keep-alive connections.

`load` serves everything else. Here the client must not be the bottleneck, so this one exists too.
It needs a quarter of the CPU time per request: it parses only the first answer, and requires all
others to have the same length.
"""

import asyncio
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

from tests.support.http_client import HOST

LAST_ANSWER_SECONDS = 10


@dataclass
class Throughput:
    """The answers of one measurement, from the first request to the last answer."""

    requests: int
    seconds: float
    client_cpu_seconds: float

    @property
    def rate(self) -> float:
        """Requests answered per second."""
        return self.requests / self.seconds


class ThroughputClient:
    """Sends requests for one path during each measurement, and keeps its connections open."""

    def __init__(self, port: int, path: str, connections: int) -> None:
        self._port = port
        self._request = f"GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n".encode()
        self._number = connections
        self._connections: list[_Connection] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for _ in range(self._number):
            _, made = await loop.create_connection(
                lambda: _Connection(self._request), HOST, self._port
            )
            self._connections.append(made)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for one in self._connections:
            one.close()

    async def measure(self, seconds: float) -> Throughput:
        """Sends requests without a pause for this long, then waits for the last answers.

        Raises RuntimeError for an answer other than 200, for a connection that ends, and if the
        last answers do not arrive.
        """
        before, started = self._answered(), time.monotonic()
        cpu = time.process_time()
        for one in self._connections:
            one.start()
        await asyncio.sleep(seconds)
        ends = [one.stop() for one in self._connections]
        done, late = await asyncio.wait(ends, timeout=LAST_ANSWER_SECONDS)
        errors = [str(error) for end in done if (error := end.exception())]
        if errors or late:
            raise RuntimeError(f"port {self._port}: {errors[:1] or 'the last answers are missing'}")
        answered = self._answered() - before
        return Throughput(answered, time.monotonic() - started, time.process_time() - cpu)

    def _answered(self) -> int:
        return sum(one.answered for one in self._connections)


class _Connection(asyncio.Protocol):
    """Learns the length of an answer from the first one; all must have it, and status 200."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._expected = 0
        self._received = 0
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._is_stopping = False
        self._transport: asyncio.WriteTransport | None = None
        self.answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of asyncio's
        self._transport = cast("asyncio.WriteTransport", transport)

    def start(self) -> None:
        """Sends the first request of a measurement."""
        if not self._end.done() or self._end.exception() is None:
            self._end = asyncio.get_running_loop().create_future()
        self._is_stopping = False
        self._send()

    def stop(self) -> "asyncio.Future[None]":
        """Sends no further request; the future is done once the last answer has arrived."""
        self._is_stopping = True
        return self._end

    def data_received(self, data: bytes) -> None:
        if not self._received and not data.startswith(b"HTTP/1.1 200"):
            self._fail(repr(data[:200]))
            return
        if not self._expected:
            head, _, _ = data.partition(b"\r\n\r\n")
            fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
            self._expected = len(head) + 4 + int(fields[b"content-length"])
        self._received += len(data)
        if self._received >= self._expected:
            self.answered += 1
            self._received -= self._expected
            if self._is_stopping:
                self._end.set_result(None)
            else:
                self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail(f"closed: {exc!r}")

    def close(self) -> None:
        """Closes the connection."""
        self._end.cancel()
        if self._transport is not None:
            self._transport.close()

    def _send(self) -> None:
        if self._transport is not None:
            self._transport.write(self._request)

    def _fail(self, error: str) -> None:
        if not self._end.done():
            self._end.set_exception(RuntimeError(error))
        self.close()
