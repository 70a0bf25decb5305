"""An OTLP receiver that drops all spans, so that tracing costs what it costs in a pod."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from tests.support.http_client import HOST

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def listening() -> socket.socket:
    """Returns a socket on a free port. Its address is known before the event loop runs."""
    return socket.create_server((HOST, 0))


@asynccontextmanager
async def receiving(listener: socket.socket) -> AsyncIterator[list[int]]:
    """Answers requests until the block ends; the list has the size of each, in bytes."""
    sizes: list[int] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(sizes), sock=listener)
    try:
        yield sizes
    finally:
        server.close()


class _Connection(asyncio.Protocol):
    """Reads requests with a Content-Length, one after another."""

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = sizes
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of asyncio's
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or self._transport is None:
            return
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) >= size:
            self._received = body[size:]
            self._sizes.append(size)
            self._transport.write(ANSWER)
