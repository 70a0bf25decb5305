"""A load client on loopback: keep-alive connections that each ask again as soon as answered."""

import asyncio
import time
from dataclasses import dataclass
from typing import cast

import uvloop


@dataclass
class Load:
    """What one run did."""

    requests: int
    seconds: float
    client_cpu_seconds: float

    @property
    def rate(self) -> float:
        """Requests answered per second."""
        return self.requests / self.seconds


class _Connection(asyncio.Protocol):
    """Learns the length of an answer from the first one; all must have it, and status 200."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._expected = 0
        self._received = 0
        self.answered = 0
        self.fault: str | None = None
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's
        self.transport = cast("asyncio.WriteTransport", transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._received and not data.startswith(b"HTTP/1.1 200"):
            self.fault = repr(data[:200])
            self.close()
            return
        if not self._expected:
            head, _, _ = data.partition(b"\r\n\r\n")
            fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
            self._expected = len(head) + 4 + int(fields[b"content-length"])
        self._received += len(data)
        if self._received >= self._expected:
            self.answered += 1
            self._received -= self._expected
            if self.transport is not None:
                self.transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is not None:
            self.fault = f"closed: {exc!r}"

    def close(self) -> None:
        """Asks no more."""
        if self.transport is not None:
            transport, self.transport = self.transport, None
            transport.close()


async def _load(port: int, request: bytes, connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    made = [
        (await loop.create_connection(lambda: _Connection(request), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    try:
        await asyncio.sleep(0.1)
        before, started = sum(one.answered for one in made), time.monotonic()
        cpu = time.process_time()
        await asyncio.sleep(seconds)
        answered = sum(one.answered for one in made) - before
        done = Load(answered, time.monotonic() - started, time.process_time() - cpu)
    finally:
        for one in made:
            one.close()
    for one in made:
        if one.fault:
            raise RuntimeError(f"port {port}: {one.fault}")
    if not done.requests:
        raise RuntimeError(f"port {port}: nothing was answered in {seconds:g} s")
    return done


def load(port: int, path: str, connections: int, seconds: float, **headers: str) -> Load:
    """Asks for a path without a pause; raises RuntimeError at any answer but a 200."""
    lines = [f"GET {path} HTTP/1.1", "host: bench"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    request = "\r\n".join([*lines, "", ""]).encode()
    return uvloop.run(_load(port, request, connections, seconds))
