"""The deflate behind the middleware is faster than zlib's, and zlib's where it is missing."""

import gzip
import zlib
from statistics import median
from time import thread_time
from typing import Protocol

import pytest
from reference import catalog
from starlette.responses import Response
from starlette.testclient import TestClient
from uvicorn_pod import gzip_encoder
from uvicorn_pod.gzip import GZipMiddleware
from zlib_ng import zlib_ng

from bench.shapes import all_shapes
from tests.support.serving import run_python

ROUNDS = 31
MOST_CPU = 0.8
MOST_CPU_OF_LEVEL_5 = 0.9


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def _seconds_and_bytes(compressor: _Compressor, body: bytes) -> tuple[float, int]:
    started = thread_time()
    size = len(compressor.compress(body) + compressor.flush())
    return thread_time() - started, size


def _zlib(body: bytes) -> tuple[float, int]:
    return _seconds_and_bytes(zlib.compressobj(5, wbits=31), body)


def _ours(level: int, body: bytes) -> tuple[float, int]:
    compressor = zlib_ng.compressobj(level, zlib.DEFLATED, 31, gzip_encoder.MEMORY_LEVEL)
    return _seconds_and_bytes(compressor, body)


@pytest.mark.quiet
@pytest.mark.parametrize("shape", all_shapes())
def test_level_5_takes_less_cpu_and_no_more_bytes_than_zlib(shape: str) -> None:
    body = all_shapes()[shape]
    ratios = [_ours(5, body)[0] / _zlib(body)[0] for _ in range(ROUNDS)]
    assert median(ratios) <= MOST_CPU, f"{shape}: {median(ratios):.2f} of zlib's CPU"
    ours, theirs = _ours(5, body)[1], _zlib(body)[1]
    assert ours <= theirs, f"{shape}: {ours} bytes, zlib {theirs}"


@pytest.mark.quiet
@pytest.mark.parametrize("shape", all_shapes())
def test_level_3_takes_less_cpu_than_level_5_and_hardly_more_bytes_than_zlib(shape: str) -> None:
    body = all_shapes()[shape]
    ratios = [_ours(3, body)[0] / _ours(5, body)[0] for _ in range(ROUNDS)]
    assert median(ratios) <= MOST_CPU_OF_LEVEL_5, f"{shape}: {median(ratios):.2f} of level 5's CPU"
    ours, theirs = _ours(3, body)[1], _zlib(body)[1]
    assert ours <= 1.1 * theirs, f"{shape}: {ours} bytes, zlib {theirs}"


@pytest.mark.parametrize("level", range(1, 10))
def test_every_level_gives_gzip_that_others_can_read(level: int) -> None:
    response = Response(catalog.body())
    app = GZipMiddleware(response, compresslevel=level, thread_minimum_size=0)
    client = TestClient(app)
    with client.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == catalog.body()
    assert len(raw) == int(answer.headers["content-length"]) < len(catalog.body()) // 3


def test_zlib_takes_over_with_one_warning_where_the_library_is_missing() -> None:
    show = (
        "import sys; sys.modules['zlib_ng'] = None; import uvicorn_pod.gzip, uvicorn_pod.gzip\n"
        "from uvicorn_pod.gzip import GZipMiddleware; GZipMiddleware(None)\n"
        "from uvicorn_pod.gzip_encoder import deflate; print(deflate.__name__)"
    )
    ended = run_python("-c", show)
    assert (ended.returncode, ended.stdout) == (0, "zlib\n"), ended
    assert ended.stderr.count("\n") == 1
    assert "install uvicorn-pod[gzip]" in ended.stderr
