"""Clients that ask steadily, never retry, and count each request that gets no whole answer.

Half of them keep their connection until they are told to close it, half open one per request. To a
port on loopback, for so many seconds and requests at most.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.http_client import HOST

CLIENTS = 30
REQUESTS_PER_SECOND = 10  # of each client
MAX_SECONDS = 240
ANSWER_SECONDS = 10
REQUEST = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
LAST_REQUEST = b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextmanager
def asking_steadily(port: int) -> Iterator[Counter[str]]:
    """Ask until the block ends; the counter holds `answered` and, by reason, what was lost."""
    tally: Counter[str] = Counter()
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_ask_all(port, tally, stop)), daemon=True)
    thread.start()
    try:
        yield tally
    finally:
        stop.set()
        thread.join(timeout=2 * ANSWER_SECONDS)


def lost(tally: Counter[str]) -> int:
    """Requests that were sent and got no whole answer, or one other than 200."""
    return tally.total() - tally["answered"]


async def _ask_all(port: int, tally: Counter[str], stop: threading.Event) -> None:
    clients = [_ask_on_kept_connections, _ask_on_fresh_connections]
    await asyncio.gather(*(clients[n % 2](port, tally, stop) for n in range(CLIENTS)))


async def _ask_on_fresh_connections(port: int, tally: Counter[str], stop: threading.Event) -> None:
    deadline = time.monotonic() + MAX_SECONDS
    while not stop.is_set() and time.monotonic() < deadline:
        await _ask(port, None, tally, "fresh", LAST_REQUEST)
        await asyncio.sleep(1 / REQUESTS_PER_SECOND)


async def _ask_on_kept_connections(port: int, tally: Counter[str], stop: threading.Event) -> None:
    deadline = time.monotonic() + MAX_SECONDS
    kept: Streams | None = None
    while not stop.is_set() and time.monotonic() < deadline:
        if kept is not None and kept[0].at_eof():
            # Closed between two requests, as RFC 9112 §9.5 allows, and seen before the next.
            _close(kept)
            kept = None
        kept = await _ask(port, kept, tally, "kept", REQUEST)
        await asyncio.sleep(1 / REQUESTS_PER_SECOND)
    if kept is not None:
        _close(kept)


async def _ask(
    port: int, kept: Streams | None, tally: Counter[str], kind: str, request: bytes
) -> Streams | None:
    """Ask once; the connection, if it may be used again."""
    streams = kept
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            streams = kept or await asyncio.open_connection(HOST, port)
            streams[1].write(request)
            head = (await streams[0].readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            await streams[0].readexactly(length)
    except (OSError, EOFError, TimeoutError) as error:
        tally[f"{kind}: {type(error).__name__}"] += 1
        _close(streams)
        return None
    status = head.split(b" ", 2)[1].decode()
    tally["answered" if status == "200" else f"{kind}: status {status}"] += 1
    if b"\r\nconnection: close" not in head:
        return streams
    _close(streams)
    return None


def _close(streams: Streams | None) -> None:
    if streams is not None:
        with suppress(OSError):
            streams[1].close()
