"""No malformed request crashes the server, shows a traceback or leaves anything behind.

hypothesis draws requests with odd parts, and a seed. Each request is then sent many times, with
different damage and cut into different pieces. FUZZ_INPUTS sets the number of inputs; without it
they are always the same. For more: `FUZZ_INPUTS=1000000 pytest tests/runtime/test_fuzz.py`.
"""

import asyncio
import gc
import logging
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import cast

import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from uvicorn import Config
from uvicorn.server import ServerState
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.asgi import Receive, Scope, Send
from uvicorn_pod.gzip import GZipMiddleware
from uvicorn_pod.head_limits import HeadLimits, LimitedProtocol, limited_protocol
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.server_logs import JSONFormatter
from uvicorn_pod.websocket_app import WebSocketApp

from tests.support.recording_transport import RecordingTransport

INPUTS = int(os.environ.get("FUZZ_INPUTS", "100000"))
INPUTS_OF_EXAMPLE = 500
# Fewer than one per input. Objects that are kept once, such as a new series, are far fewer.
MOST_OBJECTS_OF_EXAMPLE = 100
MOST_MORE_BYTES = 10_000_000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
STATUS = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) ")

TRACEPARENT = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"
CHUNKS = b"5;x=y\r\nhello\r\n0\r\nx-t: 1\r\n\r\n"
STARTS = [b"GET / HTTP/1.1", b"HEAD / HTTP/1.1", b"POST / HTTP/1.1", b"POST /%2e?q=%ff HTTP/1.0"]
FIELDS = [
    *(b"host: a", b"host: [::1]:80", b"connection: close", b"expect: 100-continue"),
    *(b"accept-encoding: gzip;q=0.5, *", b"accept-encoding: gzip;q=;=,", b"accept-encoding: gzip"),
    *(b"accept-encoding: zstd;q=0.5, gzip;q=0.4", b"accept-encoding: zstd;q=;=,"),
    *(b"traceparent: " + TRACEPARENT, b"traceparent: ff--", b"x-forwarded-for: 1.2.3.4, , \xff"),
]
FRAMES = [
    *(b"content-length: 5\r\n\r\nhello", b"content-length: 3000\r\n\r\n" + b"a" * 3000, b"\r\n"),
    b"transfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nx-t: 1\r\n\r\n",
    b"transfer-encoding: chunked\r\n\r\n7d0\r\n" + b"a" * 2000 + b"\r\n0\r\n\r\n",
]
ODD_STARTS = [
    *(b"OPTIONS * HTTP/1.1", b"CONNECT a:443 HTTP/1.1", b"GET http://[::1]/ HTTP/1.1", b"GET  "),
    *(b"PRI * HTTP/2.0", b"GET / HTTP/9.9", b"\x16\x03\x01", b"GET /" + b"a" * 3000 + b" HTTP/1.1"),
]
ODD_FIELDS = [
    *(b"content-length: -1", b"content-length: 99999999999999999999", b"content-length: 5, 6"),
    *(
        b"transfer-encoding: gzip, chunked",
        b"connection: upgrade\r\nupgrade: h2c",
        b": ",
        b" folded",
    ),
    *(b"x: " + b"a" * 3000, b"\r\n".join([b"x: 1"] * 30)),
]
TOKENS = [
    *(b"\r\n", b"\r", b"\n", b"\x00", b"\xff", b": ", b";", b",", b" ", b"\t", b"%", b"a" * 3000),
    *(b"ffffffffffffffffff\r\n", b"\r\n\r\n", b"0\r\n", *ODD_FIELDS),
]


def _request(start: bytes, fields: list[bytes], odd: list[bytes], frame: bytes) -> bytes:
    return b"\r\n".join([start, *fields, *odd, frame])


# Mostly well formed, because parsing ends at the first fault.
REQUESTS = st.builds(
    _request,
    st.sampled_from(STARTS * 4 + ODD_STARTS),
    st.lists(st.sampled_from(FIELDS), max_size=5),
    st.sampled_from([[]] * 10 + [[field] for field in ODD_FIELDS])
    | st.lists(st.binary(), max_size=1),
    st.sampled_from(FRAMES),
)


async def _app(_scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok" * 20})


def _damaged(draw: random.Random, request: bytes) -> bytes:
    data = bytearray(request)
    for _ in range(draw.randint(0, 5)):
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
    transport = RecordingTransport()
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


class _Target:
    """The protocol, the accounting and gzip, connected as in the runtime, and their faults."""

    def __init__(self) -> None:
        self.faults: list[object] = []
        self.statuses: Counter[bytes] = Counter()
        self.inputs = 0
        self._lines: list[bytes] = []
        gzip = GZipMiddleware(_app, minimum_size=0)
        self._accounting = Accounting(
            Metrics(CollectorRegistry()), AccessLog(self._lines.append), max_body_bytes=1000
        )
        self._config = Config(gzip, log_config=None, access_log=False, ws="none")
        self._config.load()
        self._config.loaded_app = WebSocketApp(self._config.loaded_app, self._accounting)
        self._state = ServerState()
        self._protocol = limited_protocol(HeadLimits(60, 2048, 20), self._accounting)

    async def feed(self, draw: random.Random, request: bytes) -> None:
        """Asserts that each answer is well formed, and that no connection or task is left."""
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: self.faults.append(context)
        )
        for _ in range(INPUTS_OF_EXAMPLE):
            data = _damaged(draw, request)
            pieces = _pieces(draw, data)
            written = await _feed(self._protocol(self._config, self._state, {}), pieces)
            status = STATUS.match(written)
            assert status or not written, (pieces, written[:80])
            assert b"Traceback" not in written, pieces
            assert not self.faults, (pieces, self.faults)
            self.statuses[status[1] if status else b"none"] += 1
        self._accounting.flush_records()
        self._lines.clear()
        self.inputs += INPUTS_OF_EXAMPLE
        assert not self._state.connections
        assert not self._state.tasks
        assert not self._accounting.requests

    def keep_errors(self, record: logging.LogRecord) -> bool:
        """Records errors as faults, and drops every record: a capture of them would grow."""
        if record.levelno >= logging.ERROR:
            self.faults.append(JSONFormatter().format(record))
        return False


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def test_no_malformed_request_crashes_the_server_or_leaks_memory() -> None:
    target = _Target()
    kept: list[int] = []
    resident: list[int] = []

    @settings(
        max_examples=max(1, INPUTS // INPUTS_OF_EXAMPLE),
        deadline=None,
        database=None,
        derandomize="FUZZ_INPUTS" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests=st.lists(REQUESTS, min_size=1, max_size=3), seed=st.integers(0, 2**32))
    def fuzz(requests: list[bytes], seed: int) -> None:
        gc.collect()
        gc.freeze()  # later collections skip the objects that exist now
        runner.run(target.feed(random.Random(seed), b"".join(requests)))
        gc.collect()
        kept.append(len(gc.get_objects()))
        resident.append(_resident_bytes())

    logger = logging.getLogger("uvicorn.error")
    logger.addFilter(target.keep_errors)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            fuzz()
    finally:
        gc.unfreeze()
        logger.removeFilter(target.keep_errors)
    growth = resident[-1] - resident[len(resident) // 5]
    print(f"{target.inputs} inputs: {target.statuses}, {max(kept[1:])} objects, {growth:+} bytes")
    assert target.inputs >= INPUTS
    assert {b"200", b"400", b"413", b"431", b"none"} <= target.statuses.keys()
    assert max(kept[1:]) < MOST_OBJECTS_OF_EXAMPLE, (
        f"{max(kept[1:])} objects are left after one example"
    )
    assert growth < MOST_MORE_BYTES
