"""No malformed request crashes the server, shows a traceback or leaves anything behind.

FUZZ_INPUTS sets how many are tried: `FUZZ_INPUTS=100000 pytest tests/app/test_fuzz.py`.
"""

import asyncio
import gc
import logging
import os
import random
import re
import resource
from typing import cast

from prometheus_client import CollectorRegistry
from uvicorn import Config
from uvicorn.server import ServerState
from uvicorn_pod.gzip import GZipMiddleware
from uvicorn_pod.layer import Layer, Receive, Scope, Send
from uvicorn_pod.limits import Limits
from uvicorn_pod.logs import AccessLog, JSONFormatter
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.protocol import LimitedProtocol, limited_protocol

INPUTS = int(os.environ.get("FUZZ_INPUTS", "6000"))
SEEDS = [
    b"GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip;q=0.5, *\r\n\r\n",
    b"HEAD /%2e%00?q=%ff HTTP/1.1\r\nhost: a\r\naccept-encoding: identity\r\n\r\n",
    b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\nhello",
    b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nx-t: 1\r\n\r\n",
    b"GET / HTTP/1.0\r\ntraceparent: 00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nhost: [::1]:80\r\nx-forwarded-for: 1.2.3.4, , \xff\r\n\r\n",
    b"GET /socket HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
    b"CONNECT a:443 HTTP/1.1\r\n\r\n",
]
TOKENS = [
    *(b"\r\n", b"\r", b"\n", b"\x00", b"\xff", b": ", b";", b",", b" ", b"\t", b"%", b"a" * 3000),
    *(b"HTTP/9.9", b"PRI * HTTP/2.0\r\n", b"\x16\x03\x01", b"ffffffffffffffffff\r\n"),
    *(b"content-length: 99999999999999999999\r\n", b"content-length: -1\r\n"),
    *(b"transfer-encoding: gzip, chunked\r\n", b"traceparent: ff--\r\n"),
    b"accept-encoding: gzip;q=;;=,\r\n",
]
STATUS = re.compile(rb"HTTP/1\.1 [1-5]\d\d ")


class _Transport:
    """Keeps what is written to it."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def get_extra_info(self, _name: str) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def _app(_scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok" * 20})


def _mutated(draw: random.Random) -> bytes:
    data = bytearray(draw.choice(SEEDS) + draw.choice([b"", b"", draw.choice(SEEDS)]))
    for _ in range(draw.randint(1, 6)):
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + draw.choice([0, 1, 1, 4, 20]))
        data[start:end] = draw.choice(
            [b"", draw.randbytes(draw.randint(1, 4)), draw.choice(TOKENS), data[start:end] * 3]
        )
    return bytes(data)


def _pieces(draw: random.Random, data: bytes) -> list[bytes]:
    cuts = sorted(draw.randrange(len(data) + 1) for _ in range(draw.choice([0, 0, 1, 3])))
    ends = [*cuts, len(data)]
    return [data[start:end] for start, end in zip([0, *cuts], ends, strict=True) if start < end]


async def _feed(protocol: LimitedProtocol, pieces: list[bytes]) -> bytes:
    transport = _Transport()
    protocol.connection_made(cast("asyncio.Transport", transport))
    for piece in pieces:
        if transport.is_closed:
            break
        protocol.data_received(piece)
        for _ in range(3):
            await asyncio.sleep(0)
    protocol.connection_lost(None)
    for _ in range(3):
        await asyncio.sleep(0)
    return bytes(transport.written)


async def _fuzz(draw: random.Random, faults: list[object]) -> tuple[int, int]:
    """How many objects and kilobytes are kept that were not a fifth of the way before."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: faults.append(context))
    lines: list[bytes] = []
    gzip = GZipMiddleware(_app, minimum_size=0)
    layer = Layer(
        gzip, Metrics(CollectorRegistry()), lambda: False, AccessLog(lines.append),
        max_body_bytes=1000,
    )  # fmt: skip
    config = Config(layer, log_config=None, access_log=False, ws="none")
    config.load()
    state = ServerState()
    make = limited_protocol(Limits(60, 2048, 20))
    objects, kilobytes = 0, 0
    for number in range(INPUTS):
        data = _mutated(draw)
        written = await _feed(make(config, state, {}), _pieces(draw, data))
        assert b"Traceback" not in written, data
        assert not written or STATUS.match(written), (data, written[:80])
        lines.clear()
        if number == INPUTS // 5:
            objects, kilobytes = _kept()
    assert not state.connections
    assert not state.tasks
    now = _kept()
    return now[0] - objects, now[1] - kilobytes


def _kept() -> tuple[int, int]:
    gc.collect()
    return len(gc.get_objects()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_no_malformed_request_crashes_or_leaks() -> None:
    faults: list[object] = []

    def keep_errors(record: logging.LogRecord) -> bool:
        """Lets no record on: what captures them would grow."""
        if record.levelno >= logging.ERROR:
            faults.append(JSONFormatter().format(record))
        return False

    logger = logging.getLogger("uvicorn.error")
    logger.addFilter(keep_errors)
    try:
        objects, kilobytes = asyncio.run(_fuzz(random.Random(20_260_101), faults))
    finally:
        logger.removeFilter(keep_errors)
    assert not faults[:3]
    assert objects < 500
    assert kilobytes < 10_000
